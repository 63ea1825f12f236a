//! What the command guests share. Nothing here asks which target it is built
//! for: a guest and its native twin are the same source, line by line.

use std::fmt::Write as _;
use std::io::{self, Write as _};

pub use sha2::Sha256;
pub use sha2::digest::Digest;

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

/// Writes `text` to stdout in one call and flushes it.
///
/// One call, because the first byte that leaves the guest is a stamp of the
/// cold-start ladder: a guest that dribbles its first line would be measuring
/// its own buffering.
///
/// # Errors
/// Whatever the standard output of the world reports, for example a closed
/// stream.
pub fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The command-line argument at `position` (0 is the program), or an error
/// that names what is missing.
///
/// # Errors
/// `InvalidInput` if there are fewer arguments, or if the argument is not
/// UTF-8 (which in WASI it always is).
pub fn argument(position: usize, meaning: &str) -> io::Result<String> {
    std::env::args_os()
        .nth(position)
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("argument {position} is missing: {meaning}"),
            )
        })?
        .into_string()
        .map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("argument {position} is not UTF-8: {meaning}"),
            )
        })
}

/// The command-line argument at `position` as a number.
///
/// # Errors
/// As [`argument`], and `InvalidInput` if it is not a decimal number.
pub fn number(position: usize, meaning: &str) -> io::Result<u64> {
    let text = argument(position, meaning)?;
    text.parse().map_err(|error| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("argument {position} ({meaning}) is {text:?}: {error}"),
        )
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
            hex(&Sha256::digest(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
