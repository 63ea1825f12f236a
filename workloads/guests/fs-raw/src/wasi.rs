//! The part that needs the interface.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

pub use wasip2::filesystem::types::{
    Advice, Datetime, Descriptor, DescriptorFlags, DescriptorStat, DescriptorType,
    DirectoryEntryStream, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};
pub use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// Path flags that follow a symbolic link in the last place.
pub const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
/// Path flags that do not.
pub const NO_FOLLOW: PathFlags = PathFlags::empty();
/// No open flags.
pub const PLAIN: OpenFlags = OpenFlags::empty();
/// To read a file or a directory.
pub const READ: DescriptorFlags = DescriptorFlags::READ;
/// To write a file.
pub const WRITE: DescriptorFlags = DescriptorFlags::WRITE;
/// To read and write a file.
pub const READ_WRITE: DescriptorFlags = DescriptorFlags::READ.union(DescriptorFlags::WRITE);
/// To read a directory and to change what is in it.
pub const MUTATE: DescriptorFlags = DescriptorFlags::READ.union(DescriptorFlags::MUTATE_DIRECTORY);

/// A case of a guest: the name that is its first argument, and what it does
/// with the preopened directories.
pub type Entry = (&'static str, fn(&Preopens));

/// Runs the case that the first argument names.
///
/// An unknown name, or a closed stdout, ends the program with a failure.
#[must_use]
pub fn run(cases: &[Entry]) -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let Some((_, case)) = cases.iter().find(|(name, _)| *name == wanted) else {
        let names: Vec<&str> = cases.iter().map(|(name, _)| *name).collect();
        let _ = writeln!(
            std::io::stderr(),
            "no case '{wanted}'; the first argument is one of {}",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    };
    case(&Preopens::get());
    ExitCode::SUCCESS
}

/// One line of the report, in one write and at once: what comes before a trap
/// must not be lost.
pub fn say(what: &str, value: impl Display) {
    // A closed stdout shows as a missing line.
    let _ = std::io::stdout().write_all(format!("{what}: {value}\n").as_bytes());
}

/// The directories the guest was given, by their names.
pub struct Preopens(Vec<(Descriptor, String)>);

impl Preopens {
    /// As preopens.get-directories returns them.
    #[must_use]
    pub fn get() -> Self {
        Self(wasip2::filesystem::preopens::get_directories())
    }

    /// Their names, in byte order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The directory that is called `name`.
    ///
    /// # Panics
    /// If it was not given. That is the host's fault and shows as a trap.
    #[must_use]
    pub fn at(&self, name: &str) -> &Descriptor {
        let found = self.0.iter().find(|(_, given)| given == name);
        match found {
            Some((descriptor, _)) => descriptor,
            None => panic!("no preopened directory is called '{name}'"),
        }
    }

    /// The one that most cases are given.
    #[must_use]
    pub fn root(&self) -> &Descriptor {
        self.at("/")
    }
}

/// The name of the error, or what `show` makes of the value.
pub fn shown<T, D: Display>(result: Result<T, ErrorCode>, show: impl FnOnce(T) -> D) -> String {
    match result {
        Ok(value) => show(value).to_string(),
        Err(error) => error.name().to_owned(),
    }
}

/// The name of the error, or `done` for an operation that returns nothing.
pub fn done<T>(result: Result<T, ErrorCode>) -> String {
    shown(result, |_| "done")
}

/// One of several answers that the specification allows, as a word of its
/// own; any other answer is shown as it is.
pub fn one_of<T>(result: Result<T, ErrorCode>, allowed: &[ErrorCode], word: &str) -> String {
    match result {
        Err(error) if allowed.contains(&error) => word.to_owned(),
        other => done(other),
    }
}

/// Bytes as text, with everything unusual escaped.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// The name of a type as the specification writes it.
#[must_use]
pub fn type_name(kind: DescriptorType) -> &'static str {
    match kind {
        DescriptorType::Unknown => "unknown",
        DescriptorType::BlockDevice => "block-device",
        DescriptorType::CharacterDevice => "character-device",
        DescriptorType::Directory => "directory",
        DescriptorType::Fifo => "fifo",
        DescriptorType::SymbolicLink => "symbolic-link",
        DescriptorType::RegularFile => "regular-file",
        DescriptorType::Socket => "socket",
    }
}

/// The names of the flags that are set, or `none`.
#[must_use]
pub fn flag_names(flags: DescriptorFlags) -> String {
    let names = [
        (DescriptorFlags::READ, "read"),
        (DescriptorFlags::WRITE, "write"),
        (DescriptorFlags::FILE_INTEGRITY_SYNC, "file-integrity-sync"),
        (DescriptorFlags::DATA_INTEGRITY_SYNC, "data-integrity-sync"),
        (
            DescriptorFlags::REQUESTED_WRITE_SYNC,
            "requested-write-sync",
        ),
        (DescriptorFlags::MUTATE_DIRECTORY, "mutate-directory"),
    ];
    let set: Vec<&str> = names
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|(_, name)| *name)
        .collect();
    if set.is_empty() {
        "none".to_owned()
    } else {
        set.join(" ")
    }
}

/// A step that the case builds on. A failure is named and ends the guest with
/// a trap, so it cannot pass for the behaviour under test.
///
/// # Panics
/// If the step failed.
pub fn must<T>(what: &str, result: Result<T, ErrorCode>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("cannot {what}: {}", error.name()),
    }
}

/// Opens a file or directory that must be there.
///
/// # Panics
/// If it cannot be opened.
#[must_use]
pub fn open(base: &Descriptor, path: &str, flags: DescriptorFlags) -> Descriptor {
    must(path, base.open_at(FOLLOW, path, PLAIN, flags))
}

/// Opens a directory that must be there, to change what is in it.
///
/// # Panics
/// If it cannot be opened.
#[must_use]
pub fn directory(base: &Descriptor, path: &str) -> Descriptor {
    must(
        path,
        base.open_at(FOLLOW, path, OpenFlags::DIRECTORY, MUTATE),
    )
}

/// Creates a new file with `content` and leaves it open.
///
/// # Panics
/// If it is there already, or cannot be written.
pub fn create(base: &Descriptor, path: &str, content: &[u8]) -> Descriptor {
    let flags = OpenFlags::CREATE.union(OpenFlags::EXCLUSIVE);
    let file = must(path, base.open_at(NO_FOLLOW, path, flags, READ_WRITE));
    must(path, write_all(&file, content, 0));
    file
}

/// Writes all of `content`, as `write` may take less at a time.
///
/// # Errors
/// What `write` answers.
pub fn write_all(file: &Descriptor, content: &[u8], at: u64) -> Result<(), ErrorCode> {
    let mut written = 0;
    while written < content.len() {
        let count = file.write(&content[written..], at + written as u64)?;
        if count == 0 {
            // Would go on for ever.
            return Err(ErrorCode::Io);
        }
        written += usize::try_from(count).unwrap_or(usize::MAX);
    }
    Ok(())
}

/// Reads `length` bytes, or less at the end of the file, as `read` may give
/// less at a time.
///
/// # Errors
/// What `read` answers.
pub fn read_up_to(file: &Descriptor, length: usize, at: u64) -> Result<Vec<u8>, ErrorCode> {
    let mut content = Vec::new();
    while content.len() < length {
        let wanted = (length - content.len()) as u64;
        let (part, ended) = file.read(wanted, at + content.len() as u64)?;
        let nothing = part.is_empty();
        content.extend(part);
        if ended || nothing {
            break;
        }
    }
    Ok(content)
}

/// The whole content of an open file, quoted, or the error.
#[must_use]
pub fn content_of(file: &Descriptor) -> String {
    shown(read_up_to(file, 1 << 20, 0), |bytes| text(&bytes))
}

/// The whole content of the file at `path`, quoted, or the error.
#[must_use]
pub fn content_at(base: &Descriptor, path: &str) -> String {
    match base.open_at(FOLLOW, path, PLAIN, READ) {
        Ok(file) => content_of(&file),
        Err(error) => error.name().to_owned(),
    }
}

/// The type of what is at `path`, not following a link, or the error.
#[must_use]
pub fn type_at(base: &Descriptor, path: &str) -> String {
    shown(base.stat_at(NO_FOLLOW, path), |stat| type_name(stat.type_))
}

/// What a stream answered instead of a value.
#[must_use]
pub fn stream_error(error: &StreamError) -> String {
    match error {
        StreamError::Closed => "closed".to_owned(),
        StreamError::LastOperationFailed(error) => {
            match wasip2::filesystem::types::filesystem_error_code(error) {
                Some(code) => code.name().to_owned(),
                None => "failed without a filesystem error code".to_owned(),
            }
        }
    }
}
