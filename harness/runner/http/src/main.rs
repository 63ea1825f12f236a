//! Serves one precompiled handler in a fresh process.

use assay_runner::Operands;
use std::process::ExitCode;

fn main() -> ExitCode {
    let started = assay_engine::clock::now();
    let operands = Operands::read(std::env::args().skip(1));
    assay_runner::serve::main(started, operands, assay_runner::precompiled)
}
