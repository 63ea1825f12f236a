//! `cli-closed-pipe stdout|stderr|stdin|println`: what a program sees when the
//! other end of one of its streams goes away.
//!
//! Says `ready` on stdout and waits for a line of stdin (for `stdin`: for its
//! end). Then it writes to the stream, 64 KiB at a time and at most 64 times,
//! until a write fails, and says so on the stream that is still there.
//! `println` uses the macro instead, which panics when it cannot write.

use std::io::{self, BufRead as _, Write};

use assay_guests_cli::{argument, say};

const PIECE: usize = 64 * 1024;
const PIECES: usize = 64;

/// Writes until it fails. A stream that takes 4 MiB has somebody reading.
fn until_it_fails(mut stream: impl Write) -> io::Result<io::Error> {
    let piece = vec![b'x'; PIECE];
    for _ in 0..PIECES {
        if let Err(error) = stream.write_all(&piece).and_then(|()| stream.flush()) {
            return Ok(error);
        }
    }
    Err(io::Error::other("every write was accepted"))
}

#[expect(
    clippy::print_stdout,
    reason = "what the macro does on a closed stream is the behaviour"
)]
fn print_lines() {
    let line = "x".repeat(PIECE);
    for _ in 0..PIECES {
        println!("{line}");
    }
}

fn main() -> io::Result<()> {
    let stream = argument(1, "stdout, stderr, stdin or println")?;
    say("ready\n")?;
    let mut line = String::new();
    let length = io::stdin().lock().read_line(&mut line)?;
    match stream.as_str() {
        "stdin" => say(&format!("stdin ended after {length} bytes\n")),
        "stdout" => {
            let error = until_it_fails(io::stdout().lock())?;
            io::stderr().write_all(format!("stdout failed: {:?}\n", error.kind()).as_bytes())
        }
        "stderr" => {
            // The kind stays out of stdout, which is compared byte by byte:
            // WASI names the errors of a stream, not what a C library makes of them.
            until_it_fails(io::stderr().lock())?;
            say("stderr failed\n")
        }
        "println" => {
            print_lines();
            io::stderr().write_all(b"every line was accepted\n")
        }
        other => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("argument 1 is {other:?}, not stdout, stderr, stdin or println"),
        )),
    }
}
