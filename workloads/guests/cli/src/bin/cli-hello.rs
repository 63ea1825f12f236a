//! `cli-hello [NONCE]`: one line, and out.
//!
//! The nonce, when given, ends the line. A host that keeps many instances
//! gives each its own and so can tell that each of them really ran.

use std::io;

use assay_guests_cli::say;

fn main() -> io::Result<()> {
    let mut line = String::from("hello from a component");
    if let Some(nonce) = std::env::args().nth(1) {
        line.push(' ');
        line.push_str(&nonce);
    }
    line.push('\n');
    say(&line)
}
