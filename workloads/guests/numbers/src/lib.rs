//! What the number guests share: operands that hit the corners of their
//! formats, and a digest over the bits of results.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Write as _};

use sha2::{Digest as _, Sha256};

#[cfg(target_family = "wasm")]
pub mod instructions;
pub mod simd;

/// Corners of binary64: zeros, subnormals, the neighbours of 1, a third, where
/// integers end, what under- and overflows when multiplied, infinities, a NaN.
pub const SPECIAL_64: [u64; 24] = [
    0x0000_0000_0000_0000,
    0x8000_0000_0000_0000,
    0x0000_0000_0000_0001,
    0x8000_0000_0000_0001,
    0x000f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x8010_0000_0000_0000,
    0x1e60_0000_0000_0001,
    0x3c90_0000_0000_0000,
    0x3fd5_5555_5555_5555,
    0x3fb9_9999_9999_999a,
    0x3fef_ffff_ffff_ffff,
    0x3ff0_0000_0000_0000,
    0xbff0_0000_0000_0000,
    0x3ff0_0000_0000_0001,
    0x4008_0000_0000_0000,
    0x4340_0000_0000_0000,
    0x4340_0000_0000_0001,
    0x5fef_ffff_ffff_ffff,
    0x7fef_ffff_ffff_ffff,
    0xffef_ffff_ffff_ffff,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
];

/// The corresponding corners of binary32.
pub const SPECIAL_32: [u32; 24] = [
    0x0000_0000,
    0x8000_0000,
    0x0000_0001,
    0x8000_0001,
    0x007f_ffff,
    0x0080_0000,
    0x8080_0000,
    0x2000_0001,
    0x3300_0000,
    0x3eaa_aaab,
    0x3dcc_cccd,
    0x3f7f_ffff,
    0x3f80_0000,
    0xbf80_0000,
    0x3f80_0001,
    0x4040_0000,
    0x4b80_0000,
    0x4b80_0001,
    0x5f7f_ffff,
    0x7f7f_ffff,
    0xff7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
];

/// The value with these bits, which the compiler does not know: what is
/// computed from it is computed when the guest runs.
#[must_use]
pub fn f64_of(bits: u64) -> f64 {
    f64::from_bits(black_box(bits))
}

/// As [`f64_of`], for binary32.
#[must_use]
pub fn f32_of(bits: u32) -> f32 {
    f32::from_bits(black_box(bits))
}

/// The bits of `value`, with one pattern for every NaN: which one an operation
/// returns is left open by IEEE 754 and differs between processors.
#[must_use]
pub fn bits_64(value: f64) -> u64 {
    if value.is_nan() {
        0x7ff8_0000_0000_0000
    } else {
        value.to_bits()
    }
}

/// As [`bits_64`], for binary32.
#[must_use]
pub fn bits_32(value: f32) -> u32 {
    if value.is_nan() {
        0x7fc0_0000
    } else {
        value.to_bits()
    }
}

/// Results in the order they are computed, least significant byte first.
#[derive(Default)]
pub struct Results {
    hash: Sha256,
    count: u64,
}

impl Results {
    /// Adds the bits of a result.
    pub fn add_64(&mut self, bits: u64) {
        self.add_bytes(&bits.to_le_bytes());
    }

    /// Adds the bits of a result.
    pub fn add_32(&mut self, bits: u32) {
        self.add_bytes(&bits.to_le_bytes());
    }

    /// Adds a result of another form.
    pub fn add_bytes(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.count += 1;
    }

    /// How many there were, and the SHA-256 of all of them.
    #[must_use]
    pub fn line(self, name: &str) -> String {
        let digest = self.hash.finalize();
        let mut text = format!("{name} {} results ", self.count);
        for byte in digest {
            // Writing into a String cannot fail: its `fmt::Write` has no error path.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
        text
    }
}

/// One step of Marsaglia's xorshift64 with the triple (13, 7, 17): operands
/// that follow no pattern and are the same everywhere. Start with [`SEED`].
#[must_use]
pub fn step(state: u64) -> u64 {
    let state = state ^ (state << 13);
    let state = state ^ (state >> 7);
    state ^ (state << 17)
}

/// 2^64 divided by the golden ratio, made odd.
pub const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Writes `text` to stdout in one call and flushes it.
///
/// # Errors
/// Whatever the standard output of the world reports.
pub fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The command-line argument at `position` (0 is the program).
///
/// # Errors
/// `InvalidInput` if there are fewer arguments or it is not UTF-8.
pub fn argument(position: usize, meaning: &str) -> io::Result<String> {
    std::env::args_os()
        .nth(position)
        .and_then(|argument| argument.into_string().ok())
        .ok_or_else(|| wrong(&format!("argument {position} is missing: {meaning}")))
}

/// The argument at `position` as a number written in hexadecimal.
///
/// # Errors
/// As [`argument`], and `InvalidInput` if it is not such a number.
pub fn hexadecimal(position: usize, meaning: &str) -> io::Result<u64> {
    let text = argument(position, meaning)?;
    u64::from_str_radix(&text, 16).map_err(|error| {
        wrong(&format!(
            "argument {position} ({meaning}) is {text:?}: {error}"
        ))
    })
}

/// The error of a guest that was called in a way it does not know.
#[must_use]
pub fn wrong(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

/// The error for a case this guest does not have.
#[must_use]
pub fn unknown(case: &str, known: &str) -> io::Error {
    wrong(&format!("argument 1 is {case:?}, not one of {known}"))
}

/// What guests made of WebAssembly instructions do on other targets.
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn only_a_component() -> std::process::ExitCode {
    eprintln!("this guest consists of WebAssembly instructions: it exists only as a component");
    std::process::ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_count_and_digest() {
        // FIPS 180-4 example: the message "abc".
        let mut results = Results::default();
        results.add_bytes(b"abc");
        assert_eq!(
            results.line("x"),
            "x 1 results ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
        );
    }

    #[test]
    fn nans_have_one_pattern_and_zeros_two() {
        assert_eq!(bits_64(-f64::NAN), 0x7ff8_0000_0000_0000);
        assert_eq!(bits_32(f32::from_bits(0xffc0_1234)), 0x7fc0_0000);
        assert_eq!(bits_64(-0.0), 0x8000_0000_0000_0000);
    }
}
