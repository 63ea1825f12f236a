//! `assay-worker CONFIG INSTANCES [trace]` keeps one engine up and starts
//! instances in it, on request over the socket that is its standard input.
//! `assay-worker run …` is a fresh process around one component instead.

use assay_worker::fresh;
use std::process::ExitCode;

fn main() -> ExitCode {
    let started = assay_engine::clock::now();
    let mut args = std::env::args().skip(1);
    let first = args.next().unwrap_or_default();
    if first == assay_wire::worker::RUN {
        return fresh::main(started, args);
    }
    let instances = args.next().unwrap_or_default();
    let trace = args.next().is_some_and(|word| word == "trace");
    match assay_worker::session::run(&first, &instances, trace) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assay-worker: {error}");
            ExitCode::FAILURE
        }
    }
}
