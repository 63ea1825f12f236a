//! What the programs share: their arguments, their input, their end.
//!
//! Nothing here asks which target it is built for: a program and its native
//! twin are the same source, line by line.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

pub use sha2::{Digest, Sha256};
use thiserror::Error;

/// Why a program could not do what it was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// An argument is not there.
    #[error("argument {position} is missing: {meaning}")]
    Missing {
        /// 1 is the first after the program's name.
        position: usize,
        /// What it would have said.
        meaning: &'static str,
    },
    /// An argument cannot be used.
    #[error("argument {position} ({meaning}) is {text:?}: {why}")]
    Argument {
        /// 1 is the first after the program's name.
        position: usize,
        /// What it should say.
        meaning: &'static str,
        /// What it says.
        text: String,
        /// What is wrong with that.
        why: String,
    },
    /// A file, or a standard stream.
    #[error("{what}: {error}")]
    File {
        /// Its name.
        what: String,
        /// What the system says.
        error: io::Error,
    },
    /// The input is not what the program reads.
    #[error("{what}: {why}")]
    Input {
        /// Which input.
        what: String,
        /// What is wrong with it, and where.
        why: String,
    },
}

impl Failure {
    /// For `map_err`: the input `what` is wrong, as the error says.
    pub fn input<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> Self + '_ {
        move |error| Self::Input {
            what: what.to_owned(),
            why: error.to_string(),
        }
    }
}

/// The end of a program: its failure goes to stderr in one line, and the exit
/// is 1.
pub fn finish(name: &str, result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to be told when stderr is closed.
            let _ = writeln!(io::stderr(), "{name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The lower-case hexadecimal form of `bytes`, two digits a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a String cannot fail: its `fmt::Write` has no error path.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The SHA-256 of `bytes` in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes `text` to stdout in one call and flushes it.
///
/// # Errors
/// What the standard output of the world reports.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::File {
            what: "stdout".to_owned(),
            error,
        })
}

/// The argument at `position` (1 is the first after the program's name).
///
/// # Errors
/// If there are fewer, or if it is not UTF-8 (which in WASI it always is).
pub fn argument(position: usize, meaning: &'static str) -> Result<String, Failure> {
    std::env::args_os()
        .nth(position)
        .ok_or(Failure::Missing { position, meaning })?
        .into_string()
        .map_err(|text| Failure::Argument {
            position,
            meaning,
            text: text.to_string_lossy().into_owned(),
            why: "not UTF-8".to_owned(),
        })
}

/// The argument at `position` as a number.
///
/// # Errors
/// As [`argument`], and if it is not a decimal number.
pub fn number(position: usize, meaning: &'static str) -> Result<u32, Failure> {
    let text = argument(position, meaning)?;
    text.parse()
        .map_err(|error: std::num::ParseIntError| Failure::Argument {
            position,
            meaning,
            text,
            why: error.to_string(),
        })
}

/// All of stdin.
///
/// # Errors
/// What the standard input of the world reports.
pub fn stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::File {
            what: "stdin".to_owned(),
            error,
        })?;
    Ok(bytes)
}

/// All of the file `name`.
///
/// # Errors
/// What the file system reports.
pub fn read(name: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(name).map_err(|error| Failure::File {
        what: name.to_owned(),
        error,
    })
}

/// Writes `bytes` to the file `name`.
///
/// # Errors
/// What the file system reports.
pub fn write(name: &str, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(name, bytes).map_err(|error| Failure::File {
        what: name.to_owned(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_keeps_leading_zeros() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa0, 0xff]), "000fa0ff");
    }

    #[test]
    fn sha256_is_the_one_of_fips_180_4() {
        // FIPS 180-4 example: the message "abc".
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
