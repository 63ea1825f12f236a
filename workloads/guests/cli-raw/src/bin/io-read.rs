//! `io-read HOW [LENGTH]`: reads stdin with the functions of `input-stream`.
//!
//! - `read`, `blocking-read`: everything, asking for LENGTH bytes at a time;
//!   prints how many came, their digest, and whether any answer was longer
//!   than asked for or (blocking only) empty.
//! - `skip`, `blocking-skip`: reads 1,000 bytes, skips 1,000, and so on; prints
//!   both sums and the digest of what was read.
//! - `zero`: asks for nothing from an open stream, and then reads it to its end.
//! - `zero-of-ended`: reads to the end, and then asks for nothing.
//! - `closed`: reads to the end, then calls each function once more.
//! - `waiting`: says `waiting` while there is nothing to read and what `read`,
//!   `skip` and `ready` answer to that; then blocks, reads, and so on to the end.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{argument, digest, named, number, say, shown, unknown};
    use wasip2::cli::stdin::get_stdin;
    use wasip2::io::streams::{InputStream, StreamError};

    /// What alternates between reading and skipping.
    const STRETCH: u64 = 1000;

    fn bytes(content: Vec<u8>) -> String {
        format!("\"{}\"", content.escape_ascii())
    }

    fn count(length: u64) -> String {
        format!("{length} bytes")
    }

    fn failed(error: &StreamError) -> io::Error {
        io::Error::other(format!("unexpected {}", named(error)))
    }

    fn everything(stdin: &InputStream, blocking: bool, length: u64) -> io::Result<String> {
        let (mut content, mut longer, mut empty) = (Vec::new(), 0, 0);
        let end = loop {
            let piece = if blocking {
                stdin.blocking_read(length)
            } else {
                stdin.subscribe().block();
                stdin.read(length)
            };
            match piece {
                Ok(piece) => {
                    longer += u64::from(piece.len() as u64 > length);
                    empty += u64::from(blocking && piece.is_empty());
                    content.extend(piece);
                }
                Err(error) => break named(&error),
            }
        };
        Ok(format!(
            "{} bytes, sha256 {}\nlonger than asked for: {longer}, empty: {empty}\nthen {end}\n",
            content.len(),
            digest(&content)
        ))
    }

    /// One stretch of it, or fewer bytes if the stream ends.
    fn stretch(mut step: impl FnMut(u64) -> Result<u64, StreamError>) -> io::Result<(u64, bool)> {
        let mut done = 0;
        while done < STRETCH {
            match step(STRETCH - done) {
                Ok(length) => done += length,
                Err(StreamError::Closed) => return Ok((done, true)),
                Err(error) => return Err(failed(&error)),
            }
        }
        Ok((done, false))
    }

    fn alternate(stdin: &InputStream, blocking: bool) -> io::Result<String> {
        let (mut content, mut skipped) = (Vec::new(), 0);
        loop {
            let (_, ended) = stretch(|length| {
                let piece = stdin.blocking_read(length)?;
                content.extend_from_slice(&piece);
                Ok(piece.len() as u64)
            })?;
            if ended {
                break;
            }
            let (length, ended) = stretch(|length| {
                if blocking {
                    stdin.blocking_skip(length)
                } else {
                    stdin.subscribe().block();
                    stdin.skip(length)
                }
            })?;
            skipped += length;
            if ended {
                break;
            }
        }
        Ok(format!(
            "read {}, skipped {skipped}\nsha256 {}\n",
            content.len(),
            digest(&content)
        ))
    }

    fn nothing(stdin: &InputStream) -> String {
        format!(
            "read {}\nblocking-read {}\nskip {}\nblocking-skip {}\n",
            shown(stdin.read(0), bytes),
            shown(stdin.blocking_read(0), bytes),
            shown(stdin.skip(0), count),
            shown(stdin.blocking_skip(0), count)
        )
    }

    fn rest(stdin: &InputStream) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            match stdin.blocking_read(4096) {
                Ok(piece) => content.extend(piece),
                Err(StreamError::Closed) => return Ok(content),
                Err(error) => return Err(failed(&error)),
            }
        }
    }

    fn closed(stdin: &InputStream) -> io::Result<String> {
        let content = rest(stdin)?;
        Ok(format!(
            "{}\nread {}\nblocking-read {}\nskip {}\nblocking-skip {}\nready {}\n",
            bytes(content),
            shown(stdin.read(1), bytes),
            shown(stdin.blocking_read(1), bytes),
            shown(stdin.skip(1), count),
            shown(stdin.blocking_skip(1), count),
            stdin.subscribe().ready()
        ))
    }

    /// One line of stdin, however it was cut on its way, or what is left of it.
    fn waiting(stdin: &InputStream) -> io::Result<()> {
        loop {
            let pollable = stdin.subscribe();
            say(&format!(
                "waiting: ready {}, read {}, skip {}\n",
                pollable.ready(),
                shown(stdin.read(64), bytes),
                shown(stdin.skip(64), count)
            ))?;
            let mut line = Vec::new();
            while !line.ends_with(b"\n") {
                pollable.block();
                match stdin.read(64) {
                    Ok(piece) => line.extend(piece),
                    Err(StreamError::Closed) => {
                        return say(&format!("closed after {}\n", bytes(line)));
                    }
                    Err(error) => return Err(failed(&error)),
                }
            }
            say(&format!("got {}\n", bytes(line)))?;
        }
    }

    pub fn run() -> io::Result<()> {
        let stdin = get_stdin();
        // A length of 0 stands for the greatest there is.
        let length = match number(2) {
            0 => u64::MAX,
            length => length,
        };
        match argument(1).as_str() {
            "read" => say(&everything(&stdin, false, length)?),
            "blocking-read" => say(&everything(&stdin, true, length)?),
            "skip" => say(&alternate(&stdin, false)?),
            "blocking-skip" => say(&alternate(&stdin, true)?),
            "zero" => {
                say(&nothing(&stdin))?;
                say(&format!("{}\n", bytes(rest(&stdin)?)))
            }
            "zero-of-ended" => {
                let content = rest(&stdin)?;
                say(&format!("{}\n{}", bytes(content), nothing(&stdin)))
            }
            "closed" => say(&closed(&stdin)?),
            "waiting" => waiting(&stdin),
            other => Err(io::Error::other(unknown(other))),
        }
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "wasi")]
    return match component::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell anybody if stderr is closed as well.
            let _ = assay_guests_cli_raw::complain(&format!("{error}\n"));
            std::process::ExitCode::FAILURE
        }
    };
    #[cfg(not(target_os = "wasi"))]
    assay_guests_cli_raw::component_only()
}
