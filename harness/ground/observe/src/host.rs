//! The machine as a whole: its memory and its limits.

use crate::error::ObserveError;
use crate::tree::{Tree, field};
use assay_model::Bytes;
use rustix::process::{Resource, getrlimit};
use std::fs;
use std::path::Path;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

const MEMINFO: &str = "/proc/meminfo";

/// Memory that new programs can take without swapping, as the kernel estimates
/// it: `MemAvailable` of `/proc/meminfo`, in bytes.
///
/// # Errors
/// [`ObserveError::Missing`] before Linux 3.14; there is no substitute.
pub fn mem_available() -> Result<Bytes, ObserveError> {
    let path = Path::new(MEMINFO);
    let text = fs::read_to_string(path).map_err(|e| ObserveError::of_machine(path, e))?;
    kib_field(&text, "MemAvailable").ok_or_else(|| ObserveError::Missing {
        pid: None,
        file: path.to_owned(),
        what: "MemAvailable".into(),
    })
}

/// Usable memory of the machine in bytes (by sysinfo: `MemTotal`).
///
/// # Errors
/// [`ObserveError::Missing`] when it is not known.
pub fn mem_total() -> Result<Bytes, ObserveError> {
    let total = totals().0;
    total.ok_or_else(|| ObserveError::Missing {
        pid: None,
        file: MEMINFO.into(),
        what: "MemTotal".into(),
    })
}

/// Memory and swap space; no machine has no memory, so 0 means unknown, and
/// swap is known when memory is.
pub(crate) fn totals() -> (Option<Bytes>, Option<Bytes>) {
    let memory = MemoryRefreshKind::nothing().with_ram().with_swap();
    match System::new_with_specifics(RefreshKind::nothing().with_memory(memory)) {
        Ok(system) if system.total_memory() > 0 => (
            Some(Bytes(system.total_memory())),
            Some(Bytes(system.total_swap())),
        ),
        _ => (None, None),
    }
}

/// What bounds the number of instances, or changes what their memory costs.
/// `None` is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Mappings of one process: `/proc/sys/vm/max_map_count`.
    pub max_map_count: Option<u64>,
    /// Process ids of the machine: `/proc/sys/kernel/pid_max`.
    pub pid_max: Option<u64>,
    /// Threads of the machine: `/proc/sys/kernel/threads-max`.
    pub threads_max: Option<u64>,
    /// Soft limit of open files of this process (`RLIMIT_NOFILE`); `None` is
    /// unlimited.
    pub nofile_soft: Option<u64>,
    /// Hard limit of open files of this process (`RLIMIT_NOFILE`); `None` is
    /// unlimited.
    pub nofile_hard: Option<u64>,
    /// 0 heuristic, 1 always, 2 never: `/proc/sys/vm/overcommit_memory`.
    pub overcommit_memory: Option<u32>,
    /// Kernel same-page merging, 0 off, 1 on, 2 unmerged:
    /// `/sys/kernel/mm/ksm/run`.
    pub ksm_run: Option<u32>,
    /// Bytes of swap space (by sysinfo: `SwapTotal`).
    pub swap_total: Option<Bytes>,
    /// Bits of a virtual address: `address sizes` of `/proc/cpuinfo` (x86).
    pub virtual_address_bits: Option<u32>,
    /// Bits of a physical address: as before.
    pub physical_address_bits: Option<u32>,
    /// Bits that the addresses of this process really use: the end of the
    /// stack in `/proc/self/maps`, which lies at the top of user space.
    pub user_address_bits: Option<u32>,
    /// Transparent huge pages, the bracketed word of
    /// `/sys/kernel/mm/transparent_hugepage/enabled`.
    pub thp: Option<String>,
}

/// Reads the limits of this machine and process.
#[must_use]
pub fn limits() -> Limits {
    let nofile = getrlimit(Resource::Nofile);
    Limits {
        nofile_soft: nofile.current,
        nofile_hard: nofile.maximum,
        swap_total: totals().1,
        ..limits_in(&Tree::machine())
    }
}

pub(crate) fn limits_in(tree: &Tree) -> Limits {
    let (physical, virtual_) = tree
        .text("proc/cpuinfo")
        .and_then(|text| address_sizes(field(&text, "address sizes")?))
        .unzip();
    Limits {
        max_map_count: tree.number("proc/sys/vm/max_map_count"),
        pid_max: tree.number("proc/sys/kernel/pid_max"),
        threads_max: tree.number("proc/sys/kernel/threads-max"),
        nofile_soft: None,
        nofile_hard: None,
        overcommit_memory: tree.number("proc/sys/vm/overcommit_memory"),
        ksm_run: tree.number("sys/kernel/mm/ksm/run"),
        swap_total: None,
        virtual_address_bits: virtual_,
        physical_address_bits: physical,
        user_address_bits: tree
            .text("proc/self/maps")
            .and_then(|maps| user_address_bits(&maps)),
        thp: tree
            .text("sys/kernel/mm/transparent_hugepage/enabled")
            .and_then(|text| bracketed(&text)),
    }
}

/// `48 bits physical, 57 bits virtual`.
fn address_sizes(text: &str) -> Option<(u32, u32)> {
    let bits = |part: &str, kind| part.trim().strip_suffix(kind)?.trim().parse().ok();
    let (physical, virtual_) = text.split_once(',')?;
    Some((
        bits(physical, "bits physical")?,
        bits(virtual_, "bits virtual")?,
    ))
}

fn user_address_bits(maps: &str) -> Option<u32> {
    let stack = maps.lines().find(|line| line.ends_with("[stack]"))?;
    let end = stack.split_whitespace().next()?.split_once('-')?.1;
    // The end is the first address behind the stack.
    let last = u64::from_str_radix(end, 16).ok()?.checked_sub(1)?;
    Some(u64::BITS - last.leading_zeros())
}

/// The choice in `always [madvise] never`.
fn bracketed(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('[')?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// `Key:   123 kB` as bytes.
pub(crate) fn kib_field(text: &str, key: &str) -> Option<Bytes> {
    let kib: u64 = field(text, key)?.strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024).map(Bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_from_their_files() {
        let root = tempfile::tempdir().unwrap();
        let tree = Tree::fixture(
            root.path(),
            &[
                ("proc/sys/vm/max_map_count", "65530\n"),
                ("proc/sys/kernel/pid_max", "4194304\n"),
                ("proc/sys/vm/overcommit_memory", "1\n"),
                ("sys/kernel/mm/ksm/run", "0\n"),
                (
                    "sys/kernel/mm/transparent_hugepage/enabled",
                    "always [madvise] never\n",
                ),
                (
                    "proc/cpuinfo",
                    "processor\t: 0\naddress sizes\t: 46 bits physical, 57 bits virtual\n",
                ),
                (
                    "proc/self/maps",
                    "55d0-55d1 r--p 0 08:01 1 /x\n\
                     7ffd78d35000-7ffd78d56000 rw-p 00000000 00:00 0 [stack]\n\
                     ffffffffff600000-ffffffffff601000 --xp 0 00:00 0 [vsyscall]\n",
                ),
            ],
        );
        let expected = Limits {
            max_map_count: Some(65530),
            pid_max: Some(4_194_304),
            overcommit_memory: Some(1),
            ksm_run: Some(0),
            thp: Some("madvise".into()),
            physical_address_bits: Some(46),
            virtual_address_bits: Some(57),
            user_address_bits: Some(47),
            ..Limits::default()
        };
        assert_eq!(limits_in(&tree), expected);
    }

    #[test]
    fn a_machine_that_tells_nothing_is_unknown() {
        let root = tempfile::tempdir().unwrap();
        let empty = Tree::fixture(root.path(), &[("proc/cpuinfo", "processor: 0\n")]);
        assert_eq!(limits_in(&empty), Limits::default());
        assert_eq!(address_sizes("48 bits physical"), None);
        assert_eq!(bracketed("always madvise never"), None);
        // AArch64 with 48 bits uses all of them.
        let maps = "ffffe1f5f000-1000000000000 rw-p 0 00:00 0 [stack]\n";
        assert_eq!(user_address_bits(maps), Some(48));
    }

    #[test]
    fn memory_fields_are_kibibytes() {
        let text = "MemTotal:       24662528 kB\nMemAvailable:   23000000 kB\nHugePages_Total: 3\n";
        assert_eq!(kib_field(text, "MemTotal"), Some(Bytes(25_254_428_672)));
        assert_eq!(kib_field(text, "Mem"), None);
        assert_eq!(kib_field(text, "HugePages_Total"), None, "not a size");
    }
}
