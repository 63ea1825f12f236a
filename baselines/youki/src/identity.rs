//! Is the process behind a recorded pid still the one that was recorded?
//!
//! Pids are reused. A container killed together with its supervisor leaves its
//! state behind, and `delete --force` must not kill whoever has the number now.
//! So the start time of process 1 is kept in an annotation, and a signal is
//! only sent through a pidfd whose process has that same start time.

use std::collections::HashMap;
use std::fs;
use std::os::fd::OwnedFd;

use libcontainer::container::Container;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::error::{Error, os};

/// The annotation that holds the start time, in clock ticks since boot.
const ANNOTATION: &str = "assay.youki.starttime";

/// Keeps the identity of `pid` with the container; the next save writes it.
pub fn record(container: &mut Container, pid: Pid) -> Result<(), Error> {
    let start = start_time(pid)
        .map_err(os(format!("cannot read the start time of process {pid:?}")))?
        .to_string();
    let mut annotations = container.state.annotations.take().unwrap_or_default();
    annotations.insert(ANNOTATION.to_owned(), start);
    container.set_annotations(Some(annotations));
    Ok(())
}

/// A handle on the container's process 1, or `None` when that process is gone
/// (or was never recorded, so that nothing may be signalled).
pub fn open(container: &Container) -> Result<Option<OwnedFd>, Error> {
    let Some(pid) = container.state.pid.and_then(Pid::from_raw) else {
        return Ok(None);
    };
    let recorded = container.state.annotations.as_ref().and_then(start_of);
    let Some(recorded) = recorded else {
        return Ok(None);
    };
    let fd = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(fd) => fd,
        Err(rustix::io::Errno::SRCH) => return Ok(None),
        Err(error) => {
            return Err(os(format!(
                "cannot open process {pid:?} of container `{}`",
                container.id()
            ))(error));
        }
    };
    // Read after the pidfd was opened: if it still matches, the pidfd is ours.
    match start_time(pid) {
        Ok(start) if start == recorded => Ok(Some(fd)),
        _ => Ok(None),
    }
}

fn start_of(annotations: &HashMap<String, String>) -> Option<u64> {
    annotations.get(ANNOTATION)?.parse().ok()
}

/// Field 22 of `/proc/PID/stat` (proc(5)): start time in clock ticks since boot.
fn start_time(pid: Pid) -> std::io::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))?;
    field_22(&stat).ok_or_else(|| std::io::Error::other("/proc/PID/stat has no field 22"))
}

/// The second field is the command in brackets and may hold anything, so
/// counting starts behind the last bracket, at field 3.
fn field_22(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(22 - 3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_may_hold_brackets_and_spaces() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 9 9";
        assert_eq!(field_22(stat), Some(4711));
        assert_eq!(field_22("7 (x) S 1"), None);
    }
}
