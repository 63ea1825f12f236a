//! `fs-raw-io`: read and write at an offset, and set-size.

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
        Entry, ErrorCode, Preopens, READ, READ_WRITE, WRITE, content_at, content_of, create, done,
        must, one_of, open, read_up_to, say, shown, text,
    };

    pub const CASES: &[Entry] = &[
        ("read", read),
        ("read-nothing", read_nothing),
        ("write", write),
        ("modes", modes),
        ("read-directory", read_directory),
        ("write-directory", write_directory),
        ("offsets", offsets),
        ("set-size", set_size),
    ];

    /// No regular file reaches so far, and POSIX's off_t does not either.
    const TOO_FAR: u64 = 1 << 63;
    const BEYOND: [ErrorCode; 3] = [
        ErrorCode::FileTooLarge,
        ErrorCode::Invalid,
        ErrorCode::Overflow,
    ];

    fn read(preopens: &Preopens) {
        let file = open(preopens.root(), "digits.txt", READ);
        for (length, at) in [(4, 3), (10, 0), (4, 8), (4, 10), (4, 1000), (1, 9), (4, 3)] {
            let part = shown(read_up_to(&file, length, at), |bytes| text(&bytes));
            say(&format!("{length} at {at}"), part);
        }
        // At the end, nothing is left and it says so.
        for at in [10, 1000] {
            let answer = shown(file.read(4, at), |(bytes, end)| {
                format!("{} end {end}", text(&bytes))
            });
            say(&format!("one read at {at}"), answer);
        }
    }

    fn read_nothing(preopens: &Preopens) {
        let file = open(preopens.root(), "digits.txt", READ);
        let answer = shown(file.read(0, 0), |(bytes, end)| {
            format!("{} end {end}", text(&bytes))
        });
        say("0 at 0", answer);
    }

    fn write(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "digits.txt", READ_WRITE);
        for (what, bytes, at) in [
            ("at the start", "ab", 0),
            ("in the middle", "cd", 4),
            ("across the end", "efg", 9),
            ("behind the end", "h", 15),
            ("nothing, far behind the end", "", 100),
        ] {
            let written = shown(file.write(bytes.as_bytes(), at), |count| count);
            say(what, format!("{written}, {}", content_of(&file)));
        }
        say("another descriptor", content_at(root, "digits.txt"));
    }

    fn modes(preopens: &Preopens) {
        let root = preopens.root();
        let (reader, writer) = (
            open(root, "digits.txt", READ),
            open(root, "digits.txt", WRITE),
        );
        say("read with write alone", done(writer.read(4, 0)));
        say("write with read alone", done(reader.write(b"x", 0)));
        // POSIX leaves the choice for ftruncate.
        let refused = [ErrorCode::BadDescriptor, ErrorCode::Invalid];
        say(
            "set-size with read alone",
            one_of(reader.set_size(0), &refused, "refused"),
        );
        say("content", content_at(root, "digits.txt"));
    }

    fn read_directory(preopens: &Preopens) {
        say("read", done(preopens.root().read(4, 0)));
    }

    fn write_directory(preopens: &Preopens) {
        let root = preopens.root();
        say("write", done(root.write(b"x", 0)));
        let refused = [ErrorCode::BadDescriptor, ErrorCode::Invalid];
        say("set-size", one_of(root.set_size(0), &refused, "refused"));
    }

    fn offsets(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "digits.txt", READ_WRITE);
        for at in [TOO_FAR, u64::MAX] {
            say(
                &format!("write at {at}"),
                one_of(file.write(b"x", at), &BEYOND, "refused"),
            );
            // There is nothing so far out. To say so by the end of the file or by
            // an error is both right, to give bytes is not.
            let bytes = file.read(4, at).map_or(0, |(bytes, _)| bytes.len());
            say(&format!("bytes at {at}"), bytes);
        }
        say(
            "set-size",
            one_of(file.set_size(TOO_FAR), &BEYOND, "refused"),
        );
        say("content", content_of(&file));
    }

    fn set_size(preopens: &Preopens) {
        let root = preopens.root();
        let file = create(root, "new.bin", b"0123456789");
        for size in [10, 4, 7, 0, 3] {
            must("set-size", file.set_size(size));
            let stat = must("stat", file.stat());
            say(
                &format!("set-size {size}"),
                format!("{} {}", stat.size, content_of(&file)),
            );
        }
        must("set-size", file.set_size(1 << 32));
        say(
            "set-size 4 GiB",
            shown(
                root.stat_at(assay_guests_fs_raw::wasi::NO_FOLLOW, "new.bin"),
                |stat| stat.size,
            ),
        );
        let far = read_up_to(&file, 4, (1 << 32) - 4);
        say("its last bytes", shown(far, |bytes| text(&bytes)));
        must("set-size", file.set_size(2));
        say("and back", content_of(&file));
    }
}
