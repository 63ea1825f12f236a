//! `memory-stack calls|frames DEPTH`: calls itself DEPTH times, with a few
//! numbers in each call or with 64 KiB.

use std::hint::black_box;
use std::io;

use assay_guests_memory::{argument, number, say, unknown};

/// Not a tail call: what comes back is still worked on. The modulus keeps the
/// result from being known without the calls.
#[inline(never)]
fn calls(depth: u64, seed: u64) -> u64 {
    if depth == 0 {
        return seed;
    }
    let below = calls(depth - 1, (seed * 31 + depth) % 1_000_003);
    (below * 17 + seed) % 1_000_003
}

#[inline(never)]
fn frames(depth: u64) -> u64 {
    let mut frame = [0_u8; 65_536];
    frame[depth as usize % 65_536] = depth as u8;
    let frame = black_box(&mut frame);
    let below = if depth == 0 { 0 } else { frames(depth - 1) };
    below + u64::from(frame[depth as usize % 65_536])
}

fn main() -> io::Result<()> {
    let kind = argument(1, "calls or frames")?;
    let depth = number(2, "how deep")?.unsigned_abs();
    say(&format!("{kind} {depth}\n"))?;
    let result = match kind.as_str() {
        "calls" => calls(black_box(depth), black_box(1)),
        "frames" => frames(black_box(depth)),
        other => return Err(unknown(other, "calls, frames")),
    };
    say(&format!("= {result}\n"))
}
