//! `fs-raw-stream-read`: read-via-stream, and all that an input stream can do.

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
        Entry, InputStream, Preopens, READ, StreamError, must, open, read_up_to, say, shown,
        stream_error, text,
    };
    use wasip2::io::poll::poll;

    pub const CASES: &[Entry] = &[
        ("whole", whole),
        ("offset", offset),
        ("independent", independent),
        ("skip", skip),
        ("poll", wait),
        ("read-nothing", read_nothing),
        ("blocking-read-nothing", blocking_read_nothing),
        ("large", large),
        ("directory", directory),
    ];

    fn stream(preopens: &Preopens, at: u64) -> InputStream {
        let file = open(preopens.root(), "digits.txt", READ);
        must("read-via-stream", file.read_via_stream(at))
    }

    /// Reads `length` bytes, or to the end; a stream may give less at a time.
    fn take(stream: &InputStream, length: u64) -> String {
        let mut taken = Vec::new();
        while (taken.len() as u64) < length {
            match stream.blocking_read(length - taken.len() as u64) {
                Ok(part) => taken.extend(part),
                Err(error) => return format!("{} {}", text(&taken), stream_error(&error)),
            }
        }
        text(&taken)
    }

    fn whole(preopens: &Preopens) {
        let stream = stream(preopens, 0);
        say("4 bytes", take(&stream, 4));
        say("3 bytes", take(&stream, 3));
        say("the rest", take(&stream, 100));
        say("again", take(&stream, 1));
        say(
            "read",
            stream
                .read(1)
                .map_or_else(|e| stream_error(&e), |b| text(&b)),
        );
        say(
            "skip",
            stream
                .skip(1)
                .map_or_else(|e| stream_error(&e), |n| n.to_string()),
        );
    }

    fn offset(preopens: &Preopens) {
        for at in [7, 9, 10, 1000] {
            say(&format!("from {at}"), take(&stream(preopens, at), 100));
        }
    }

    fn independent(preopens: &Preopens) {
        let file = open(preopens.root(), "digits.txt", READ);
        let first = must("read-via-stream", file.read_via_stream(0));
        let second = must("read-via-stream", file.read_via_stream(5));
        say("first", take(&first, 3));
        say("second", take(&second, 2));
        say(
            "descriptor",
            shown(read_up_to(&file, 4, 1), |bytes| text(&bytes)),
        );
        say("first", take(&first, 3));
        say("second", take(&second, 100));
        drop(file);
        say("first, its descriptor dropped", take(&first, 100));
    }

    fn skip(preopens: &Preopens) {
        let blocking = stream(preopens, 1);
        let mut skipped = 0;
        while skipped < 4 {
            match blocking.blocking_skip(4 - skipped) {
                Ok(count) => skipped += count,
                Err(error) => return say("blocking-skip", stream_error(&error)),
            }
        }
        say("blocking-skip", skipped);
        say("then", take(&blocking, 2));

        let waiting = stream(preopens, 0);
        let ready = waiting.subscribe();
        let mut skipped = 0;
        while skipped < 3 {
            ready.block();
            match waiting.skip(3 - skipped) {
                Ok(count) => skipped += count,
                Err(error) => return say("skip", stream_error(&error)),
            }
        }
        say("skip", skipped);
        say("then", take(&waiting, 2));
        say("more than is left", {
            let mut left = 0;
            loop {
                match blocking.blocking_skip(100) {
                    Ok(count) => left += count,
                    Err(error) => break format!("{left} {}", stream_error(&error)),
                }
            }
        });
    }

    /// Reads without blocking, only when the stream says that it is ready.
    fn wait(preopens: &Preopens) {
        let stream = stream(preopens, 0);
        let ready = stream.subscribe();
        let mut taken = Vec::new();
        let end = loop {
            if poll(&[&ready]) != [0] {
                break "poll returned something else than [0]".to_owned();
            }
            if !ready.ready() {
                break "not ready after poll".to_owned();
            }
            match stream.read(4) {
                Ok(part) if part.len() > 4 => break "more than asked for".to_owned(),
                Ok(part) => taken.extend(part),
                Err(error) => break stream_error(&error),
            }
        };
        say("taken", text(&taken));
        say("end", end);
        say("ready when closed", ready.ready());
    }

    fn shown_bytes(answer: Result<Vec<u8>, StreamError>) -> String {
        answer.map_or_else(|error| stream_error(&error), |bytes| text(&bytes))
    }

    fn read_nothing(preopens: &Preopens) {
        let stream = stream(preopens, 0);
        say("read 0", shown_bytes(stream.read(0)));
        say(
            "skip 0",
            stream
                .skip(0)
                .map_or_else(|e| stream_error(&e), |n| n.to_string()),
        );
        say("then", take(&stream, 4));
    }

    fn blocking_read_nothing(preopens: &Preopens) {
        let stream = stream(preopens, 0);
        say("blocking-read 0", shown_bytes(stream.blocking_read(0)));
        say("then", take(&stream, 4));
    }

    /// More than one call can return, with a sum that depends on the order.
    fn large(preopens: &Preopens) {
        let file = open(preopens.root(), "large.bin", READ);
        let stream = must("read-via-stream", file.read_via_stream(1));
        let (mut size, mut sum) = (0_u64, 0_u32);
        let end = loop {
            match stream.blocking_read(u64::MAX) {
                Ok(part) => {
                    size += part.len() as u64;
                    for byte in part {
                        sum = sum.wrapping_mul(31).wrapping_add(u32::from(byte));
                    }
                }
                Err(error) => break stream_error(&error),
            }
        };
        say("bytes", size);
        say("sum", format!("{sum:08x}"));
        say("end", end);
    }

    fn directory(preopens: &Preopens) {
        // The error may come with the stream or with the first read.
        say(
            "read-via-stream",
            match preopens.root().read_via_stream(0) {
                Ok(stream) => shown_bytes(stream.blocking_read(1)),
                Err(error) => error.name().to_owned(),
            },
        );
    }
}
