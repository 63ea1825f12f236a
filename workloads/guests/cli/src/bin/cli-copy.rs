//! `cli-copy`: stdin to stdout, byte for byte, 64 KiB at a time.

use std::io::{self, Read as _, Write as _};

/// What one host call can bring at most. The pipe below it is usually as big.
const BUFFER: usize = 64 * 1024;

fn main() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut stdout = io::stdout().lock();
    let mut buffer = vec![0_u8; BUFFER];
    loop {
        let length = match stdin.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        stdout.write_all(&buffer[..length])?;
    }
    stdout.flush()
}
