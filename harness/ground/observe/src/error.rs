//! What can be missing when the machine is looked at.

use rustix::io::Errno;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why something could not be observed.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The process does not exist (any more).
    #[error("process {pid} is gone: {} does not exist; observe it before it exits", file.display())]
    Gone {
        /// The process.
        pid: u32,
        /// The file that was wanted.
        file: PathBuf,
    },
    /// The process exists and has no memory of its own.
    #[error("process {pid} has no memory to observe: it is {state}")]
    NoMemory {
        /// The process.
        pid: u32,
        /// What it is.
        state: WithoutMemory,
    },
    /// The kernel refuses.
    #[error(
        "not allowed to read {}{}: observe processes of the same user, or as root",
        file.display(), of(*pid)
    )]
    Denied {
        /// The process, where the file belongs to one.
        pid: Option<u32>,
        /// The file.
        file: PathBuf,
    },
    /// The kernel does not have this file, or not with this field.
    #[error("{}{} has no {what}; this kernel does not provide it", file.display(), of(*pid))]
    Missing {
        /// The process, where the file belongs to one.
        pid: Option<u32>,
        /// The file.
        file: PathBuf,
        /// The field, or `content` when the file itself is absent.
        what: String,
    },
    /// The file does not have the documented form.
    #[error("cannot parse {} {what:?}{} (see proc(5), cgroups(7))", file.display(), of(*pid))]
    Malformed {
        /// The process, where the file belongs to one.
        pid: Option<u32>,
        /// The file.
        file: PathBuf,
        /// The text.
        what: String,
    },
    /// Anything else the kernel says.
    #[error("cannot read {}{}: {source}", file.display(), of(*pid))]
    Io {
        /// The process, where the file belongs to one.
        pid: Option<u32>,
        /// The file.
        file: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

/// A process without memory of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutMemory {
    /// It has exited, and nobody has waited for it.
    Zombie,
    /// It runs in the kernel.
    KernelThread,
}

impl fmt::Display for WithoutMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WithoutMemory::Zombie => "a zombie: it has exited and nobody has waited for it",
            WithoutMemory::KernelThread => "a kernel thread",
        })
    }
}

fn of(pid: Option<u32>) -> String {
    pid.map_or(String::new(), |pid| format!(" of process {pid}"))
}

impl ObserveError {
    /// Tells the errors of reading a file of a process apart. A process may end
    /// between opening a file of it and reading it: ESRCH (proc(5)).
    pub(crate) fn of_process(pid: u32, file: &Path, source: io::Error) -> Self {
        let file = file.to_owned();
        let gone = || !Path::new("/proc").join(pid.to_string()).exists();
        match Errno::from_io_error(&source) {
            Some(Errno::NOENT | Errno::SRCH) if gone() => ObserveError::Gone { pid, file },
            Some(Errno::NOENT) => ObserveError::Missing {
                pid: Some(pid),
                file,
                what: "content".into(),
            },
            Some(Errno::ACCESS | Errno::PERM) => ObserveError::Denied {
                pid: Some(pid),
                file,
            },
            _ => ObserveError::Io {
                pid: Some(pid),
                file,
                source,
            },
        }
    }

    /// The same for a file of the machine.
    pub(crate) fn of_machine(file: &Path, source: io::Error) -> Self {
        let file = file.to_owned();
        match Errno::from_io_error(&source) {
            Some(Errno::NOENT | Errno::OPNOTSUPP) => ObserveError::Missing {
                pid: None,
                file,
                what: "content".into(),
            },
            Some(Errno::ACCESS | Errno::PERM) => ObserveError::Denied { pid: None, file },
            _ => ObserveError::Io {
                pid: None,
                file,
                source,
            },
        }
    }

    /// Whether the process has ended: expected while a charge set shrinks.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(
            self,
            ObserveError::Gone { .. }
                | ObserveError::NoMemory {
                    state: WithoutMemory::Zombie,
                    ..
                }
        )
    }
}
