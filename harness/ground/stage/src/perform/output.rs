//! The guest's two outputs.

use super::wait::wait_for;
use crate::script::Output;
use assay_model::Nanos;
use rustix::event::PollFlags;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};
use std::time::Instant;

/// As much as a pipe holds.
const PIECE: usize = 64 * 1024;

pub(super) fn set_nonblocking(fd: impl AsFd) -> Result<(), Errno> {
    let flags = fcntl_getfl(&fd)?;
    fcntl_setfl(&fd, flags | OFlags::NONBLOCK)
}

/// How much may be read of each output.
#[derive(Clone, Copy)]
pub(super) struct Range {
    stdout: usize,
    stderr: usize,
}

impl Range {
    pub(super) const ALL: Range = Range {
        stdout: usize::MAX,
        stderr: usize::MAX,
    };

    /// At most `count` of one, and whatever there is of the other.
    pub(super) fn only(output: Output, count: usize) -> Range {
        match output {
            Output::Stdout => Range {
                stdout: count,
                ..Range::ALL
            },
            Output::Stderr => Range {
                stderr: count,
                ..Range::ALL
            },
        }
    }
}

enum Source {
    Open(OwnedFd),
    Ended,
    Closed,
}

/// What has been read of an output.
pub(super) struct Capture {
    source: Source,
    pub(super) bytes: Vec<u8>,
    /// How many of them steps have asked for.
    pub(super) taken: usize,
}

impl Capture {
    fn new(fd: OwnedFd) -> Result<Capture, Errno> {
        set_nonblocking(&fd)?;
        Ok(Capture {
            source: Source::Open(fd),
            bytes: Vec::new(),
            taken: 0,
        })
    }

    pub(super) fn ended(&self) -> bool {
        matches!(self.source, Source::Ended)
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.source, Source::Closed)
    }

    /// What was read ahead is forgotten: whether it had arrived is timing.
    pub(super) fn close(&mut self) {
        self.source = Source::Closed;
        self.bytes.truncate(self.taken);
    }

    /// Reads once, at most `most` bytes, and says whether there was something.
    fn read(&mut self, most: usize) -> Result<bool, Errno> {
        let Source::Open(fd) = &self.source else {
            return Ok(false);
        };
        let mut piece = [0; PIECE];
        match rustix::io::read(fd, &mut piece[..most.min(PIECE)]) {
            Ok(0) => {
                self.source = Source::Ended;
                Ok(false)
            }
            Ok(count) => {
                self.bytes.extend_from_slice(&piece[..count]);
                Ok(true)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(false),
            Err(errno) => Err(errno),
        }
    }
}

/// Both outputs.
pub(super) struct Outputs {
    pub(super) stdout: Capture,
    pub(super) stderr: Capture,
    pub(super) first_byte: Option<Nanos>,
}

impl Outputs {
    pub(super) fn new(stdout: OwnedFd, stderr: OwnedFd) -> Result<Outputs, Errno> {
        Ok(Outputs {
            stdout: Capture::new(stdout)?,
            stderr: Capture::new(stderr)?,
            first_byte: None,
        })
    }

    pub(super) fn of(&mut self, output: Output) -> &mut Capture {
        match output {
            Output::Stdout => &mut self.stdout,
            Output::Stderr => &mut self.stderr,
        }
    }

    /// Whether nothing more can come.
    pub(super) fn ended(&self) -> bool {
        self.open().is_empty()
    }

    /// Whether the guest itself ended both, which it does by ending.
    pub(super) fn ended_by_guest(&self) -> bool {
        self.stdout.ended() && self.stderr.ended()
    }

    /// The names of those that are open.
    pub(super) fn open(&self) -> Vec<&'static str> {
        [("stdout", &self.stdout), ("stderr", &self.stderr)]
            .into_iter()
            .filter(|(_, capture)| matches!(capture.source, Source::Open(_)))
            .map(|(name, _)| name)
            .collect()
    }

    /// Waits until an output or `other` is ready, reads once of each output
    /// that is, and says whether `other` is.
    pub(super) fn pump(
        &mut self,
        range: Range,
        other: Option<(BorrowedFd<'_>, PollFlags)>,
        until: Instant,
    ) -> Result<bool, String> {
        let wanted = [
            fd_of(&self.stdout, range.stdout),
            fd_of(&self.stderr, range.stderr),
            other,
        ];
        let present: Vec<usize> = (0..3).filter(|index| wanted[*index].is_some()).collect();
        let polled: Vec<_> = wanted.into_iter().flatten().collect();
        let mut ready = [false; 3];
        for (index, is_ready) in present.into_iter().zip(wait_for(&polled, until)?) {
            ready[index] = is_ready;
        }
        if ready[0] {
            let had = self.stdout.read(range.stdout).map_err(name("stdout"))?;
            if had && self.first_byte.is_none() {
                self.first_byte = Some(now());
            }
        }
        if ready[1] {
            self.stderr.read(range.stderr).map_err(name("stderr"))?;
        }
        Ok(ready[2])
    }

    /// Reads both until `until`, or until both have ended.
    pub(super) fn pump_all(&mut self, until: Instant) -> Result<(), String> {
        loop {
            self.pump(Range::ALL, None, until)?;
            if Instant::now() >= until || self.ended() {
                return Ok(());
            }
        }
    }
}

fn fd_of(capture: &Capture, most: usize) -> Option<(BorrowedFd<'_>, PollFlags)> {
    match &capture.source {
        Source::Open(fd) if most > 0 => Some((fd.as_fd(), PollFlags::IN)),
        _ => None,
    }
}

fn name(output: &'static str) -> impl Fn(Errno) -> String {
    move |errno| format!("reading {output}: {errno}")
}

/// Now, on the clock of every stamp.
fn now() -> Nanos {
    let time = clock_gettime(ClockId::Monotonic);
    // It starts at boot, so neither part is negative.
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    Nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}
