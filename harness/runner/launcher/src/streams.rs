//! The standard streams of a measured process, and the end that stays here.

use crate::error::{ProcessError, system};
use assay_wire::grants::Attached;
use rustix::io::Errno;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::process::Stdio;

/// The ends of the three streams that a program is given.
pub(crate) struct Theirs {
    pub(crate) stdin: Stdio,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
}

/// The ends that stay here; none where the harness itself feeds and reads.
#[derive(Default)]
pub(crate) struct Ours {
    pub(crate) stdin: Option<OwnedFd>,
    pub(crate) stdout: Option<OwnedFd>,
    pub(crate) stderr: Option<OwnedFd>,
}

pub(crate) fn pipe() -> Result<(OwnedFd, OwnedFd), ProcessError> {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(system("pipe2"))
}

pub(crate) fn pipes(feed: bool) -> Result<(Theirs, Ours), ProcessError> {
    let (stdout, stdout_theirs) = pipe()?;
    let (stderr, stderr_theirs) = pipe()?;
    let (stdin_theirs, stdin) = match feed {
        true => pipe().map(|(theirs, ours)| (Stdio::from(theirs), Some(ours)))?,
        false => (Stdio::null(), None),
    };
    let theirs = Theirs {
        stdin: stdin_theirs,
        stdout: stdout_theirs.into(),
        stderr: stderr_theirs.into(),
    };
    let ours = Ours {
        stdin,
        stdout: Some(stdout),
        stderr: Some(stderr),
    };
    Ok((theirs, ours))
}

/// Opens the ends that the harness keeps for the program.
pub(crate) fn open(attached: &Attached) -> Result<Theirs, ProcessError> {
    let opened = |path: &Path, write: bool| {
        std::fs::OpenOptions::new()
            .read(!write)
            .write(write)
            .open(path)
            .map(Stdio::from)
            .map_err(|source| ProcessError::Spawn {
                program: format!("a program on {}", path.display()),
                source,
            })
    };
    Ok(Theirs {
        stdin: opened(&attached.stdin, false)?,
        stdout: opened(&attached.stdout, true)?,
        stderr: opened(&attached.stderr, true)?,
    })
}

/// Reads all that has come; `arrived` is called when a read has returned bytes.
pub(crate) fn drain(
    pipe: &mut Option<OwnedFd>,
    scratch: &mut [u8],
    into: &mut Vec<u8>,
    mut arrived: impl FnMut(),
) -> Result<(), ProcessError> {
    while let Some(fd) = pipe.as_ref() {
        match rustix::io::read(fd.as_fd(), &mut *scratch) {
            Ok(0) => *pipe = None,
            Ok(count) => {
                arrived();
                into.extend_from_slice(scratch.get(..count).unwrap_or_default());
            }
            Err(Errno::AGAIN) => break,
            Err(Errno::INTR) => {}
            Err(error) => return Err(system("read")(error)),
        }
    }
    Ok(())
}
