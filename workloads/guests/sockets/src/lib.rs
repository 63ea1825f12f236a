//! What the socket guests share. The same source for both worlds.
//!
//! No guest prints a port: ports are the kernel's choice. What it prints is
//! whether one equals another.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::net::SocketAddr;

/// Writes `text` to stdout in one call and flushes it.
///
/// # Errors
/// Whatever stdout reports, for example that it is closed.
pub fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The command-line argument at `position` (0 is the program).
///
/// # Errors
/// `InvalidInput` that says what is missing.
pub fn argument(position: usize, meaning: &str) -> io::Result<String> {
    std::env::args()
        .nth(position)
        .ok_or_else(|| wrong(&format!("argument {position} is missing: {meaning}")))
}

/// The address at `position`, as `127.0.0.1:PORT` or `[::1]:PORT`.
///
/// # Errors
/// `InvalidInput` if it is missing or none.
pub fn address(position: usize) -> io::Result<SocketAddr> {
    let text = argument(position, "an address with a port")?;
    text.parse()
        .map_err(|_| wrong(&format!("argument {position} is {text:?}, not an address")))
}

/// The error of a program that was asked for something it does not do.
#[must_use]
pub fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what.to_owned())
}

/// The POSIX name of an error: numbers differ between the C libraries.
#[must_use]
pub fn named(error: &io::Error) -> String {
    let name = match error.raw_os_error() {
        Some(libc::EADDRINUSE) => "EADDRINUSE",
        Some(libc::EADDRNOTAVAIL) => "EADDRNOTAVAIL",
        Some(libc::EAGAIN) => "EAGAIN",
        Some(libc::ECONNABORTED) => "ECONNABORTED",
        Some(libc::ECONNREFUSED) => "ECONNREFUSED",
        Some(libc::ECONNRESET) => "ECONNRESET",
        Some(libc::EINVAL) => "EINVAL",
        Some(libc::EMSGSIZE) => "EMSGSIZE",
        Some(libc::ENOTCONN) => "ENOTCONN",
        Some(libc::ENOTSUP) => "ENOTSUP",
        Some(libc::EPIPE) => "EPIPE",
        _ => return format!("unexpected error: {error:?}"),
    };
    name.to_owned()
}

/// What a call gave: its value, or the name of its error.
pub fn shown<T: Display>(result: io::Result<T>) -> String {
    match result {
        Ok(value) => value.to_string(),
        Err(error) => named(&error),
    }
}

/// What reading from a connection gave that the peer has reset. The C library of
/// WASI has EIO where POSIX has ECONNRESET, so only that it is an error, and not
/// the end, can be the same in both worlds.
pub fn after_reset(result: io::Result<usize>) -> String {
    match result {
        Ok(0) => "the end".to_owned(),
        Ok(count) => format!("{count} bytes"),
        Err(_) => "an error".to_owned(),
    }
}

/// Bytes between quotes, escaped.
#[must_use]
pub fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
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

    /// Says all lines.
    ///
    /// # Errors
    /// As [`say`].
    pub fn say(&self) -> io::Result<()> {
        say(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_posix_names() {
        let of = |number| named(&io::Error::from_raw_os_error(number));
        assert_eq!(of(libc::ECONNREFUSED), "ECONNREFUSED");
        assert!(of(libc::ENOENT).starts_with("unexpected error: "));
        assert!(named(&wrong("x")).starts_with("unexpected error: "));
    }

    #[test]
    fn bytes_are_escaped() {
        assert_eq!(quoted(b"a\x00\"\n"), r#""a\x00\"\n""#);
    }
}
