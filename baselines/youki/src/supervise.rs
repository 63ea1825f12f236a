//! Waiting for one child while passing signals on to it.

use std::fs;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::error::{Error, os};

/// The signals that end a foreground run and are passed on to the payload.
const FORWARDED: [Signal; 4] = [
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
];

/// The watched signals, blocked, so that none is lost between two waits.
#[derive(Debug, Clone, Copy)]
pub struct Signals {
    watched: SigSet,
    before: SigSet,
}

impl Signals {
    /// Blocks the watched signals; they wait until [`Signals::next`].
    pub fn block() -> Result<Self, Error> {
        let mut watched = SigSet::empty();
        watched.add(Signal::SIGCHLD);
        for signal in FORWARDED {
            watched.add(signal);
        }
        let mut before = SigSet::empty();
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&watched), Some(&mut before))
            .map_err(os("cannot block signals"))?;
        Ok(Self { watched, before })
    }

    /// Puts the mask back that this process was started with: the payload
    /// inherits it.
    pub fn restore(&self) -> nix::Result<()> {
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.before), None)
    }

    fn next(&self) -> Result<Signal, Error> {
        loop {
            match self.watched.wait() {
                Err(nix::Error::EINTR) => {}
                other => return other.map_err(os("cannot wait for signals")),
            }
        }
    }
}

/// Who is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Process 1 of a pid namespace, seen from outside. The kernel drops a
    /// signal that such a process neither handles nor blocks
    /// (pid_namespaces(7)), so its default action is carried out with SIGKILL.
    ContainerInit,
    /// An ordinary child of process 1; other children are reaped beside it.
    PayloadOfInit,
}

/// Waits until `child` has ended and answers with its status: its exit code, or
/// 128 + N when signal N ended it. A forwarded signal whose default action had
/// to be carried out with SIGKILL counts as that signal. The second signal
/// kills in any case.
pub fn wait(child: Pid, role: Role, signals: &Signals) -> Result<u8, Error> {
    let mut first: Option<Signal> = None;
    let mut stands_for: Option<Signal> = None;
    loop {
        match signals.next()? {
            Signal::SIGCHLD => {
                if let Some(ended) = reap(child, role)? {
                    return Ok(match (ended, stands_for) {
                        (Ended::Killed(Signal::SIGKILL), Some(signal)) => status_of(signal),
                        (Ended::Killed(signal), _) => status_of(signal),
                        (Ended::Exited(code), _) => code,
                    });
                }
            }
            signal => {
                let shielded = role == Role::ContainerInit && !receives(child, signal);
                let sent = if first.is_some() || shielded {
                    stands_for = stands_for.or(Some(first.unwrap_or(signal)));
                    Signal::SIGKILL
                } else {
                    signal
                };
                first = first.or(Some(signal));
                match kill(child, sent) {
                    // Gone already: its SIGCHLD is on the way.
                    Ok(()) | Err(nix::Error::ESRCH) => {}
                    Err(error) => {
                        return Err(os(format!("cannot send {sent} to process {child}"))(error));
                    }
                }
            }
        }
    }
}

/// Kills `child` and waits until it is gone.
pub fn kill_and_reap(child: Pid) {
    // Both can only fail when the child is gone already, which is the aim.
    let _ = kill(child, Signal::SIGKILL);
    let _ = waitpid(child, None);
}

enum Ended {
    Exited(u8),
    Killed(Signal),
}

/// Signals coalesce: one SIGCHLD may stand for several children.
fn reap(child: Pid, role: Role) -> Result<Option<Ended>, Error> {
    let target = match role {
        Role::ContainerInit => child,
        Role::PayloadOfInit => Pid::from_raw(-1),
    };
    loop {
        return match waitpid(target, Some(WaitPidFlag::WNOHANG)) {
            // An exit status has eight bits.
            Ok(WaitStatus::Exited(pid, code)) if pid == child => {
                Ok(Some(Ended::Exited((code & 0xff) as u8)))
            }
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => {
                Ok(Some(Ended::Killed(signal)))
            }
            Ok(WaitStatus::StillAlive) => Ok(None),
            Ok(_) | Err(nix::Error::EINTR) => continue,
            Err(error) => Err(os(format!("cannot wait for process {child}"))(error)),
        };
    }
}

/// The shell's convention for a process that a signal ended.
pub fn status_of(signal: Signal) -> u8 {
    128 | (signal as i32 & 0x7f) as u8
}

/// Whether a signal from outside reaches process 1 of a namespace: it must be
/// handled, blocked (then it waits) or ignored (then the payload wants it so).
fn receives(init: Pid, signal: Signal) -> bool {
    let Ok(status) = fs::read_to_string(format!("/proc/{init}/status")) else {
        return false;
    };
    let bit = 1_u64 << (signal as i32 - 1);
    ["SigBlk:", "SigIgn:", "SigCgt:"]
        .iter()
        .any(|key| mask(&status, key).is_some_and(|mask| mask & bit != 0))
}

fn mask(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_signal_masks() {
        let status = "Name:\tx\nSigBlk:\t0000000000004002\nSigCgt:\t0000000180000000\n";
        assert_eq!(mask(status, "SigBlk:"), Some(0x4002));
        assert_eq!(mask(status, "SigIgn:"), None);
    }

    #[test]
    fn statuses_follow_the_shell() {
        assert_eq!(status_of(Signal::SIGABRT), 134);
        assert_eq!(status_of(Signal::SIGKILL), 137);
    }
}
