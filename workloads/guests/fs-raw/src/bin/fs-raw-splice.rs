//! `fs-raw-splice`: from one file to another without the bytes passing through
//! the guest.

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
        Entry, InputStream, OutputStream, Preopens, READ, content_at, create, must, open, say,
        stream_error,
    };
    use wasip2::io::poll::poll;

    pub const CASES: &[Entry] = &[
        ("blocking", blocking),
        ("ready", ready),
        ("part", part),
        ("append", append),
    ];

    fn streams(preopens: &Preopens, from: u64) -> (InputStream, OutputStream) {
        let root = preopens.root();
        let source = open(root, "source.txt", READ);
        let target = create(root, "target.txt", b"");
        (
            must("read-via-stream", source.read_via_stream(from)),
            must("write-via-stream", target.write_via_stream(0)),
        )
    }

    /// Splices `length` bytes, or to the end; a splice may move less at a time.
    fn move_all(input: &InputStream, output: &OutputStream, length: u64) -> String {
        let mut moved = 0;
        while moved < length {
            match output.blocking_splice(input, length - moved) {
                Ok(count) if count > length - moved => return "more than asked for".to_owned(),
                Ok(count) => moved += count,
                Err(error) => return format!("{moved} {}", stream_error(&error)),
            }
        }
        moved.to_string()
    }

    fn blocking(preopens: &Preopens) {
        let (input, output) = streams(preopens, 0);
        say("blocking-splice", move_all(&input, &output, 100));
        say("again", move_all(&input, &output, 1));
        // The end of the input does not close the output.
        let more = output.blocking_write_and_flush(b"!\n");
        say(
            "write",
            more.map_or_else(|error| stream_error(&error), |()| "done".to_owned()),
        );
        say("content", content_at(preopens.root(), "target.txt"));
    }

    fn ready(preopens: &Preopens) {
        let (input, output) = streams(preopens, 0);
        let (readable, writable) = (input.subscribe(), output.subscribe());
        let mut moved = 0;
        let end = loop {
            poll(&[&readable]);
            poll(&[&writable]);
            match output.splice(&input, 4) {
                Ok(count) if count > 4 => break "more than asked for".to_owned(),
                Ok(count) => moved += count,
                Err(error) => break stream_error(&error),
            }
        };
        let flushed = output.blocking_flush();
        say("splice", format!("{moved} {end}"));
        say(
            "blocking-flush",
            flushed.map_or_else(|error| stream_error(&error), |()| "done".to_owned()),
        );
        say("content", content_at(preopens.root(), "target.txt"));
    }

    fn part(preopens: &Preopens) {
        let (input, output) = streams(preopens, 2);
        say("5 from 2", move_all(&input, &output, 5));
        say("3 more", move_all(&input, &output, 3));
        say(
            "0 more",
            output
                .splice(&input, 0)
                .map_or_else(|error| stream_error(&error), |count| count.to_string()),
        );
        say("content", content_at(preopens.root(), "target.txt"));
    }

    fn append(preopens: &Preopens) {
        let root = preopens.root();
        let source = open(root, "source.txt", READ);
        let target = create(root, "target.txt", b"before ");
        let input = must("read-via-stream", source.read_via_stream(0));
        let output = must("append-via-stream", target.append_via_stream());
        say("blocking-splice", move_all(&input, &output, 100));
        say("content", content_at(root, "target.txt"));
    }
}
