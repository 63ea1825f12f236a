//! `assay-youki`: starts one OCI bundle with libcontainer.
//!
//! A front end as small as it can be around the library that youki is made of,
//! so that a real container can be measured where no engine is installed.
//!
//! **Single-threaded, always.** libcontainer clones this process and runs Rust
//! code in the child; in a threaded process that child could find a lock held
//! by a thread that no longer exists. Nothing here may start a thread.
//!
//! Its own start-up is inside the measured span, as crun's and runc's are.

mod args;
mod error;
mod identity;
mod init;
mod payload;
mod report;
mod rootless;
mod run;
mod stamps;
mod supervise;
mod verbs;

use std::process::ExitCode;

use args::{Command, USAGE};
use stamps::Stamps;

/// `assay-youki X.Y.Z (libcontainer 0.7.0)`; a test compares the second number
/// with the lock file.
const VERSION: &str = concat!(
    "assay-youki ",
    env!("CARGO_PKG_VERSION"),
    " (libcontainer 0.7.0)"
);

fn main() -> ExitCode {
    let mut stamps = Stamps::at_main();
    // A container must not be handed file descriptors beyond its three streams,
    // and libcontainer keeps those that LISTEN_FDS announces (socket activation).
    // SAFETY: needed because libcontainer reads the variable from the process
    // environment; sound because this process has one thread, see above.
    unsafe { std::env::remove_var("LISTEN_FDS") };

    let command = match args::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("assay-youki: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let (result, failure) = match command {
        Command::Help => (say(USAGE), 1),
        Command::Version => (say(VERSION), 1),
        // 125 is what docker and podman answer when the container could not be
        // started, so that it is not taken for the payload's own status.
        Command::Run(options) => (run::run(&options, &mut stamps), 125),
        Command::Delete { target, force } => (verbs::delete(&target, force), 1),
        Command::Kill { target, signal } => (verbs::kill(&target, signal), 1),
        Command::State { target } => (verbs::state(&target).and_then(|json| say(&json)), 1),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("assay-youki: {}", error::with_causes(&error));
            ExitCode::from(failure)
        }
    }
}

/// Writes one answer to stdout.
fn say(text: &str) -> Result<u8, error::Error> {
    use std::io::Write;
    writeln!(std::io::stdout().lock(), "{text}").map_err(error::Error::Answer)?;
    Ok(0)
}
