//! The guests of `lang/` and `compose/` in Rust. What they do is written down
//! in `workloads/sources/SPEC.md`, for all languages.
//!
//! The logic knows nothing of WASI or hyper; [`native`] and `wasi` are the two
//! shells of the servers.

use std::io::{self, Write as _};

pub mod compose;
pub mod guard;
pub mod json_api;
#[cfg(not(target_os = "wasi"))]
pub mod native;
pub mod text;
#[cfg(target_os = "wasi")]
pub mod wasi;

/// A request as a handler sees it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, as it was sent.
    pub method: &'a str,
    /// The path with its query, as it was sent.
    pub path: &'a str,
    /// The values of `authorization`, in order.
    pub authorization: &'a [Vec<u8>],
    /// The whole body.
    pub body: &'a [u8],
}

/// What goes back. The shell adds what belongs to its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Headers beside `content-type: application/json`; names in lower case.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// An answer with no headers of its own.
    #[must_use]
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A server: from a request to the answer.
pub type Handler = fn(Request<'_>) -> Answer;

/// `bytes` as the specification escapes them.
#[must_use]
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

/// Writes `text` to standard output in one call and flushes it.
///
/// # Errors
/// Whatever the standard output of the world reports.
pub fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_byte_is_escaped_as_specified() {
        assert_eq!(
            escaped(b"a\t\n\r\"\\'~\x7f\0\xc3\xbc"),
            r#"a\t\n\r\"\\'~\x7f\x00\xc3\xbc"#
        );
    }
}
