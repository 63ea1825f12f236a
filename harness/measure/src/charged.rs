//! The memory of one instance, counted in every way there is: none of them is
//! the whole truth.

use crate::parts::{Part, parts};
use assay_arms::ArmError;
use assay_model::{Bytes, Metric};
use assay_observe::ProcessMemory;
use assay_observe::process::memory_of_all;
use assay_observe::{cgroup, host};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One reading: metric, value, and at which point it was taken.
pub(crate) type Reading = (Metric, f64, Cow<'static, str>);

/// `MemAvailable` before an instance was started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before(Option<Bytes>);

impl Before {
    /// Reads it. Where `/proc/meminfo` does not say, nothing is compared.
    pub(crate) fn now() -> Before {
        Before(host::mem_available().ok())
    }

    /// How much less there is now: what everything that came to be took, in and
    /// outside of the charge set, and what anybody else took meanwhile. Negative
    /// where others gave more back.
    fn taken(self) -> Option<f64> {
        let now = host::mem_available().ok()?;
        Some(self.0?.0 as f64 - now.0 as f64)
    }
}

/// What the processes of one instance are charged with.
#[derive(Debug, Clone)]
pub(crate) struct Charged {
    pub(crate) processes: ProcessMemory,
    parts: Vec<Part>,
    /// What their control groups count; none where they have none of their own.
    group: Option<Bytes>,
    taken: Option<f64>,
}

impl Charged {
    /// Reads all of it; `shared` are daemons beside it.
    ///
    /// # Errors
    /// When a process of the charge set has gone, or there is none.
    pub(crate) fn read(pids: &[u32], shared: &[u32], before: Before) -> Result<Charged, ArmError> {
        if pids.is_empty() {
            let why = "this instance has no process to read the memory of";
            return Err(ArmError::Runtime(why.to_owned()));
        }
        Ok(Charged {
            taken: before.taken(),
            processes: memory_of_all(pids)?,
            group: group(pids),
            parts: parts(pids, shared)?,
        })
    }

    /// As rows of a record.
    pub(crate) fn readings(&self, point: &'static str) -> Vec<Reading> {
        let of_processes = [
            (Metric::MEMORY_PSS, self.processes.pss),
            (Metric::MEMORY_USS, self.processes.uss),
            (Metric::MEMORY_RSS, self.processes.rss),
        ];
        let mut readings: Vec<Reading> = of_processes
            .iter()
            .map(|(metric, bytes)| (*metric, bytes.0 as f64, point.into()))
            .collect();
        let group = self.group.map(|bytes| bytes.0 as f64);
        readings.extend(group.map(|bytes| (Metric::MEMORY_CGROUP, bytes, point.into())));
        readings.extend(
            self.taken
                .map(|bytes| (Metric::MEMORY_AVAILABLE, bytes, point.into())),
        );
        for part in &self.parts {
            let rows = part.rows().into_iter();
            readings.extend(rows.map(|(metric, bytes)| (metric, bytes, part.name.clone().into())));
        }
        readings
    }
}

/// What the control groups of these processes count, without those that hold
/// other processes too: that of the harness, or that of a daemon whose shim stays
/// in it. A group below another is in it.
fn group(pids: &[u32]) -> Option<Bytes> {
    let of = |pid: u32| cgroup::directory_of(pid, "memory").ok();
    let (version, _) = of(std::process::id())?;
    let groups: BTreeSet<PathBuf> = pids
        .iter()
        .filter_map(|&pid| of(pid))
        .map(|(_, directory)| directory)
        .filter(|directory| holds_only(directory, pids))
        .collect();
    let counted = groups.iter().filter(|directory| {
        let mut others = groups.iter().filter(|other| other != directory);
        !others.any(|other| directory.starts_with(other))
    });
    let read = |directory: &PathBuf| cgroup::read_memory(version, directory).ok();
    let counts: Option<Vec<Bytes>> = counted
        .map(|directory| Some(read(directory)?.current))
        .collect();
    let counts = counts.filter(|counts| !counts.is_empty())?;
    Some(counts.into_iter().sum())
}

/// Whether no other process is in a control group or in one below it.
fn holds_only(directory: &Path, pids: &[u32]) -> bool {
    let Ok(members) = fs::read_to_string(directory.join("cgroup.procs")) else {
        return false;
    };
    let known = |line: &str| line.parse().is_ok_and(|pid| pids.contains(&pid));
    if !members.lines().all(known) {
        return false;
    }
    let below = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut below = below.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    below.all(|entry| holds_only(&entry.path(), pids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_holds_others_is_not_counted() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(dir.path().join("cgroup.procs"), "7\n8\n").unwrap();
        fs::write(inner.join("cgroup.procs"), "9\n").unwrap();
        assert!(holds_only(dir.path(), &[7, 8, 9]));
        assert!(!holds_only(dir.path(), &[7, 8]));
        assert!(!holds_only(dir.path(), &[7, 9]));
        assert!(!holds_only(&dir.path().join("gone"), &[]));
    }

    #[test]
    fn an_instance_without_a_process_is_no_instance_of_no_bytes() {
        assert!(Charged::read(&[], &[], Before::now()).is_err());
    }

    #[test]
    fn a_process_in_the_group_of_its_caller_has_no_count_of_its_own() {
        let own = std::process::id();
        let charged = Charged::read(&[own], &[], Before::now()).unwrap();
        assert!(charged.processes.pss.0 > 0);
        let metrics: Vec<Metric> = charged
            .readings("idle")
            .into_iter()
            .map(|(metric, ..)| metric)
            .collect();
        assert!(!metrics.contains(&Metric::MEMORY_CGROUP), "{metrics:?}");
        assert!(metrics.contains(&Metric::MEMORY_AVAILABLE), "{metrics:?}");
    }
}
