//! What the guests share that call WASI interfaces themselves.
//!
//! They exist as components only. Each is one file in `src/bin`, with what it
//! does in a module `component`; elsewhere it calls [`component_only`].

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use sha2::{Digest as _, Sha256};

/// What these programs do outside WASI: they say why not, and fail.
#[must_use]
pub fn component_only() -> ExitCode {
    // Nothing is left to tell anybody if stderr is closed as well.
    let _ = std::io::stderr()
        .write_all(b"this program calls WASI interfaces and exists only as a component\n");
    ExitCode::from(2)
}

/// Writes `text` to stdout through the standard library, and flushes it.
///
/// # Errors
/// Whatever stdout reports, for example that it is closed.
pub fn say(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes `text` to stderr: where the program reports when stdout is what it
/// tries.
///
/// # Errors
/// Whatever stderr reports, for example that it is closed.
pub fn complain(text: &str) -> std::io::Result<()> {
    std::io::stderr().write_all(text.as_bytes())
}

/// The command-line argument at `position` (0 is the program), empty if there
/// is none.
#[must_use]
pub fn argument(position: usize) -> String {
    std::env::args().nth(position).unwrap_or_default()
}

/// The same as a number, 0 if there is none or it is no number.
#[must_use]
pub fn number(position: usize) -> u64 {
    argument(position).parse().unwrap_or_default()
}

/// The end of a program that was asked for something it does not do.
#[must_use]
pub fn unknown(what: &str) -> String {
    format!("'{what}' is nothing that this program does\n")
}

/// The SHA-256 of `bytes` in lower-case hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a String cannot fail: its `fmt::Write` has no error path.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The name that the specification gives to an error of a stream.
#[cfg(target_os = "wasi")]
#[must_use]
pub fn named(error: &wasip2::io::streams::StreamError) -> &'static str {
    use wasip2::io::streams::StreamError;
    match error {
        StreamError::LastOperationFailed(_) => "last-operation-failed",
        StreamError::Closed => "closed",
    }
}

/// `value` as it is shown, or the name of the error.
#[cfg(target_os = "wasi")]
pub fn shown<T>(
    result: Result<T, wasip2::io::streams::StreamError>,
    show: impl FnOnce(T) -> String,
) -> String {
    match result {
        Ok(value) => show(value),
        Err(error) => named(&error).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_sha_256_of_fips_180_4() {
        // FIPS 180-4 example: the message "abc".
        assert_eq!(
            digest(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
