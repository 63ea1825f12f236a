//! How long anything here may wait.
//!
//! Two things end a wait of a peer: the deadline, always; and the end of the
//! guest. When the guest has ended, what it sent is in the kernel's buffers, or
//! is about to be, since loopback delivers from a soft interrupt that a loaded
//! machine may put off. So a peer that is told to stop waits a little longer
//! for what is on its way, and no longer than that for what will never come.

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After the guest has ended: how long a step waits for what it was promised.
/// Only cases that fail wait for it.
pub(crate) const GRACE: Duration = Duration::from_secs(1);
/// After the guest has ended: how long a peer waits for a guest that it has not
/// heard of. Every case where the guest must not reach it waits for that.
pub(crate) const FIRST_GRACE: Duration = Duration::from_millis(250);
/// After the guest has ended: how long something idle waits for more. Every
/// case with such a peer waits for it.
pub(crate) const IDLE_GRACE: Duration = Duration::from_millis(50);

/// Tells the threads of a set of peers that the guest has ended.
#[derive(Debug)]
pub(crate) struct Stop {
    event: OwnedFd,
}

impl Stop {
    pub(crate) fn new() -> io::Result<Stop> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Stop { event })
    }

    /// Never read again, so it stays readable for all who wait.
    pub(crate) fn tell(&self) -> io::Result<()> {
        match rustix::io::write(&self.event, &1_u64.to_ne_bytes()) {
            // Full of earlier tellings: it is readable.
            Ok(_) | Err(Errno::AGAIN) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// What a wait ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    Ready,
    Stopped,
    Deadline,
}

impl Waited {
    /// Why nothing came, in an error.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Waited::Ready => "it was ready",
            Waited::Stopped => "the guest ended first",
            Waited::Deadline => "not before the deadline",
        }
    }
}

/// The two limits of a peer's waiting.
#[derive(Debug, Clone)]
pub(crate) struct Limit {
    pub(crate) stop: Arc<Stop>,
    pub(crate) deadline: Instant,
}

impl Limit {
    /// Waits until `fd` is ready. The deadline is looked at first, so that
    /// somebody who is always ready cannot keep a peer beyond it.
    pub(crate) fn ready(
        &self,
        fd: impl AsFd,
        events: PollFlags,
        grace: Duration,
    ) -> io::Result<Waited> {
        if Instant::now() >= self.deadline {
            return Ok(Waited::Deadline);
        }
        let fd = fd.as_fd();
        let waited = wait(&[(fd, events), self.stopped()], self.deadline)?;
        if waited[0] {
            return Ok(Waited::Ready);
        }
        if !waited[1] {
            return Ok(Waited::Deadline);
        }
        let until = self.deadline.min(Instant::now() + grace);
        let waited = wait(&[(fd, events)], until)?;
        Ok(match waited[0] {
            true => Waited::Ready,
            false => Waited::Stopped,
        })
    }

    /// Does nothing for `time`, or until the guest has ended or the deadline is
    /// there: a pause is for the guest, and ends with it.
    pub(crate) fn pause(&self, time: Duration) -> io::Result<()> {
        let until = Instant::now()
            .checked_add(time)
            .map_or(self.deadline, |end| end.min(self.deadline));
        wait(&[self.stopped()], until).map(drop)
    }

    fn stopped(&self) -> (BorrowedFd<'_>, PollFlags) {
        (self.stop.event.as_fd(), PollFlags::IN)
    }
}

/// Waits until one of `fds` is ready, has an error or was hung up, and says of
/// each whether it is. None is after `until`.
pub(crate) fn wait(fds: &[(BorrowedFd<'_>, PollFlags)], until: Instant) -> io::Result<Vec<bool>> {
    let mut polled: Vec<PollFd<'_>> = fds
        .iter()
        .map(|(fd, events)| PollFd::from_borrowed_fd(*fd, *events))
        .collect();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match poll(&mut polled, Some(&timespec(left))) {
            Ok(0) if !left.is_zero() => {}
            Ok(_) => {
                let ready = polled.iter().map(|fd| !fd.revents().is_empty());
                return Ok(ready.collect());
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn timespec(time: Duration) -> Timespec {
    // More seconds than fit are more than any deadline.
    Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(time.subsec_nanos()),
    }
}
