//! `fs-times`: the times of files, set and read back.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use assay_guests_fs::{Entry, say};

const CASES: &[Entry] = &[("set", set), ("one", one), ("written", written)];

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

fn at(seconds: u64, nanoseconds: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds)
}

fn shown(time: SystemTime) -> String {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => format!("{}.{:09}", since.as_secs(), since.subsec_nanos()),
        Err(_) => "before 1970".to_owned(),
    }
}

fn say_times(what: &str, path: &str) -> io::Result<()> {
    let found = fs::metadata(path)?;
    let (accessed, modified) = (shown(found.accessed()?), shown(found.modified()?));
    say(what, format!("accessed {accessed} modified {modified}"));
    Ok(())
}

fn open() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("file.txt")
}

fn set() -> io::Result<()> {
    for (what, accessed, modified) in [
        ("seconds", at(500_000_000, 0), at(1_000_000_000, 0)),
        ("nanoseconds", at(1, 1), at(2, 999_999_999)),
        ("epoch", at(0, 0), at(0, 0)),
        ("after 2038", at(2_200_000_000, 0), at(4_000_000_000, 0)),
    ] {
        let times = FileTimes::new()
            .set_accessed(accessed)
            .set_modified(modified);
        open()?.set_times(times)?;
        say_times(what, "file.txt")?;
    }
    Ok(())
}

fn one() -> io::Result<()> {
    let file = open()?;
    file.set_times(
        FileTimes::new()
            .set_accessed(at(1, 0))
            .set_modified(at(2, 0)),
    )?;
    file.set_modified(at(3, 0))?;
    say_times("modified alone", "file.txt")?;
    file.set_times(FileTimes::new().set_accessed(at(4, 0)))?;
    say_times("accessed alone", "file.txt")?;
    file.set_times(FileTimes::new())?;
    say_times("neither", "file.txt")?;
    Ok(())
}

/// From a known past on, so that no resolution of a clock matters.
fn written() -> io::Result<()> {
    let mut file = open()?;
    let past = at(1_000_000_000, 0);
    let later = |what: &str| -> io::Result<()> {
        say(what, fs::metadata("file.txt")?.modified()? > past);
        Ok(())
    };
    file.set_modified(past)?;
    later("later, when set")?;
    file.write_all(b"X")?;
    later("later, when written")?;
    file.set_modified(past)?;
    file.set_len(2)?;
    later("later, when cut")?;
    file.set_modified(past)?;
    fs::rename("file.txt", "other.txt")?;
    fs::rename("other.txt", "file.txt")?;
    later("later, when renamed")?;
    Ok(())
}
