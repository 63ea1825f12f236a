//! The three pipes between the harness and a guest.

use rustix::fd::{AsRawFd, OwnedFd};
use rustix::pipe::{PipeFlags, pipe_with};
use std::io;
use std::path::PathBuf;

/// The harness's ends of a guest's standard streams.
#[derive(Debug)]
pub struct Stdio {
    /// Where its input is written; `None` when it has none.
    pub stdin: Option<OwnedFd>,
    /// Where its output is read.
    pub stdout: OwnedFd,
    /// Where its errors are read.
    pub stderr: OwnedFd,
}

/// The guest's ends.
///
/// Drop them when the guest has its own: while they are open here, the harness
/// sees no end of the guest's output, and a write to a guest that is gone waits
/// instead of failing. A `std::process::Command` that was given them keeps them
/// until it is dropped itself.
#[derive(Debug)]
pub struct StdioGuest {
    /// Where it reads its input.
    pub stdin: OwnedFd,
    /// Where it writes its output.
    pub stdout: OwnedFd,
    /// Where it writes its errors.
    pub stderr: OwnedFd,
}

/// Paths under which another process can open the guest's ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestPaths {
    /// To be opened for reading.
    pub stdin: PathBuf,
    /// To be opened for writing.
    pub stdout: PathBuf,
    /// To be opened for writing.
    pub stderr: PathBuf,
}

impl StdioGuest {
    /// Where another process of the same user and PID namespace finds these
    /// ends. Opening one makes a new end of the same pipe, with flags of its
    /// own; it does not wait, since there are open ends on both sides. The
    /// paths are good for as long as this value is not dropped.
    #[must_use]
    pub fn paths(&self) -> GuestPaths {
        let path = |fd: &OwnedFd| {
            PathBuf::from(format!(
                "/proc/{}/fd/{}",
                std::process::id(),
                fd.as_raw_fd()
            ))
        };
        GuestPaths {
            stdin: path(&self.stdin),
            stdout: path(&self.stdout),
            stderr: path(&self.stderr),
        }
    }
}

/// Makes the pipes. No end is inherited by a process that is started
/// meanwhile: it would keep the pipe open.
///
/// # Errors
/// When this process or the machine has too many open files.
pub fn pipes() -> io::Result<(Stdio, StdioGuest)> {
    let (stdin_guest, stdin) = pipe_with(PipeFlags::CLOEXEC)?;
    let (stdout, stdout_guest) = pipe_with(PipeFlags::CLOEXEC)?;
    let (stderr, stderr_guest) = pipe_with(PipeFlags::CLOEXEC)?;
    Ok((
        Stdio {
            stdin: Some(stdin),
            stdout,
            stderr,
        },
        StdioGuest {
            stdin: stdin_guest,
            stdout: stdout_guest,
            stderr: stderr_guest,
        },
    ))
}
