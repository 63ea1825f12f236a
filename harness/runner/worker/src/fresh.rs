//! Compiles one component and runs it in this process; with `--listen` it
//! serves it.
//!
//! It shares a program with the resident engine because both hold the whole
//! compiler, and linking that is the slowest step of a build. Nothing of the
//! resident engine is started here.

use assay_engine::{Host, Machine, Result};
use assay_runner::Operands;
use std::path::Path;
use std::process::ExitCode;

/// Runs what the words after [`assay_wire::worker::RUN`] say. `started` is the
/// instant of the first statement of `main`.
#[must_use]
pub fn main(started: u64, line: impl Iterator<Item = String>) -> ExitCode {
    let operands = Operands::read(line);
    let serves = matches!(&operands, Ok(operands) if operands.listen.is_some());
    match serves {
        true => assay_runner::serve::main(started, operands, compile),
        false => assay_runner::command::main(started, operands, compile),
    }
}

fn compile(host: &Host, wasm: &Path) -> Result<Machine> {
    host.compile_in_place(&std::fs::read(wasm)?)
}
