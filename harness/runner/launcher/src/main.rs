//! Starts processes for the harness and stamps what they do. See
//! `harness/ARCHITECTURE.md`, "No measured work inside the harness process".

use std::process::ExitCode;

fn main() -> ExitCode {
    match assay_launcher::session::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assay-launcher: {error}");
            ExitCode::FAILURE
        }
    }
}
