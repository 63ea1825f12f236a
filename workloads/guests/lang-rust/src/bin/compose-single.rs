//! The `compose` command in one piece: `workloads/sources/SPEC.md`.

use std::io;
use std::process::ExitCode;

use assay_guests_lang_rust::text::Here;
use assay_guests_lang_rust::{compose, say};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(text) = compose::run::<Here>(&arguments) else {
        eprintln!("{}", compose::USAGE);
        return Ok(ExitCode::FAILURE);
    };
    say(&text)?;
    Ok(ExitCode::SUCCESS)
}
