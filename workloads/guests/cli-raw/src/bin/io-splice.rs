//! `io-splice HOW`: stdin to stdout with `splice` and `blocking-splice`, and a
//! report on stderr.
//!
//! - `blocking`, `polled`: everything, asking for 64 KiB at a time.
//! - `limited`: ten bytes at a time; prints whether one answer was greater.
//! - `zero`: no bytes from an open stream, then the rest, with `blocking-splice`.
//! - `ended`: everything, and then once more with each of the two functions.
//! - `zero-of-ended`: everything, and then `splice` of no bytes.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{argument, complain, named, shown, unknown};
    use wasip2::cli::stdin::get_stdin;
    use wasip2::cli::stdout::get_stdout;
    use wasip2::io::streams::{InputStream, OutputStream, StreamError};

    const PIECE: u64 = 64 * 1024;

    /// Moves all there is. Gives the sum, the greatest answer, and the end.
    fn all(
        source: &InputStream,
        sink: &OutputStream,
        length: u64,
        blocking: bool,
    ) -> io::Result<(u64, u64, &'static str)> {
        let (mut sum, mut greatest) = (0, 0);
        loop {
            let moved = if blocking {
                sink.blocking_splice(source, length)
            } else {
                sink.subscribe().block();
                source.subscribe().block();
                sink.splice(source, length)
            };
            match moved {
                Ok(moved) => {
                    sum += moved;
                    greatest = moved.max(greatest);
                }
                Err(error @ StreamError::Closed) => {
                    // The source is at its end; what was written before may
                    // still be under way.
                    sink.blocking_flush()
                        .map_err(|error| io::Error::other(named(&error)))?;
                    return Ok((sum, greatest, named(&error)));
                }
                Err(error) => return Err(io::Error::other(named(&error))),
            }
        }
    }

    fn count(moved: u64) -> String {
        format!("{moved} bytes")
    }

    pub fn run() -> io::Result<()> {
        let (source, sink) = (get_stdin(), get_stdout());
        let how = argument(1);
        let text = match how.as_str() {
            "blocking" | "polled" => {
                let (sum, _, end) = all(&source, &sink, PIECE, how == "blocking")?;
                format!("moved {sum}, then {end}\n")
            }
            "limited" => {
                let (sum, greatest, end) = all(&source, &sink, 10, true)?;
                format!(
                    "moved {sum}, more than ten at once: {}, then {end}\n",
                    greatest > 10
                )
            }
            "zero" => {
                let zero = shown(sink.splice(&source, 0), count);
                let (sum, _, end) = all(&source, &sink, PIECE, true)?;
                format!("splice of nothing: {zero}\nmoved {sum}, then {end}\n")
            }
            "ended" => {
                let (sum, _, _) = all(&source, &sink, PIECE, true)?;
                sink.subscribe().block();
                format!(
                    "moved {sum}\nsplice {}\nblocking-splice {}\n",
                    shown(sink.splice(&source, 1), count),
                    shown(sink.blocking_splice(&source, 1), count)
                )
            }
            "zero-of-ended" => {
                let (sum, _, _) = all(&source, &sink, PIECE, true)?;
                sink.subscribe().block();
                format!(
                    "moved {sum}\nsplice of nothing: {}\n",
                    shown(sink.splice(&source, 0), count)
                )
            }
            other => unknown(other),
        };
        complain(&text)
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
