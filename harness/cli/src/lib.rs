//! The verbs: composes the rooms and knows how nothing is measured.

mod architectures;
mod args;
mod baselines;
mod binary;
mod console;
mod exec;
mod exit;
mod job;
mod list;
mod programs;
mod progress;
mod select;
mod shard;
mod suite;
mod table;
mod tool;
mod verbs;

use clap::Parser as _;
use std::process::ExitCode;

pub use exit::Failure;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        // Usage errors go to stderr with exit code 2, help to stdout with 0.
        Err(error) => {
            let code = if error.use_stderr() {
                exit::USAGE
            } else {
                exit::OK
            };
            // A closed stdout leaves nobody to tell.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match verbs::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code())
        }
    }
}
