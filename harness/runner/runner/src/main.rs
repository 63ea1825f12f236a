//! Runs one precompiled command in a fresh process.

use std::process::ExitCode;

fn main() -> ExitCode {
    let started = assay_engine::clock::now();
    assay_runner::command::main(started, assay_runner::precompiled)
}
