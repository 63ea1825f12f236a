//! `cli-hold NONCE BYTES`: the instance that stays.
//!
//! Touches a working set of BYTES, prints `ready NONCE`, reads stdin to its
//! end, and prints `bye NONCE CHECKSUM`. The checksum is read back from the
//! working set after the wait, so a host that dropped or shared those pages
//! cannot print the right one.

use std::hint::black_box;
use std::io::{self, Read as _};

use assay_guests_cli::{argument, number, say};

/// The step between two touched bytes: the page of every host in the grid is a
/// multiple of it, and so is the 64 KiB page of WebAssembly.
const STEP: usize = 4096;

/// Byte `STEP * page` of the working set. Never 0, which untouched memory holds.
fn mark(page: usize) -> u8 {
    (page % 251) as u8 + 1
}

fn main() -> io::Result<()> {
    let nonce = argument(1, "a nonce to print")?;
    let size = number(2, "the working set in bytes")?;
    let size = usize::try_from(size).map_err(|error| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the working set does not fit: {error}"),
        )
    })?;

    let mut working_set = vec![0_u8; size];
    for (page, byte) in working_set.iter_mut().step_by(STEP).enumerate() {
        *byte = mark(page);
    }
    // Without it the optimiser may prove that nobody looks at the memory.
    let working_set = black_box(working_set);

    say(&format!("ready {nonce}\n"))?;

    let mut stdin = io::stdin().lock();
    let mut buffer = [0_u8; 256];
    loop {
        match stdin.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }

    let checksum: u64 = working_set
        .iter()
        .step_by(STEP)
        .map(|byte| u64::from(*byte))
        .sum();
    say(&format!("bye {nonce} {checksum}\n"))
}
