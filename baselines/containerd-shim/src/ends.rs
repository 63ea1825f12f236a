//! The ends of the pipes that a program talks through.
//!
//! runwasi's library opens all three named pipes of a container for reading and
//! writing (`containerd-shimkit` 0.1.2, `sys/unix/stdio.rs`), and has no call to
//! close the input. So the program holds the other end of each pipe itself: it
//! never sees the end of its input, and is never told that nobody reads what it
//! writes. Opened again, each for the one direction it is for, they are pipes
//! like any other.

use rustix::fs::{FileType, Mode, OFlags, fcntl_getfl, fcntl_setfl, fstat, open};
use rustix::io::Errno;
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout, stderr, stdin, stdout};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Has the process keep its own end of each.
///
/// # Errors
/// When one of them cannot be opened again.
pub fn keep_own() -> Result<(), Errno> {
    if let Some(end) = own(stdin(), OFlags::RDONLY)? {
        dup2_stdin(end)?;
    }
    if let Some(end) = own(stdout(), OFlags::WRONLY)? {
        dup2_stdout(end)?;
    }
    if let Some(end) = own(stderr(), OFlags::WRONLY)? {
        dup2_stderr(end)?;
    }
    Ok(())
}

/// One end of a named pipe; none of anything else, and none to write to where
/// nobody reads, for which the process then stands in as before.
fn own(both: BorrowedFd<'_>, direction: OFlags) -> Result<Option<OwnedFd>, Errno> {
    if FileType::from_raw_mode(fstat(both)?.st_mode) != FileType::Fifo {
        return Ok(None);
    }
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&both));
    // A pipe is opened at once only if nobody waits for its other end.
    let flags = direction | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let end = match open(path, flags, Mode::empty()) {
        Ok(end) => end,
        Err(Errno::NXIO) => return Ok(None),
        Err(error) => return Err(error),
    };
    fcntl_setfl(end.as_fd(), fcntl_getfl(&end)? - OFlags::NONBLOCK)?;
    Ok(Some(end))
}
