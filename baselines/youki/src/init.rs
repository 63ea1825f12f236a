//! `--init`: a process between the kernel and the payload.
//!
//! Process 1 of a pid namespace is shielded from signals it does not handle,
//! its own included (pid_namespaces(7)): there, `abort()` raises SIGABRT
//! without effect and ends in its last resort, an illegal instruction, so a
//! crash reads 139 instead of 134. That is how a container without an init
//! behaves under every runtime, so it is the default; `--init` is the cure.

use libcontainer::workload::ExecutorError;
use nix::unistd::{ForkResult, fork};

use crate::error::with_causes;
use crate::supervise::{self, Role, Signals};

/// Forks. Returns in the child, which becomes the payload; the parent stays as
/// process 1, passes signals on, reaps, and ends with the payload's status.
pub fn split(signals: &Signals) -> Result<(), ExecutorError> {
    // SAFETY: needed for a second process below process 1; sound because this
    // process has one thread, so the child finds no lock held by another.
    let forked = unsafe { fork() };
    match forked {
        Ok(ForkResult::Child) => Ok(()),
        Ok(ForkResult::Parent { child }) => {
            let code =
                supervise::wait(child, Role::PayloadOfInit, signals).unwrap_or_else(|error| {
                    eprintln!("assay-youki: {}", with_causes(&error));
                    125
                });
            std::process::exit(i32::from(code))
        }
        Err(errno) => Err(ExecutorError::Other(format!(
            "cannot fork below process 1: {errno}"
        ))),
    }
}
