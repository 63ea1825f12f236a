//! `cli-exit ok|error|panic`: says "before", then leaves in one of the three
//! ways a command can leave.
//!
//! `ok` is exit status 0, `error` is a failure the program chose to report,
//! `panic` is one it did not: with `panic = "abort"` the component executes
//! `unreachable` and traps, and the twin raises `SIGABRT`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use assay_guests_cli::{argument, say};

fn main() -> io::Result<ExitCode> {
    let way = argument(1, "ok, error or panic")?;
    say("before\n")?;
    match way.as_str() {
        "ok" => Ok(ExitCode::SUCCESS),
        "error" => {
            io::stderr().write_all(b"cli-exit: asked to fail\n")?;
            Ok(ExitCode::FAILURE)
        }
        "panic" => panic!("asked to panic"),
        other => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("argument 1 is {other:?}, not ok, error or panic"),
        )),
    }
}
