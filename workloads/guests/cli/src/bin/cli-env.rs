//! `cli-env [NAME…]`: the variables of its environment that begin with
//! `ASSAY_`, as a number and a digest, and then each NAME looked up.
//!
//! The digest is the SHA-256 over `NAME=VALUE` and a NUL for each of them,
//! sorted by name. A variable that is not there is `unset`, which is not the
//! same as an empty one.

use std::fmt::Write as _;
use std::io;

use assay_guests_cli::{Digest as _, Sha256, hex, say};

const PREFIX: &[u8] = b"ASSAY_";

fn main() -> io::Result<()> {
    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| name.as_encoded_bytes().starts_with(PREFIX))
        .collect();
    variables.sort();
    let mut hash = Sha256::new();
    for (name, value) in &variables {
        hash.update(name.as_encoded_bytes());
        hash.update(b"=");
        hash.update(value.as_encoded_bytes());
        hash.update([0]);
    }
    let mut text = format!(
        "variables {}\nsha256 {}\n",
        variables.len(),
        hex(&hash.finalize())
    );
    for name in std::env::args_os().skip(1) {
        let shown = name.as_encoded_bytes().escape_ascii();
        // Writing into a String cannot fail: its `fmt::Write` has no error path.
        let _ = match std::env::var_os(&name) {
            Some(value) => writeln!(
                text,
                "{shown} = \"{}\"",
                value.as_encoded_bytes().escape_ascii()
            ),
            None => writeln!(text, "{shown} unset"),
        };
    }
    say(&text)
}
