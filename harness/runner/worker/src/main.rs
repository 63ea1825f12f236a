//! `assay-worker CONFIG INSTANCES [trace]`: keeps one engine up and starts instances in
//! it, on request over the socket that is its standard input.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let config = args.next().unwrap_or_default();
    let instances = args.next().unwrap_or_default();
    let trace = args.next().is_some_and(|word| word == "trace");
    match assay_worker::session::run(&config, &instances, trace) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assay-worker: {error}");
            ExitCode::FAILURE
        }
    }
}
