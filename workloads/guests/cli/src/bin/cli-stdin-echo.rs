//! `cli-stdin-echo`: answers each line of stdin as soon as it is complete.
//!
//! Says `ready` first. `line N "…"` for each line, escaped and without its
//! newline; at the end of stdin `end after N lines, rest "…"` with what
//! followed the last newline, and then whether reading once more gives the end
//! again, as it does for a pipe that nobody can write to any more.

use std::io::{self, Read as _};

use assay_guests_cli::say;

fn read(buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match io::stdin().lock().read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn main() -> io::Result<()> {
    say("ready\n")?;
    let mut buffer = vec![0_u8; 4096];
    let mut line = Vec::new();
    let mut lines = 0_u64;
    loop {
        let length = read(&mut buffer)?;
        if length == 0 {
            break;
        }
        for byte in &buffer[..length] {
            if *byte == b'\n' {
                lines += 1;
                say(&format!("line {lines} \"{}\"\n", line.escape_ascii()))?;
                line.clear();
            } else {
                line.push(*byte);
            }
        }
    }
    let again = read(&mut buffer)?;
    say(&format!(
        "end after {lines} lines, rest \"{}\"\nread again: {again} bytes\n",
        line.escape_ascii()
    ))
}
