//! The memory of one instance, program by program, and of the daemons that all
//! instances share.

use assay_arms::ArmError;
use assay_model::Metric;
use assay_observe::ProcessMemory;
use assay_observe::process::{memory, program_name};
use std::collections::BTreeMap;

/// What one program takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// `charged: containerd-shim-runc-v2`, `shared: dockerd`.
    pub(crate) name: String,
    memory: ProcessMemory,
}

/// The parts of a charge set, and of what is shared beside it: summed over the
/// processes of each program, sorted by name.
///
/// # Errors
/// When a process that is charged has gone. A daemon may come and go: what
/// cannot be read of it is left out.
pub(crate) fn parts(charged: &[u32], shared: &[u32]) -> Result<Vec<Part>, ArmError> {
    let mut found: BTreeMap<String, ProcessMemory> = BTreeMap::new();
    let mut add = |kind: &str, pid: u32, one: ProcessMemory| {
        let sum = found
            .entry(format!("{kind}: {}", program(pid)))
            .or_default();
        *sum = *sum + one;
    };
    for &pid in charged {
        add("charged", pid, memory(pid)?);
    }
    for &pid in shared {
        if let Ok(one) = memory(pid) {
            add("shared", pid, one);
        }
    }
    let parts = found.into_iter();
    Ok(parts.map(|(name, memory)| Part { name, memory }).collect())
}

/// What a process calls itself; runsc's name their role so.
fn program(pid: u32) -> String {
    program_name(pid).unwrap_or_else(|| "unnamed".to_owned())
}

impl Part {
    /// As rows of a record.
    pub(crate) fn rows(&self) -> [(Metric, f64); 3] {
        [
            (Metric::MEMORY_PART_PSS, self.memory.pss),
            (Metric::MEMORY_PART_USS, self.memory.uss),
            (Metric::MEMORY_PART_RSS, self.memory.rss),
        ]
        .map(|(metric, bytes)| (metric, bytes.0 as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_of_one_program_are_one_part_and_what_is_shared_another() {
        let own = std::process::id();
        let found = parts(&[own, own], &[own]).unwrap();
        let [charged, shared] = found.as_slice() else {
            panic!("{found:?}");
        };
        let name = charged.name.strip_prefix("charged: ").unwrap();
        assert_eq!(shared.name, format!("shared: {name}"));
        assert!(charged.memory.rss.0 > shared.memory.rss.0 * 3 / 2);
        assert!(shared.memory.pss.0 > 0);
    }

    #[test]
    fn a_daemon_that_has_gone_is_left_out_and_a_charged_process_is_missed() {
        let gone = u32::MAX >> 1;
        assert_eq!(parts(&[], &[gone]).unwrap(), []);
        assert!(parts(&[gone], &[]).is_err());
    }
}
