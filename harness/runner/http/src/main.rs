//! Serves one precompiled handler in a fresh process.

use std::process::ExitCode;

fn main() -> ExitCode {
    let started = assay_engine::clock::now();
    assay_runner::serve::main(started, assay_runner::precompiled)
}
