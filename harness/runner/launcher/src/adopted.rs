//! Children that this launcher did not start. It is the subreaper of what it
//! starts, so it is left with what runtimes leave; a process that has ended and is
//! not reaped is still there for whoever waits for it to go, as gVisor's clean-up
//! does for its gofer.

use rustix::process::{Pid, WaitOptions, waitpid};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;

thread_local! {
    /// Processes whose end somebody here waits for. The launcher has one thread.
    static AWAITED: RefCell<HashSet<Pid>> = RefCell::default();
}

/// From now on somebody waits for this process.
pub(crate) fn await_own(pid: Pid) {
    AWAITED.with_borrow_mut(|awaited| awaited.insert(pid));
}

/// It has been reaped, or is somebody else's.
pub(crate) fn forget(pid: Pid) {
    AWAITED.with_borrow_mut(|awaited| awaited.remove(&pid));
}

/// Reaps adopted children that have ended.
pub(crate) fn reap() {
    let thread = rustix::thread::gettid().as_raw_nonzero();
    // Without CONFIG_PROC_CHILDREN there is no such file, and they stay.
    let children = fs::read_to_string(format!("/proc/self/task/{thread}/children"));
    let children = children.unwrap_or_default();
    let pids = children
        .split_whitespace()
        .filter_map(|word| word.parse().ok());
    for pid in pids.filter_map(Pid::from_raw) {
        if AWAITED.with_borrow(|awaited| !awaited.contains(&pid)) {
            // Nothing happens to one that lives.
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn one_that_is_awaited_is_left_to_whoever_waits() {
        let mut own = Command::new("/bin/true").spawn().unwrap();
        let mut adopted = Command::new("/bin/true").spawn().unwrap();
        let (ours, theirs) = (Pid::from_child(&own), Pid::from_child(&adopted));
        await_own(ours);
        let place = format!("/proc/{}", adopted.id());
        let is_there = || fs::exists(&place).unwrap();
        let patience = std::time::Instant::now();
        while is_there() && patience.elapsed().as_secs() < 20 {
            reap();
        }
        assert!(!is_there(), "{theirs:?} was not reaped");
        assert!(adopted.wait().is_err(), "its status is gone");
        assert!(own.wait().unwrap().success());
        forget(ours);
    }
}
