//! `assay-docker`: runs one container through the Docker Engine API.
//!
//! `docker run` is a command line above that API; this is as little as can be
//! above it, so that the two can be told apart: it creates a container, attaches
//! to it, starts it, and passes on its streams and its status. It is a process
//! of its own because nothing measured runs in the harness; its start-up is in
//! the measured span, as that of `docker` is.

mod args;
mod error;
mod streams;
mod verbs;

use std::process::ExitCode;

use args::{Invocation, USAGE, Verb};

const VERSION: &str = concat!("assay-docker ", env!("CARGO_PKG_VERSION"));

/// What `docker run` exits with when the daemon refused.
const FAILED: u8 = 125;

fn main() -> ExitCode {
    let invocation = match args::parse(std::env::args().skip(1)) {
        Ok(invocation) => invocation,
        Err(problem) => {
            eprintln!("assay-docker: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let (endpoint, verb) = match invocation {
        Invocation::Help => return print(USAGE),
        Invocation::Version => return print(VERSION),
        Invocation::Ask(endpoint, verb) => (endpoint, verb),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    let result = runtime
        .map_err(error::io("cannot start"))
        .and_then(|runtime| runtime.block_on(verbs::carry_out(&endpoint, &verb)));
    match result {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("assay-docker: {error}");
            ExitCode::from(match verb {
                Verb::Run { .. } => FAILED,
                _ => 1,
            })
        }
    }
}

fn print(text: &str) -> ExitCode {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
