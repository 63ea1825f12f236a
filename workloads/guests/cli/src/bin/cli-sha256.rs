//! `cli-sha256 ROUNDS`: computes, and does little else.
//!
//! One block of 64 KiB is filled from a xorshift generator. The digest is over
//! ROUNDS times (round number as 8 bytes little-endian, then the block).

use std::io;

use assay_guests_cli::{Digest as _, Sha256, hex, number, say};

const BLOCK: usize = 64 * 1024;

/// Any odd constant would do; this one is 2^64 divided by the golden ratio.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// One step of Marsaglia's xorshift64 with the triple (13, 7, 17)
/// ("Xorshift RNGs", Journal of Statistical Software 8(14), 2003).
fn step(state: u64) -> u64 {
    let state = state ^ (state << 13);
    let state = state ^ (state >> 7);
    state ^ (state << 17)
}

fn main() -> io::Result<()> {
    let rounds = number(1, "how many rounds")?;

    let mut block = vec![0_u8; BLOCK];
    let mut state = SEED;
    for word in block.chunks_exact_mut(8) {
        state = step(state);
        word.copy_from_slice(&state.to_le_bytes());
    }

    let mut hash = Sha256::new();
    for round in 0..rounds {
        hash.update(round.to_le_bytes());
        hash.update(&block);
    }
    say(&format!("{}\n", hex(&hash.finalize())))
}
