//! How a measured process reports its own instants to the launcher.

use crate::launcher::STAMP_FD_VARIABLE;
use std::io::Write as _;
use std::os::fd::FromRawFd as _;

/// Collects stamps and writes them when nothing is timed any more.
#[derive(Debug, Default)]
pub struct Stamps {
    taken: Vec<(&'static str, u64)>,
}

impl Stamps {
    /// Starts with room for a whole ladder, so that stamping never allocates.
    #[must_use]
    pub fn new() -> Stamps {
        Stamps {
            taken: Vec::with_capacity(8),
        }
    }

    /// Notes an instant in nanoseconds of `CLOCK_MONOTONIC`.
    pub fn note(&mut self, name: &'static str, at: u64) {
        self.taken.push((name, at));
    }

    /// Writes the stamps noted since the last call, a line `NAME NANOSECONDS`
    /// each, to the descriptor that the launcher named; does nothing when this
    /// process was started by hand.
    pub fn send(&mut self) {
        let text: String = self
            .taken
            .drain(..)
            .map(|(name, at)| format!("{name} {at}\n"))
            .collect();
        let Some(fd) = std::env::var(STAMP_FD_VARIABLE)
            .ok()
            .and_then(|fd| fd.parse().ok())
        else {
            return;
        };
        // SAFETY: needed because a number in the environment is the only name
        // that survives `exec`. The launcher opened it for this process and
        // nothing else here uses it; it is not closed, so it stays valid.
        let pipe = unsafe { std::fs::File::from_raw_fd(fd) };
        // Without a reader there is nobody to tell.
        let _ = (&pipe).write_all(text.as_bytes());
        std::mem::forget(pipe);
    }
}

/// Reads what [`Stamps::send`] wrote; lines that are not stamps are left out.
#[must_use]
pub fn parse(text: &str) -> Vec<(String, u64)> {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, at)| Some((name.to_owned(), at.parse().ok()?)))
        .collect()
}
