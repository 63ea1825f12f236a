//! `cli-args ARG…`: how many arguments arrived, and a digest of them all.
//!
//! Prints the number of arguments after the program's own name, the sum of
//! their lengths, the SHA-256 over every argument followed by a NUL (so that
//! moving a byte from one argument to the next changes it), and the first and
//! the last, each with its length and its first 40 bytes escaped.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;

use assay_guests_cli::{Digest as _, Sha256, hex, say};

/// How much of an argument is shown; the digest covers the rest.
const SHOWN: usize = 40;

fn main() -> io::Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mut hash = Sha256::new();
    let mut bytes = 0;
    for argument in &arguments {
        let argument = argument.as_encoded_bytes();
        bytes += argument.len();
        hash.update(argument);
        hash.update([0]);
    }
    let mut text = format!(
        "arguments {}\nbytes {bytes}\nsha256 {}\n",
        arguments.len(),
        hex(&hash.finalize())
    );
    for (which, argument) in [("first", arguments.first()), ("last", arguments.last())] {
        if let Some(argument) = argument {
            let argument = argument.as_encoded_bytes();
            let shown = &argument[..argument.len().min(SHOWN)];
            // Writing into a String cannot fail: its `fmt::Write` has no error path.
            let _ = writeln!(
                text,
                "{which} {} \"{}\"",
                argument.len(),
                shown.escape_ascii()
            );
        }
    }
    say(&text)
}
