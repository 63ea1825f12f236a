//! `cli-flood BYTES SEED`: writes so many bytes to stdout, as fast as they are
//! taken, and says on stderr when the last was accepted.
//!
//! The bytes are the ChaCha8 key stream whose key is SEED as 8 bytes
//! little-endian and 24 zero bytes, nonce 0, block counter from 0. It is
//! written out here instead of taken from a crate, so that the expectation and
//! the guest are two programs.

use std::io::{self, Write as _};

use assay_guests_cli::number;

/// Blocks of the key stream in one write: 64 KiB.
const BLOCKS: u64 = 1024;

fn quarter(x: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(16);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(12);
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(8);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(7);
}

/// Appends the block `counter` of the key stream for `seed`.
fn block(seed: u64, counter: u64, into: &mut Vec<u8>) {
    let mut start = [0_u32; 16];
    // "expand 32-byte k"
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    start[4] = seed as u32;
    start[5] = (seed >> 32) as u32;
    start[12] = counter as u32;
    start[13] = (counter >> 32) as u32;
    let mut x = start;
    for _ in 0..4 {
        for i in 0..4 {
            quarter(&mut x, i, 4 + i, 8 + i, 12 + i);
        }
        for i in 0..4 {
            quarter(
                &mut x,
                i,
                4 + (i + 1) % 4,
                8 + (i + 2) % 4,
                12 + (i + 3) % 4,
            );
        }
    }
    for (word, first) in x.iter().zip(start) {
        into.extend_from_slice(&word.wrapping_add(first).to_le_bytes());
    }
}

fn main() -> io::Result<()> {
    let bytes = number(1, "how many bytes to write")?;
    let seed = number(2, "the seed of the key stream")?;
    let mut stdout = io::stdout().lock();
    let mut left = bytes;
    let mut counter = 0;
    let mut buffer = Vec::new();
    while left > 0 {
        buffer.clear();
        for _ in 0..BLOCKS {
            block(seed, counter, &mut buffer);
            counter += 1;
        }
        let take = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        stdout.write_all(&buffer[..take])?;
        left -= take as u64;
    }
    stdout.flush()?;
    io::stderr().write_all(format!("wrote {bytes}\n").as_bytes())
}
