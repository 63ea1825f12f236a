//! `control-map-order`: the numbers from 0 to 63 in the order in which a
//! `HashMap` with its random state gives them back.
//!
//! A negative control: the state is drawn anew for every process or instance.

use std::collections::HashMap;
use std::io;

use assay_guests_cli::say;

fn main() -> io::Result<()> {
    let map: HashMap<u32, ()> = (0..64).map(|key| (key, ())).collect();
    let keys: Vec<String> = map.keys().map(u32::to_string).collect();
    say(&format!("{}\n", keys.join(" ")))
}
