//! Compiles one component and runs it in a fresh process; with `--listen` it
//! serves it.

use assay_engine::{Host, Machine, Result};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let started = assay_engine::clock::now();
    // Behind the file, `--listen` would be the guest's.
    let serves = std::env::args()
        .nth(1)
        .is_some_and(|first| first == "--listen");
    if serves {
        assay_runner::serve::main(started, compile)
    } else {
        assay_runner::command::main(started, compile)
    }
}

fn compile(host: &Host, wasm: &Path) -> Result<Machine> {
    host.compile_in_place(&std::fs::read(wasm)?)
}
