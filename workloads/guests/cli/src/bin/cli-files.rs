//! `cli-files`: works on the files below its current directory, says what it
//! saw, and leaves a tree behind that is part of its outcome.
//!
//! Only relative paths: a component has the directories it was given and
//! nothing else, so a path from the root would mean different things on the
//! two sides. Errors are printed by their POSIX name. Their numbers differ
//! between the two C libraries, and so does Rust's `ErrorKind`: the WASI side
//! of std gives ENOTEMPTY no kind.

use std::ffi::CString;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use assay_guests_cli::say;

/// Makes `link` point at `target`.
///
/// `std::os::wasi::fs` is unstable and `std::os::unix::fs` does not exist in
/// WASI, so both sides call the C library directly.
fn symlink(target: &str, link: &str) -> io::Result<()> {
    let target = CString::new(target)?;
    let link = CString::new(link)?;
    // SAFETY: needed because the standard library has no stable symlink for
    // WASI. Both pointers come from live CStrings, so they are valid and
    // NUL-terminated for the whole call, and symlink keeps neither.
    let status = unsafe { libc::symlink(target.as_ptr(), link.as_ptr()) };
    if status == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// What a step that should fail gave: the POSIX name of its error.
fn failure<T>(result: io::Result<T>) -> String {
    let error = match result {
        Ok(_) => return "unexpected success".to_owned(),
        Err(error) => error,
    };
    match error.raw_os_error() {
        Some(libc::EEXIST) => "EEXIST".to_owned(),
        Some(libc::ENOENT) => "ENOENT".to_owned(),
        Some(libc::ENOTEMPTY) => "ENOTEMPTY".to_owned(),
        _ => format!("unexpected error: {error}"),
    }
}

/// Appends one line for `path` and all that is below it, sorted by name.
fn list(path: &Path, depth: usize, report: &mut String) -> io::Result<()> {
    let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let shown = name.as_encoded_bytes().escape_ascii();
        let meta = fs::symlink_metadata(entry.path())?;
        let _ = write!(report, "{:indent$}", "", indent = depth * 2);
        let _ = if meta.is_symlink() {
            let target = fs::read_link(entry.path())?;
            writeln!(
                report,
                "{shown} -> {}",
                target.as_os_str().as_encoded_bytes().escape_ascii()
            )
        } else if meta.is_dir() {
            writeln!(report, "{shown}/")
        } else {
            writeln!(report, "{shown} {}", meta.len())
        };
        if meta.is_dir() {
            list(&entry.path(), depth + 1, report)?;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    // Writing into a String cannot fail, hence `let _ =` in this file.
    let mut report = String::from("before\n");
    list(Path::new("."), 1, &mut report)?;

    // Create, and find that it cannot be created twice.
    let exclusive = || {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open("new.txt")
    };
    exclusive()?.write_all(b"created\n")?;
    let _ = writeln!(report, "create again: {}", failure(exclusive()));

    // Append to a file of the fixture.
    OpenOptions::new()
        .append(true)
        .open("data/alpha.txt")?
        .write_all(b"appended\n")?;
    let _ = writeln!(
        report,
        "appended: {:?}",
        fs::read_to_string("data/alpha.txt")?
    );

    // Truncate one to a length, and one by opening it.
    OpenOptions::new()
        .write(true)
        .open("data/beta.txt")?
        .set_len(6)?;
    let _ = writeln!(
        report,
        "truncated: {:?}",
        fs::read_to_string("data/beta.txt")?
    );
    File::create("data/gamma.bin")?.write_all(&[0xff, 0x00, 0x0a])?;
    let _ = writeln!(report, "replaced: {:?}", fs::read("data/gamma.bin")?);

    // Overwrite in the middle, then leave a hole behind the end.
    let mut sparse = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open("sparse.bin")?;
    sparse.write_all(b"0123456789")?;
    sparse.seek(SeekFrom::Start(4))?;
    sparse.write_all(b"xy")?;
    sparse.seek(SeekFrom::End(5))?;
    sparse.write_all(b"z")?;
    sparse.rewind()?;
    let mut content = Vec::new();
    sparse.read_to_end(&mut content)?;
    let _ = writeln!(report, "sparse: {}", content.escape_ascii());

    // Directories and renames: into a directory, and over another file.
    fs::create_dir_all("out/nested")?;
    let _ = writeln!(report, "mkdir again: {}", failure(fs::create_dir("out")));
    fs::rename("new.txt", "out/nested/renamed.txt")?;
    let _ = writeln!(report, "renamed away: {}", failure(fs::metadata("new.txt")));
    fs::write("out/first", b"first\n")?;
    fs::write("out/second", b"second\n")?;
    fs::rename("out/first", "out/second")?;
    let _ = writeln!(
        report,
        "renamed over: {:?}",
        fs::read_to_string("out/second")?
    );

    // Remove: a file, a full directory (refused), an empty one.
    fs::remove_file("data/gone.txt")?;
    let _ = writeln!(report, "removed: {}", failure(File::open("data/gone.txt")));
    let _ = writeln!(
        report,
        "remove full directory: {}",
        failure(fs::remove_dir("out"))
    );
    fs::create_dir("short-lived")?;
    fs::remove_dir("short-lived")?;

    // Symbolic links: followed, read, and dangling.
    symlink("nested/renamed.txt", "out/link")?;
    let _ = writeln!(
        report,
        "through link: {:?}",
        fs::read_to_string("out/link")?
    );
    symlink("nowhere", "out/dangling")?;
    let _ = writeln!(
        report,
        "dangling: {}",
        failure(fs::metadata("out/dangling"))
    );
    let _ = writeln!(
        report,
        "link again: {}",
        failure(symlink("elsewhere", "out/link"))
    );

    report.push_str("after\n");
    list(Path::new("."), 1, &mut report)?;
    say(&report)
}
