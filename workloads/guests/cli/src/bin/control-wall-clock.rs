//! `control-wall-clock`: prints the wall clock, in nanoseconds since the epoch.
//!
//! A negative control: its outcome cannot be the same twice, and a harness
//! that does not notice compares nothing.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use assay_guests_cli::say;

fn main() -> io::Result<()> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(io::Error::other)?;
    say(&format!("nanoseconds {}\n", now.as_nanos()))
}
