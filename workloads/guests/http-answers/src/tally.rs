//! What is said of a body that is too long to show.

/// Length and FNV-1a hash of the bytes so far.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    bytes: u64,
    hash: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            bytes: 0,
            hash: 0xcbf2_9ce4_8422_2325,
        }
    }
}

impl Tally {
    /// Counts these bytes too.
    pub fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// `1 bytes, fnv1a af63dc4c8601ec8c`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} bytes, fnv1a {:016x}", self.bytes, self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_hold() {
        // FNV reference code, test vectors of the 64-bit FNV-1a.
        let hash = |text: &str| {
            let mut tally = Tally::default();
            tally.take(text.as_bytes());
            tally.hash
        };
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
