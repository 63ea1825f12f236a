//! Compiles one component and runs it in a fresh process; with `--listen` it
//! serves it.

use assay_engine::{Host, Machine, Result};
use assay_runner::Operands;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let started = assay_engine::clock::now();
    let operands = Operands::read(std::env::args());
    if operands.is_ok_and(|operands| operands.listen.is_some()) {
        assay_runner::serve::main(started, compile)
    } else {
        assay_runner::command::main(started, compile)
    }
}

fn compile(host: &Host, wasm: &Path) -> Result<Machine> {
    host.compile_in_place(&std::fs::read(wasm)?)
}
