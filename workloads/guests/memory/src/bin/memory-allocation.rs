//! `memory-allocation refused|until-refused|failed`: what a program of the
//! standard library sees at a limit of 64 MiB.

use std::hint::black_box;
use std::io;

use assay_guests_memory::{argument, say, unknown};

const MEBIBYTE: usize = 1 << 20;

/// A block that was asked for in a way that can fail, and written to.
fn block(bytes: usize, value: u8) -> Option<Vec<u8>> {
    let mut block = Vec::new();
    block.try_reserve_exact(bytes).ok()?;
    block.resize(bytes, value);
    Some(black_box(block))
}

/// Every byte of it still is what was written.
fn intact(block: &[u8], value: u8) -> bool {
    block.iter().all(|byte| *byte == value)
}

fn main() -> io::Result<()> {
    match argument(1, "refused, until-refused or failed")?.as_str() {
        "refused" => {
            let large = block(black_box(128 * MEBIBYTE), 1).map(|block| block.len());
            let small = block(black_box(MEBIBYTE), 2);
            let usable = small.is_some_and(|block| intact(&block, 2));
            say(&format!("128 MiB {large:?}\nthen 1 MiB usable {usable}\n"))
        }
        "until-refused" => {
            let mut blocks = Vec::with_capacity(256);
            while let Some(block) = block(black_box(MEBIBYTE), blocks.len() as u8) {
                blocks.push(block);
                if blocks.len() == 256 {
                    break;
                }
            }
            // The allocator keeps some for itself; how much is its own affair.
            let most = (56..64).contains(&blocks.len());
            let whole = blocks
                .iter()
                .enumerate()
                .all(|(at, block)| intact(block, at as u8));
            blocks.truncate(blocks.len() / 2);
            let again = block(black_box(MEBIBYTE), 9).is_some_and(|block| intact(&block, 9));
            say(&format!(
                "refused after 56 to 63 blocks {most}\nblocks intact {whole}\n\
                 possible again after freeing {again}\n"
            ))
        }
        "failed" => {
            say("before\n")?;
            let block = vec![black_box(1_u8); black_box(128 * MEBIBYTE)];
            say(&format!("allocated {}\n", black_box(block).len()))
        }
        other => Err(unknown(other, "refused, until-refused, failed")),
    }
}
