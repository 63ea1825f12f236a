//! What the guests of the standard library's file functions share.
//!
//! Only relative paths: a component has the directories it was given and
//! nothing else, so a path from the root would mean different things on the
//! two sides. Errors are printed by their POSIX names: their numbers differ
//! between the two C libraries, and so does Rust's `ErrorKind`.

use std::ffi::CString;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// A case of a guest: the name that is its first argument, and what it does.
/// An error it returns is of a step that the case only builds on.
pub type Entry = (&'static str, fn() -> io::Result<()>);

/// Runs the case that the first argument names; fails if there is none, or if
/// one of its steps failed.
#[must_use]
pub fn run(cases: &[Entry]) -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let result = match cases.iter().find(|(name, _)| *name == wanted) {
        Some((_, case)) => case(),
        None => {
            let names: Vec<&str> = cases.iter().map(|(name, _)| *name).collect();
            Err(io::Error::other(format!(
                "no case '{wanted}'; the first argument is one of {}",
                names.join(", ")
            )))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell if stderr is closed.
            let _ = writeln!(io::stderr(), "case '{wanted}': {error}");
            ExitCode::FAILURE
        }
    }
}

/// One line of the report, in one write.
pub fn say(what: &str, value: impl Display) {
    // A closed stdout shows as a missing line.
    let _ = io::stdout().write_all(format!("{what}: {value}\n").as_bytes());
}

const ERRORS: [(i32, &str); 16] = [
    (libc::EACCES, "EACCES"),
    (libc::EBADF, "EBADF"),
    (libc::EBUSY, "EBUSY"),
    (libc::EEXIST, "EEXIST"),
    (libc::EINVAL, "EINVAL"),
    (libc::EISDIR, "EISDIR"),
    (libc::ELOOP, "ELOOP"),
    (libc::EMLINK, "EMLINK"),
    (libc::ENAMETOOLONG, "ENAMETOOLONG"),
    (libc::ENOENT, "ENOENT"),
    (libc::ENOTDIR, "ENOTDIR"),
    (libc::ENOTEMPTY, "ENOTEMPTY"),
    (libc::ENOTSUP, "ENOTSUP"),
    (libc::EPERM, "EPERM"),
    (libc::EROFS, "EROFS"),
    (libc::EXDEV, "EXDEV"),
];

/// The POSIX name of an error.
#[must_use]
pub fn error_name(error: &io::Error) -> String {
    let named = error
        .raw_os_error()
        .and_then(|number| ERRORS.iter().find(|(known, _)| *known == number));
    match named {
        Some((_, name)) => (*name).to_owned(),
        None => format!("an error without a name here: {error}"),
    }
}

/// The name of the error, or what `show` makes of the value.
pub fn shown<T, D: Display>(result: io::Result<T>, show: impl FnOnce(T) -> D) -> String {
    match result {
        Ok(value) => show(value).to_string(),
        Err(error) => error_name(&error),
    }
}

/// The name of the error, or `done` for an operation that returns nothing of
/// interest.
pub fn done<T>(result: io::Result<T>) -> String {
    shown(result, |_| "done")
}

/// Bytes as text, with everything unusual escaped.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// The content of the file at `path`, quoted, or the error.
#[must_use]
pub fn content(path: impl AsRef<Path>) -> String {
    shown(std::fs::read(path), |bytes| text(&bytes))
}

/// Makes `link` point at `target`.
///
/// `std::os::wasi::fs` is unstable and `std::os::unix::fs` does not exist in
/// WASI, so both sides call the C library directly.
///
/// # Errors
/// What symlink(3p) gives.
pub fn symlink(target: &str, link: &str) -> io::Result<()> {
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
