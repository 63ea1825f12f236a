//! `cli-args-env ARG…`: prints its arguments in order, then those variables of
//! its environment whose name starts with `ASSAY_`, sorted by name.
//!
//! Every value stands between quotes with `\xNN` for what is not printable
//! ASCII, so an empty argument, a newline inside one and a lost byte all look
//! different. Other variables are left out: container runtimes add `HOME` and
//! `PATH` of their own, and that is their right.

use std::fmt::Write as _;
use std::io;

use assay_guests_cli::say;

const PREFIX: &[u8] = b"ASSAY_";

fn main() -> io::Result<()> {
    let mut text = String::new();
    // Writing into a String cannot fail: its `fmt::Write` has no error path.
    for (position, argument) in std::env::args_os().enumerate().skip(1) {
        let bytes = argument.as_encoded_bytes();
        let _ = writeln!(text, "arg {position} \"{}\"", bytes.escape_ascii());
    }

    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| name.as_encoded_bytes().starts_with(PREFIX))
        .collect();
    variables.sort();
    for (name, value) in &variables {
        let _ = writeln!(
            text,
            "env \"{}\" \"{}\"",
            name.as_encoded_bytes().escape_ascii(),
            value.as_encoded_bytes().escape_ascii()
        );
    }
    say(&text)
}
