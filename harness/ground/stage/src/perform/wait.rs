//! Waits, and how they are told of.

use crate::limit;
use rustix::event::PollFlags;
use rustix::fd::BorrowedFd;
use std::time::Instant;

/// The end of a message about what did not happen in time.
pub(super) const NOT_BEFORE_THE_DEADLINE: &str = "not before the deadline";

/// The same wait as that of the peers, with errors as text.
pub(super) fn wait_for(
    fds: &[(BorrowedFd<'_>, PollFlags)],
    until: Instant,
) -> Result<Vec<bool>, String> {
    limit::wait(fds, until).map_err(|error| error.to_string())
}
