//! The ChaCha8 key stream of the definitions' `generate`, so that a long
//! answer can be expected without being stored: key = the seed as 8 bytes
//! little-endian and 24 zero bytes, nonce 0, block counter from 0.

/// The bytes of one block.
const BLOCK: usize = 64;

/// A key stream of so many bytes.
#[derive(Debug, Clone)]
pub struct Keystream {
    seed: u64,
    block: u64,
    left: u64,
}

impl Keystream {
    /// `bytes` bytes for `seed`.
    #[must_use]
    pub fn new(seed: u64, bytes: u64) -> Self {
        Self {
            seed,
            block: 0,
            left: bytes,
        }
    }

    /// How many bytes are still to come.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The next bytes: `blocks` blocks, or what is left; empty at the end.
    pub fn next(&mut self, blocks: usize) -> Vec<u8> {
        let mut piece = Vec::with_capacity(blocks * BLOCK);
        for _ in 0..blocks {
            if piece.len() as u64 >= self.left {
                break;
            }
            for word in block(self.seed, self.block) {
                piece.extend_from_slice(&word.to_le_bytes());
            }
            self.block += 1;
        }
        let length = usize::try_from(self.left).map_or(piece.len(), |left| left.min(piece.len()));
        piece.truncate(length);
        self.left -= length as u64;
        piece
    }
}

/// The original layout: a 64-bit block counter and a 64-bit nonce.
fn block(seed: u64, counter: u64) -> [u32; 16] {
    let halves = |value: u64| [value as u32, (value >> 32) as u32];
    let mut start = [0; 16];
    // "expand 32-byte k" in four words.
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    start[4..6].copy_from_slice(&halves(seed));
    start[12..14].copy_from_slice(&halves(counter));
    let mut state = start;
    for _ in 0..4 {
        for column in 0..4 {
            quarter(&mut state, [column, column + 4, column + 8, column + 12]);
        }
        for diagonal in 0..4 {
            let at = |row: usize| row * 4 + (diagonal + row) % 4;
            quarter(&mut state, [at(0), at(1), at(2), at(3)]);
        }
    }
    std::array::from_fn(|word| state[word].wrapping_add(start[word]))
}

fn quarter(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    for (sum, addend, target, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        state[sum] = state[sum].wrapping_add(state[addend]);
        state[target] = (state[target] ^ state[sum]).rotate_left(turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_holds() {
        // draft-strombergson-chacha-test-vectors-01, TC1, 256-bit key, 8 rounds.
        let bytes = Keystream::new(0, 8).next(1);
        assert_eq!(bytes, [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
    }

    #[test]
    fn pieces_are_the_whole() {
        let whole = Keystream::new(7, 1000).next(100);
        let mut stream = Keystream::new(7, 1000);
        let mut pieces = Vec::new();
        while stream.left() > 0 {
            pieces.extend(stream.next(3));
        }
        assert_eq!((pieces.len(), pieces), (1000, whole));
        assert!(stream.next(1).is_empty());
    }
}
