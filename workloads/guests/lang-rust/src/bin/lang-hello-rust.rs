//! `lang/hello` in Rust; the specification is `workloads/sources/SPEC.md`.

use std::io;
use std::process::ExitCode;

use assay_guests_lang_rust::{escaped, say};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => say("hello from a component\n")?,
        [text] => say(&format!("hello \"{}\"\n", escaped(text.as_bytes())))?,
        more => {
            eprintln!("hello: at most one argument, not {}", more.len());
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
