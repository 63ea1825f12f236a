//! A process by more than its number, which another one gets when it has ended.

use crate::process::{self, stat_fields};
use std::fmt;
use std::str::FromStr;

/// Which process it is: its number, and when it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    pid: u32,
    /// Clock ticks since the machine was started: field 22 of
    /// `/proc/PID/stat`.
    started: u64,
}

impl Identity {
    /// The process that has this number now, a zombie too.
    #[must_use]
    pub fn of(pid: u32) -> Option<Identity> {
        Some(read(pid)?.0)
    }

    /// Its number.
    #[must_use]
    pub fn pid(self) -> u32 {
        self.pid
    }

    /// Whether it has not ended yet. A zombie has: it is gone but for its
    /// parent's look at it.
    #[must_use]
    pub fn runs(self) -> bool {
        read(self.pid).is_some_and(|(now, state)| now == self && !matches!(state, 'Z' | 'X'))
    }
}

/// The process that has this number now, and its state.
fn read(pid: u32) -> Option<(Identity, char)> {
    let text = process::stat(pid).ok()?;
    let mut fields = stat_fields(&text)?;
    // Fields 3 and 22 (proc_pid_stat(5)).
    let state = fields.next()?.chars().next()?;
    let started = fields.nth(18)?.parse().ok()?;
    Some((Identity { pid, started }, state))
}

/// `PID START`, as it is written to files.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pid, self.started)
    }
}

/// The text is not `PID START`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the number of a process and its start")]
pub struct NoIdentity;

impl FromStr for Identity {
    type Err = NoIdentity;

    fn from_str(text: &str) -> Result<Identity, NoIdentity> {
        let (pid, started) = text.trim().split_once(' ').ok_or(NoIdentity)?;
        Ok(Identity {
            pid: pid.parse().map_err(|_| NoIdentity)?,
            started: started.parse().map_err(|_| NoIdentity)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_later_process_of_the_same_number_is_another() {
        let own = Identity::of(std::process::id()).unwrap();
        assert!(own.runs());
        let later = Identity {
            started: own.started + 1,
            ..own
        };
        assert!(!later.runs());
    }

    #[test]
    fn a_process_that_has_ended_does_not_run() {
        let mut command = Command::new("sleep");
        command.arg("60").stdin(Stdio::null());
        let mut child = command.spawn().unwrap();
        let identity = Identity::of(child.id()).unwrap();
        assert!(identity.runs());
        child.kill().unwrap();
        while identity.runs() {
            std::thread::yield_now();
        }
        assert_eq!(Identity::of(child.id()), Some(identity), "it is a zombie");
        child.wait().unwrap();
        assert_ne!(Identity::of(child.id()), Some(identity));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let own = Identity::of(std::process::id()).unwrap();
        assert_eq!(format!("{own}\n").parse(), Ok(own));
        for text in ["", "17", "17 x", "x 17"] {
            assert_eq!(text.parse::<Identity>(), Err(NoIdentity), "{text:?}");
        }
    }
}
