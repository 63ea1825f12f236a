//! `fs-raw-stream-error`: the error code behind a failed stream, and the stream
//! after it. A host may refuse when the stream is made or at its first use;
//! the line is the same.

use std::process::ExitCode;

#[cfg(not(target_os = "wasi"))]
fn main() -> ExitCode {
    assay_guests_fs_raw::component_only()
}

#[cfg(target_os = "wasi")]
fn main() -> ExitCode {
    assay_guests_fs_raw::wasi::run(guest::CASES)
}

#[cfg(target_os = "wasi")]
mod guest {
    use assay_guests_fs_raw::wasi::{
        Entry, InputStream, OutputStream, Preopens, READ, StreamError, WRITE, content_at, must,
        open, say, stream_error,
    };

    pub const CASES: &[Entry] = &[("read", read), ("write", write), ("splice", splice)];

    fn shown<T>(answer: Result<T, StreamError>) -> String {
        answer.map_or_else(|error| stream_error(&error), |_| "no error".to_owned())
    }

    /// The error has a text for people. What it says is nobody's to compare.
    fn described<T>(answer: Result<T, StreamError>) -> String {
        match answer {
            Err(StreamError::LastOperationFailed(error)) => {
                let empty = error.to_debug_string().is_empty();
                if empty {
                    "without a text"
                } else {
                    "with a text"
                }
                .to_owned()
            }
            other => shown(other),
        }
    }

    const REFUSED_EARLY: [&str; 2] = ["bad-descriptor", "with a text"];

    fn read(preopens: &Preopens) {
        let file = open(preopens.root(), "digits.txt", WRITE);
        let made = |at| file.read_via_stream(at).map_err(|error| error.name());
        let first = |stream: &InputStream| shown(stream.blocking_read(4));
        match made(0) {
            Ok(stream) => {
                say("read", first(&stream));
                say("read again", first(&stream));
                say("skip", shown(stream.blocking_skip(1)));
            }
            Err(early) => {
                say("read", early);
                say("read again", "closed");
                say("skip", "closed");
            }
        }
        let text = made(1).map_or_else(
            |early| REFUSED_EARLY[usize::from(early == "bad-descriptor")].to_owned(),
            |stream| described(stream.blocking_read(4)),
        );
        say("to-debug-string", text);
    }

    fn write(preopens: &Preopens) {
        let file = open(preopens.root(), "digits.txt", READ);
        let made = |at| file.write_via_stream(at).map_err(|error| error.name());
        let first = |stream: &OutputStream| shown(stream.blocking_write_and_flush(b"x"));
        match made(0) {
            Ok(stream) => {
                say("write", first(&stream));
                say("write again", first(&stream));
                say("check-write", shown(stream.check_write()));
                say("flush", shown(stream.flush()));
                say("blocking-flush", shown(stream.blocking_flush()));
                say("zeroes", shown(stream.blocking_write_zeroes_and_flush(1)));
            }
            Err(early) => {
                say("write", early);
                for what in [
                    "write again",
                    "check-write",
                    "flush",
                    "blocking-flush",
                    "zeroes",
                ] {
                    say(what, "closed");
                }
            }
        }
        let text = made(1).map_or_else(
            |early| REFUSED_EARLY[usize::from(early == "bad-descriptor")].to_owned(),
            |stream| described(stream.blocking_write_and_flush(b"x")),
        );
        say("to-debug-string", text);
        say("content", content_at(preopens.root(), "digits.txt"));
    }

    /// Whichever side fails, the splice reports it.
    fn splice(preopens: &Preopens) {
        let root = preopens.root();
        let (reader, writer) = (
            open(root, "digits.txt", READ),
            open(root, "other.txt", WRITE),
        );
        let good_input = must("read-via-stream", reader.read_via_stream(0));
        let good_output = must("write-via-stream", writer.write_via_stream(0));
        match writer.read_via_stream(0) {
            Ok(bad) => say(
                "from a bad input",
                shown(good_output.blocking_splice(&bad, 4)),
            ),
            Err(early) => say("from a bad input", early.name()),
        }
        match reader.write_via_stream(0) {
            // A write that does not wait may fail only when it is flushed.
            Ok(bad) => say(
                "to a bad output",
                shown(
                    bad.blocking_splice(&good_input, 4)
                        .and_then(|_| bad.blocking_flush()),
                ),
            ),
            Err(early) => say("to a bad output", early.name()),
        }
        say("content", content_at(root, "digits.txt"));
        say("content", content_at(root, "other.txt"));
    }
}
