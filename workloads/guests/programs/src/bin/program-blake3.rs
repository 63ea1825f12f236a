//! `program-blake3 ROUNDS FILE…`: a BLAKE3 digest of each file.
//!
//! The state of a file begins empty and is ROUNDS times replaced by
//! BLAKE3(state, then the content). Prints the last state and the name, as
//! b3sum does.

use std::process::ExitCode;

use assay_guests_programs::{Failure, finish, hex, number, read, say};

fn main() -> ExitCode {
    finish("program-blake3", run())
}

fn run() -> Result<(), Failure> {
    let rounds = number(1, "how many rounds")?;
    let mut text = String::new();
    for name in std::env::args().skip(2) {
        let content = read(&name)?;
        let mut state = Vec::new();
        for _ in 0..rounds {
            let mut hash = blake3::Hasher::new();
            hash.update(&state);
            hash.update(&content);
            state = hash.finalize().as_bytes().to_vec();
        }
        text += &format!("{}  {name}\n", hex(&state));
    }
    say(&text)
}
