//! `cli-stdin-lines`: reads stdin to its end through a fixed buffer and prints
//! how many bytes and newlines it saw, the longest line, and the SHA-256.
//!
//! The input need not be text. A line is what stands between newlines, without
//! the newline; what follows the last newline counts as a line too.

use std::io::{self, Read as _};

use assay_guests_cli::{Digest as _, Sha256, hex, say};

/// What one host call can bring at most. The pipe below it is usually as big.
const BUFFER: usize = 64 * 1024;

fn main() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0_u8; BUFFER];
    let mut hash = Sha256::new();
    let (mut bytes, mut newlines) = (0_u64, 0_u64);
    let (mut line, mut longest) = (0_u64, 0_u64);

    loop {
        let length = match stdin.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let chunk = &buffer[..length];
        hash.update(chunk);
        bytes += length as u64;
        for byte in chunk {
            if *byte == b'\n' {
                newlines += 1;
                longest = longest.max(line);
                line = 0;
            } else {
                line += 1;
            }
        }
    }
    longest = longest.max(line);

    say(&format!(
        "bytes {bytes}\nnewlines {newlines}\nlongest {longest}\nsha256 {}\n",
        hex(&hash.finalize())
    ))
}
