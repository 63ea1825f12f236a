//! `fs-offsets`: where in a file reading and writing happens.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::process::ExitCode;

use assay_guests_fs::{Entry, content, error_name, say, shown, text};

const CASES: &[Entry] = &[
    ("seek", seek),
    ("seek-errors", seek_errors),
    ("beyond", beyond),
    ("length", length),
    ("shared", shared),
];

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

fn open() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("digits.txt")
}

fn next(file: &mut File, length: usize) -> io::Result<String> {
    let mut buffer = vec![0; length];
    file.read_exact(&mut buffer)?;
    Ok(text(&buffer))
}

fn seek() -> io::Result<()> {
    let mut file = open()?;
    for (what, to) in [
        ("from the start", SeekFrom::Start(3)),
        ("from here", SeekFrom::Current(2)),
        ("back from here", SeekFrom::Current(-4)),
        ("from the end", SeekFrom::End(-3)),
        ("nowhere", SeekFrom::Current(0)),
    ] {
        let position = file.seek(to)?;
        let left = 10 - position;
        let bytes = next(&mut file, usize::from(left > 0))?;
        say(what, format!("{position} {bytes}"));
    }
    file.seek(SeekFrom::Start(4))?;
    file.write_all(b"ab")?;
    say("after a write", file.stream_position()?);
    say("the next two", next(&mut file, 2)?);
    say("content", content("digits.txt"));
    Ok(())
}

fn seek_errors() -> io::Result<()> {
    let mut file = open()?;
    for (what, to) in [
        ("before the start", SeekFrom::Current(-1)),
        ("before the start, from the end", SeekFrom::End(-11)),
        ("behind the end", SeekFrom::End(90)),
    ] {
        say(what, shown(file.seek(to), |position| position));
    }
    let mut rest = Vec::new();
    file.read_to_end(&mut rest)?;
    say("what is read there", text(&rest));
    say("content", content("digits.txt"));
    Ok(())
}

fn beyond() -> io::Result<()> {
    let mut file = open()?;
    file.seek(SeekFrom::Start(14))?;
    file.write_all(b"x")?;
    say("content", content("digits.txt"));
    // A gap without a write is no gap.
    file.seek(SeekFrom::Start(40))?;
    file.write_all(b"")?;
    say("length", file.metadata()?.len());
    Ok(())
}

fn length() -> io::Result<()> {
    let mut file = open()?;
    file.seek(SeekFrom::Start(8))?;
    for length in [4, 6, 0, 2] {
        file.set_len(length)?;
        say(&format!("set_len {length}"), content("digits.txt"));
    }
    // The position is not moved, so this leaves a gap.
    file.write_all(b"x")?;
    say("after a write", content("digits.txt"));
    file.set_len(5_000_000_000)?;
    say("more than 32 bits", file.metadata()?.len());
    file.seek(SeekFrom::Start(4_999_999_998))?;
    file.write_all(b"yz")?;
    file.seek(SeekFrom::End(-3))?;
    say("its last bytes", next(&mut file, 3)?);
    file.set_len(1)?;
    say("and back", content("digits.txt"));
    let refused = File::open("digits.txt")?.set_len(0);
    // POSIX leaves the choice of the error.
    let name = refused.map_or_else(|error| error_name(&error), |()| "done".to_owned());
    let allowed = ["EBADF", "EINVAL"].contains(&name.as_str());
    say(
        "set_len when open to read",
        if allowed { "refused" } else { &name },
    );
    Ok(())
}

/// Two handles of one file have a position each, and see each other's bytes.
fn shared() -> io::Result<()> {
    let (mut first, mut second) = (open()?, open()?);
    say("first", next(&mut first, 4)?);
    say("second", next(&mut second, 2)?);
    first.write_all(b"abcd")?;
    say("second", next(&mut second, 6)?);
    say("first is at", first.stream_position()?);
    first.rewind()?;
    say("first, from the start", next(&mut first, 10)?);
    Ok(())
}
