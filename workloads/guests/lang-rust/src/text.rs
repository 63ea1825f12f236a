//! `assay:compose/text`, implemented.

use std::collections::BTreeMap;

/// Why a line is not a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no `=` in it.
    NoSeparator,
    /// This is not a number that fits.
    NotANumber(String),
}

/// The operations of the interface.
pub trait Text {
    /// The words between blanks with how often each is there, ordered by
    /// their bytes.
    fn count_words(text: &str) -> Vec<(String, u32)>;
    /// `name=number`.
    ///
    /// # Errors
    /// What is wrong with the line.
    fn parse_pair(line: &str) -> Result<(String, i64), Problem>;
    /// FNV-1a with 64 bits.
    fn digest(bytes: &[u8]) -> u64;
    /// One step of xorshift64.
    fn step(state: u64) -> u64;
}

/// The implementation in this program.
#[derive(Debug)]
pub struct Here;

impl Text for Here {
    fn count_words(text: &str) -> Vec<(String, u32)> {
        let mut counts = BTreeMap::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            *counts.entry(word).or_insert(0) += 1;
        }
        counts
            .into_iter()
            .map(|(word, count)| (word.to_owned(), count))
            .collect()
    }

    fn parse_pair(line: &str) -> Result<(String, i64), Problem> {
        let (name, value) = line.split_once('=').ok_or(Problem::NoSeparator)?;
        // Rust's parser takes a plus sign, the specification does not.
        let number = (!value.starts_with('+'))
            .then(|| value.parse().ok())
            .flatten();
        number
            .map(|number| (name.to_owned(), number))
            .ok_or_else(|| Problem::NotANumber(value.to_owned()))
    }

    fn digest(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        })
    }

    // Not inlined: alone it would be no call at all, and the two programs that
    // are compared differ in where the call goes, not in whether there is one.
    #[inline(never)]
    fn step(mut state: u64) -> u64 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ordered_by_bytes_and_counted() {
        let expected = [("B", 1), ("a", 2), ("\u{e9}", 1)].map(|(word, n)| (word.to_owned(), n));
        assert_eq!(Here::count_words(" a B  \u{e9} a "), expected);
    }

    #[test]
    fn a_pair_needs_a_separator_and_a_number_that_fits() {
        assert_eq!(Here::parse_pair("a=-1"), Ok(("a".to_owned(), -1)));
        assert_eq!(Here::parse_pair("a"), Err(Problem::NoSeparator));
        for bad in ["", "+1", "1=2", "9223372036854775808"] {
            let found = Here::parse_pair(&format!("a={bad}"));
            assert_eq!(found, Err(Problem::NotANumber(bad.to_owned())));
        }
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        // Test vector of draft-eastlake-fnv: "a".
        assert_eq!(Here::digest(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
