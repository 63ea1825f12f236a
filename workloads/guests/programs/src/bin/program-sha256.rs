//! `program-sha256 ROUNDS FILE…`: a digest of each file.
//!
//! The state of a file begins empty and is ROUNDS times replaced by
//! SHA-256(state, then the content). Prints the last state and the name, as
//! sha256sum does.

use std::process::ExitCode;

use assay_guests_programs::{Digest as _, Failure, Sha256, finish, hex, number, read, say};

fn main() -> ExitCode {
    finish("program-sha256", run())
}

fn run() -> Result<(), Failure> {
    let rounds = number(1, "how many rounds")?;
    let mut text = String::new();
    for name in std::env::args().skip(2) {
        let content = read(&name)?;
        let mut state = Vec::new();
        for _ in 0..rounds {
            let mut hash = Sha256::new();
            hash.update(&state);
            hash.update(&content);
            state = hash.finalize().to_vec();
        }
        text += &format!("{}  {name}\n", hex(&state));
    }
    say(&text)
}
