//! What the guests share that call wasi:sockets themselves.
//!
//! They exist as components only. Each is one file in `src/bin`, with what it
//! does in a module `component`; elsewhere it calls [`component_only`]. No guest
//! prints a port: ports are the host's choice. Errors are printed by the names
//! that the specification gives them.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::process::ExitCode;

#[cfg(target_os = "wasi")]
mod sockets;
#[cfg(target_os = "wasi")]
pub use sockets::*;

/// What these programs do outside WASI: they say why not, and fail.
#[must_use]
pub fn component_only() -> ExitCode {
    // Nothing is left to tell anybody if stderr is closed as well.
    let _ = io::stderr()
        .write_all(b"this program calls WASI interfaces and exists only as a component\n");
    ExitCode::from(2)
}

/// The end of a component: an error of stdout or of its arguments is told.
#[must_use]
pub fn ended(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // As above.
            let _ = io::stderr().write_all(format!("{error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

/// The command-line argument at `position` (0 is the program), empty if there
/// is none.
#[must_use]
pub fn argument(position: usize) -> String {
    std::env::args().nth(position).unwrap_or_default()
}

/// The error of a program that was asked for something it does not do.
#[must_use]
pub fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what.to_owned())
}

/// What a guest saw, a line for each thing, said in one piece.
#[derive(Debug, Default)]
pub struct Report(String);

impl Report {
    /// Adds the line `what: value`.
    pub fn line(&mut self, what: &str, value: impl Display) {
        // Writing into a String cannot fail: its `fmt::Write` has no error path.
        let _ = writeln!(self.0, "{what}: {value}");
    }

    /// Says all lines in one write.
    ///
    /// # Errors
    /// Whatever stdout reports, for example that it is closed.
    pub fn say(&mut self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(self.0.as_bytes())?;
        self.0.clear();
        stdout.flush()
    }
}

/// Bytes between quotes, escaped.
#[must_use]
pub fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_escaped() {
        assert_eq!(quoted(b"a\x00\"\n"), r#""a\x00\"\n""#);
    }
}
