//! What a runtime leaves that is killed while it works: nobody else knows of it.
//!
//! A front end that dies at the wrong moment has made control groups that are
//! written down nowhere yet, or has asked a daemon for a container that comes to
//! be after its clean-up has looked for it. So the clean-up is tried again a
//! little later, and what still carries the container's name is removed.

use crate::error::ArmError;
use crate::lab::Lab;
use assay_observe::cgroup;
use assay_observe::process::{self, cmdline};
use assay_wire::launcher::{Command, Launch};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// A container of which something may be left.
#[derive(Debug, Clone)]
pub(crate) struct Sweep {
    /// Its name, which is that of its control groups too and in the command line
    /// of what its engine keeps beside it.
    name: String,
    /// What ends and removes it.
    commands: Vec<Command>,
}

/// Time in which a daemon ends what it was asked for by a client that is gone.
const LATER: Duration = Duration::from_millis(500);

/// How often it is looked at least, and at most.
const ROUNDS: RangeInclusive<u32> = 2..=5;

impl Sweep {
    /// Of the container that a launch starts, if it starts one.
    pub(crate) fn of(launch: &Launch) -> Option<Sweep> {
        let commands = [&launch.stop, &launch.teardown];
        Some(Sweep {
            name: launch.container.clone()?,
            commands: commands.into_iter().flatten().cloned().collect(),
        })
    }

    /// Removes what is left.
    ///
    /// # Errors
    /// Names what would not go.
    pub(crate) fn run(&self, lab: &mut Lab) -> Result<(), ArmError> {
        let mut left = Vec::new();
        for round in 1..=*ROUNDS.end() {
            sleep(LATER);
            lab.launcher.clean_up(self.commands.clone())?;
            left = self.end_processes();
            left.extend(self.remove_groups());
            if left.is_empty() && ROUNDS.contains(&round) {
                break;
            }
        }
        match left.is_empty() {
            true => Ok(()),
            false => Err(ArmError::Runtime(format!(
                "left of container {}: {}",
                self.name,
                left.join(", ")
            ))),
        }
    }

    /// Ends processes that name the container; those that were there.
    fn end_processes(&self) -> Vec<String> {
        let own = std::process::id();
        let pids = process::all().unwrap_or_default().into_iter();
        let named = |pid: &u32| {
            let words = cmdline(*pid).unwrap_or_default();
            words.contains(&self.name)
        };
        let found: Vec<u32> = pids.filter(|&pid| pid != own).filter(named).collect();
        found.iter().for_each(|&pid| end(pid));
        found.iter().map(|pid| format!("process {pid}")).collect()
    }

    /// Removes groups of the container's name, with whatever is in them; those
    /// that were there.
    fn remove_groups(&self) -> Vec<String> {
        let hierarchies = cgroup::detect().unwrap_or_default().hierarchies;
        let groups = hierarchies
            .iter()
            .map(|hierarchy| hierarchy.mount_point.join(&self.name));
        let found: Vec<PathBuf> = groups.filter(|group| group.is_dir()).collect();
        found.iter().for_each(|group| remove_group(group));
        let names = found.iter().map(|group| group.display().to_string());
        names.collect()
    }
}

fn end(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Removes a control group with whatever is in it. It goes when those below it have
/// gone and nobody is in it: another try finds what did not.
pub fn remove_group(group: &Path) {
    let below = fs::read_dir(group).into_iter().flatten().flatten();
    for entry in below.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        remove_group(&entry.path());
    }
    let members = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    members
        .lines()
        .filter_map(|line| line.parse().ok())
        .for_each(end);
    let _ = fs::remove_dir(group);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_the_name_is_ended_and_nothing_else() {
        let name = format!("assay-sweep-{}", std::process::id());
        let start = |word: &str| {
            // The shell waits itself: a child of it would have its words until
            // it starts a program.
            let mut command = std::process::Command::new("/bin/sh");
            command.args(["-c", "read -r line", word]);
            command.stdin(std::process::Stdio::piped()).spawn().unwrap()
        };
        let (mut named, mut other) = (start(&name), start(&format!("{name}0")));
        let sweep = Sweep {
            name,
            commands: Vec::new(),
        };
        assert_eq!(sweep.end_processes(), [format!("process {}", named.id())]);
        assert!(!named.wait().unwrap().success());
        assert_eq!(other.try_wait().unwrap(), None);
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
