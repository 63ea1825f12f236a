//! `io-write HOW`: writes to stdout with the functions of `output-stream`, and
//! reports on stderr.
//!
//! - `polled`: stdin to stdout by subscribe, check-write and write, never more
//!   than permitted, and a blocking-flush at the end.
//! - `blocking`: the same by blocking-write-and-flush, 4,096 bytes at a time.
//! - `flush`: after each of three writes asks for a flush and waits until the
//!   stream takes bytes again; whatever check-write says meanwhile must be
//!   0 or a permit.
//! - `empty`: writes nothing, in each of the ways there are.
//! - `zeroes`: `a`, 5 zeroes by write-zeroes, `b`, 4,096 zeroes by
//!   blocking-write-zeroes-and-flush, `c`.
//! - `over`: one byte more than check-write permitted.
//! - `unasked`: one byte without having asked for a permit.

#[cfg(target_os = "wasi")]
mod component {
    use std::io::{self, Read as _};

    use assay_guests_cli_raw::{argument, complain, named, shown, unknown};
    use wasip2::cli::stdout::get_stdout;
    use wasip2::io::streams::{OutputStream, StreamError};

    /// What blocking-write-and-flush takes at most.
    const BLOCKING: usize = 4096;

    fn failed(error: StreamError) -> io::Error {
        io::Error::other(format!("unexpected {}", named(&error)))
    }

    /// Waits until some bytes are permitted, and says how many.
    fn permit(stdout: &OutputStream) -> io::Result<usize> {
        loop {
            stdout.subscribe().block();
            let permitted = stdout.check_write().map_err(failed)?;
            if permitted > 0 {
                return Ok(usize::try_from(permitted).unwrap_or(usize::MAX));
            }
        }
    }

    fn polled(stdout: &OutputStream, content: &[u8]) -> io::Result<()> {
        let mut left = content;
        while !left.is_empty() {
            let length = permit(stdout)?.min(left.len());
            let (now, later) = left.split_at(length);
            stdout.write(now).map_err(failed)?;
            left = later;
        }
        stdout.blocking_flush().map_err(failed)
    }

    fn input() -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        io::stdin().lock().read_to_end(&mut content)?;
        Ok(content)
    }

    fn flush(stdout: &OutputStream) -> io::Result<()> {
        for line in ["one\n", "two\n", "three\n"] {
            permit(stdout)?;
            stdout.write(line.as_bytes()).map_err(failed)?;
            stdout.flush().map_err(failed)?;
            // Either the flush is under way (0) or it is done; a failure of
            // the stream would be the third answer, and is none here.
            let meanwhile = shown(stdout.check_write(), |_| "a number".to_owned());
            let again = permit(stdout)? > 0;
            complain(&format!(
                "check-write {meanwhile}, permitted again {again}\n"
            ))?;
        }
        stdout.blocking_flush().map_err(failed)
    }

    fn done((): ()) -> String {
        "ok".to_owned()
    }

    fn empty(stdout: &OutputStream) -> io::Result<()> {
        permit(stdout)?;
        let write = shown(stdout.write(b""), done);
        permit(stdout)?;
        let write_zeroes = shown(stdout.write_zeroes(0), done);
        let blocking = shown(stdout.blocking_write_and_flush(b""), done);
        let blocking_zeroes = shown(stdout.blocking_write_zeroes_and_flush(0), done);
        complain(&format!(
            "write {write}\nwrite-zeroes {write_zeroes}\nblocking-write-and-flush {blocking}\n\
             blocking-write-zeroes-and-flush {blocking_zeroes}\n"
        ))?;
        stdout.blocking_write_and_flush(b"end\n").map_err(failed)
    }

    fn zeroes(stdout: &OutputStream) -> io::Result<()> {
        polled(stdout, b"a")?;
        let mut left = 5;
        while left > 0 {
            let length = left.min(permit(stdout)?);
            stdout.write_zeroes(length as u64).map_err(failed)?;
            left -= length;
        }
        polled(stdout, b"b")?;
        stdout
            .blocking_write_zeroes_and_flush(BLOCKING as u64)
            .map_err(failed)?;
        polled(stdout, b"c")
    }

    pub fn run() -> io::Result<()> {
        let stdout = get_stdout();
        match argument(1).as_str() {
            "polled" => {
                let content = input()?;
                polled(&stdout, &content)?;
                complain(&format!("wrote {}\n", content.len()))
            }
            "blocking" => {
                let content = input()?;
                for piece in content.chunks(BLOCKING) {
                    stdout.blocking_write_and_flush(piece).map_err(failed)?;
                }
                complain(&format!("wrote {}\n", content.len()))
            }
            "flush" => flush(&stdout),
            "empty" => empty(&stdout),
            "zeroes" => zeroes(&stdout),
            "over" => {
                let permitted = permit(&stdout)?;
                complain("writing one byte too many\n")?;
                let result = shown(stdout.write(&vec![b'x'; permitted + 1]), done);
                complain(&format!("write {result}\n"))
            }
            "unasked" => {
                complain("writing without a permit\n")?;
                let result = shown(stdout.write(b"x"), done);
                complain(&format!("write {result}\n"))
            }
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
