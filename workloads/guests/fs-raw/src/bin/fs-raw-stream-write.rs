//! `fs-raw-stream-write`: write-via-stream and append-via-stream, and all that
//! an output stream can do.

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
        Descriptor, Entry, ErrorCode, OutputStream, Preopens, READ, READ_WRITE, StreamError,
        content_at, content_of, create, must, open, say, stream_error, write_all,
    };
    use wasip2::io::poll::poll;

    pub const CASES: &[Entry] = &[
        ("write", write),
        ("beyond", beyond),
        ("append", append),
        ("independent", independent),
        ("permit", permit),
        ("zeroes", zeroes),
        ("large", large),
        ("over-permit", over_permit),
        ("read-only", read_only),
        ("directory", directory),
    ];

    fn result(answer: Result<(), StreamError>) -> String {
        answer.map_or_else(|error| stream_error(&error), |()| "done".to_owned())
    }

    fn written(stream: &OutputStream, bytes: &[u8]) -> String {
        result(stream.blocking_write_and_flush(bytes))
    }

    fn digits(preopens: &Preopens) -> Descriptor {
        open(preopens.root(), "digits.txt", READ_WRITE)
    }

    fn write(preopens: &Preopens) {
        let file = digits(preopens);
        let stream = must("write-via-stream", file.write_via_stream(4));
        say("write", written(&stream, b"ab"));
        say("content", content_of(&file));
        say("goes on", written(&stream, b"c"));
        say("writes nothing", written(&stream, b""));
        say("content", content_of(&file));
        say("across the end", written(&stream, b"defgh"));
        drop(stream);
        say(
            "another descriptor",
            content_at(preopens.root(), "digits.txt"),
        );
    }

    fn beyond(preopens: &Preopens) {
        let file = digits(preopens);
        let stream = must("write-via-stream", file.write_via_stream(13));
        say("content before", content_of(&file));
        say("write", written(&stream, b"x"));
        say("content", content_of(&file));
    }

    fn append(preopens: &Preopens) {
        let file = digits(preopens);
        let stream = must("append-via-stream", file.append_via_stream());
        say("append", written(&stream, b"a"));
        must("write", write_all(&file, b"bc", 11));
        // To the end as it is now, not as it was.
        say("append after a write", written(&stream, b"d"));
        say("content", content_of(&file));
        must("set-size", file.set_size(3));
        say("append after set-size", written(&stream, b"e"));
        say("content", content_of(&file));
    }

    fn independent(preopens: &Preopens) {
        let file = digits(preopens);
        let first = must("write-via-stream", file.write_via_stream(0));
        let second = must("write-via-stream", file.write_via_stream(5));
        let end = must("append-via-stream", file.append_via_stream());
        say("first", written(&first, b"a"));
        say("second", written(&second, b"b"));
        say("end", written(&end, b"c"));
        say("first", written(&first, b"d"));
        say("second", written(&second, b"e"));
        say("content", content_of(&file));
        drop(file);
        say("first, its descriptor dropped", written(&first, b"f"));
        say("content", content_at(preopens.root(), "digits.txt"));
    }

    /// check-write, write, flush and the pollable, without blocking calls.
    fn permit(preopens: &Preopens) {
        let file = digits(preopens);
        let stream = must("write-via-stream", file.write_via_stream(0));
        let ready = stream.subscribe();
        for part in ["ab", "cd", "ef"] {
            poll(&[&ready]);
            let permitted = stream.check_write();
            let at_least = permitted.map_or_else(
                |error| stream_error(&error),
                |count| if count > 0 { "at least 1" } else { "0" }.to_owned(),
            );
            say("check-write after poll", at_least);
            say("write", result(stream.write(part.as_bytes())));
            say("flush", result(stream.flush()));
        }
        say("blocking-flush", result(stream.blocking_flush()));
        say("content", content_of(&file));
    }

    fn zeroes(preopens: &Preopens) {
        let file = digits(preopens);
        let stream = must("write-via-stream", file.write_via_stream(2));
        say(
            "blocking-write-zeroes-and-flush",
            result(stream.blocking_write_zeroes_and_flush(3)),
        );
        say("content", content_of(&file));
        stream.subscribe().block();
        let enough = stream.check_write().is_ok_and(|count| count >= 1);
        say("check-write permits 1", enough);
        say("write-zeroes", result(stream.write_zeroes(1)));
        say("blocking-flush", result(stream.blocking_flush()));
        say("write", written(&stream, b"x"));
        say("content", content_of(&file));
        let most = must("write-via-stream", file.write_via_stream(0));
        say(
            "4096 zeroes",
            result(most.blocking_write_zeroes_and_flush(4096)),
        );
        let size = must("stat", file.stat()).size;
        say("size", size);
        must("set-size", file.set_size(2));
    }

    /// As many bytes as are permitted each time, until a megabyte is written.
    fn large(preopens: &Preopens) {
        const SIZE: usize = 1 << 20;
        let content: Vec<u8> = (0..SIZE).map(|at| (at * 7 + at / 251) as u8).collect();
        let file = create(preopens.root(), "large.bin", b"");
        let stream = must("write-via-stream", file.write_via_stream(0));
        let mut at = 0;
        while at < SIZE {
            stream.subscribe().block();
            let permitted = match stream.check_write() {
                Ok(count) => usize::try_from(count).unwrap_or(usize::MAX),
                Err(error) => return say("check-write", stream_error(&error)),
            };
            let end = at.saturating_add(permitted).min(SIZE);
            if let Err(error) = stream.write(&content[at..end]) {
                return say("write", stream_error(&error));
            }
            at = end;
        }
        say("written", at);
        say("blocking-flush", result(stream.blocking_flush()));
        let read = must(
            "read",
            assay_guests_fs_raw::wasi::read_up_to(&file, SIZE + 1, 0),
        );
        say("read back", read.len());
        say("the same", read == content);
        drop(stream);
        must("remove", preopens.root().unlink_file_at("large.bin"));
    }

    fn over_permit(preopens: &Preopens) {
        let file = digits(preopens);
        let stream = must("write-via-stream", file.write_via_stream(0));
        let Ok(permitted) = stream.check_write() else {
            return say("check-write", "failed");
        };
        // More than a guest can hold cannot be tried.
        if permitted > 1 << 28 {
            return say("check-write", "permits more than can be tried");
        }
        let content = vec![b'x'; usize::try_from(permitted).unwrap_or(0) + 1];
        say("check-write", "has permitted less than what is written now");
        let answer = result(stream.write(&content));
        say("write", answer);
    }

    /// The error may come with the stream or with the first write.
    fn first_write(stream: Result<OutputStream, ErrorCode>) -> String {
        match stream {
            Ok(stream) => written(&stream, b"x"),
            Err(error) => error.name().to_owned(),
        }
    }

    fn read_only(preopens: &Preopens) {
        let file = open(preopens.root(), "digits.txt", READ);
        say("write-via-stream", first_write(file.write_via_stream(0)));
        say("append-via-stream", first_write(file.append_via_stream()));
        say("content", content_of(&file));
    }

    fn directory(preopens: &Preopens) {
        let root = preopens.root();
        say("write-via-stream", first_write(root.write_via_stream(0)));
        say("append-via-stream", first_write(root.append_via_stream()));
    }
}
