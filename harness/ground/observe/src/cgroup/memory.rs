//! Memory of one control group, labelled with the version it was read from:
//! the two count differently.

use super::Version;
use crate::error::ObserveError;
use assay_model::Bytes;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Memory of a group and the groups below it, in bytes. Unlike PSS it includes
/// page cache (charged to the group that read a file first) and, in v2, kernel
/// memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CgroupMemory {
    /// The version, to be shown with every figure.
    pub version: Version,
    /// The directory of the group.
    pub directory: PathBuf,
    /// In use: `memory.current` (v2), `memory.usage_in_bytes` (v1, which may
    /// deviate by the counters that each processor keeps back).
    pub current: Bytes,
    /// Highest use so far: `memory.peak` (v2, Linux 5.19 and later),
    /// `memory.max_usage_in_bytes` (v1).
    pub peak: Option<Bytes>,
    /// Limit, `None` when there is none: `memory.max` (v2),
    /// `memory.limit_in_bytes` (v1).
    pub limit: Option<Bytes>,
    /// Anonymous memory: `anon` (v2), `total_rss` (v1) of `memory.stat`.
    pub anon: Option<Bytes>,
    /// Page cache, shared memory included: `file` (v2), `total_cache` (v1).
    pub file: Option<Bytes>,
    /// Of that, shared memory: `shmem` (v2), `total_shmem` (v1).
    pub shmem: Option<Bytes>,
    /// Kernel memory: `kernel` (v2, Linux 5.18 and later),
    /// `memory.kmem.usage_in_bytes` (v1).
    pub kernel: Option<Bytes>,
}

/// Reads the memory of the group in `directory`.
///
/// # Errors
/// [`ObserveError::Missing`] when the directory is no group with the memory
/// controller; the root group of v2 is none.
pub fn read_memory(version: Version, directory: &Path) -> Result<CgroupMemory, ObserveError> {
    let names = match version {
        Version::V2 => &V2,
        Version::V1 => &V1,
    };
    let file = |name: &str| directory.join(name);
    let current = number(&file(names.current))?.ok_or_else(|| ObserveError::Missing {
        pid: None,
        file: file(names.current),
        what: "content; is this a group with the memory controller, and not the root group?".into(),
    })?;
    let stat_path = file("memory.stat");
    let stat = fs::read_to_string(&stat_path)
        .map_err(|error| ObserveError::of_machine(&stat_path, error))?;
    let stat = |key: &str| stat_field(&stat, key).map(Bytes);
    Ok(CgroupMemory {
        version,
        directory: directory.to_owned(),
        current: Bytes(current),
        peak: number(&file(names.peak))?.map(Bytes),
        limit: number(&file(names.limit))?
            .filter(|&bytes| bytes < V1_NO_LIMIT)
            .map(Bytes),
        anon: stat(names.anon),
        file: stat(names.file),
        shmem: stat(names.shmem),
        kernel: match version {
            Version::V2 => stat("kernel"),
            Version::V1 => number(&file("memory.kmem.usage_in_bytes"))?.map(Bytes),
        },
    })
}

/// v1 writes "no limit" as the highest page-aligned signed number, which
/// depends on the page size; no machine has half of it.
const V1_NO_LIMIT: u64 = 1 << 62;

struct Names {
    current: &'static str,
    peak: &'static str,
    limit: &'static str,
    anon: &'static str,
    file: &'static str,
    shmem: &'static str,
}

const V2: Names = Names {
    current: "memory.current",
    peak: "memory.peak",
    limit: "memory.max",
    anon: "anon",
    file: "file",
    shmem: "shmem",
};

const V1: Names = Names {
    current: "memory.usage_in_bytes",
    peak: "memory.max_usage_in_bytes",
    limit: "memory.limit_in_bytes",
    anon: "total_rss",
    file: "total_cache",
    shmem: "total_shmem",
};

/// A file of one number; `max` and an absent file are `None`.
fn number(path: &Path) -> Result<Option<u64>, ObserveError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ObserveError::of_machine(path, error)),
    };
    match text.trim() {
        "max" => Ok(None),
        digits => digits
            .parse()
            .map(Some)
            .map_err(|_| ObserveError::Malformed {
                pid: None,
                file: path.to_owned(),
                what: digits.to_owned(),
            }),
    }
}

/// `key 123` of a flat-keyed file (`memory.stat`, `cpu.stat`).
pub(crate) fn stat_field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == key).then(|| value.trim().parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    #[test]
    fn version_2_is_read() {
        let root = tempfile::tempdir().unwrap();
        Tree::fixture(
            root.path(),
            &[
                ("memory.current", "1048576\n"),
                ("memory.peak", "2097152\n"),
                ("memory.max", "max\n"),
                (
                    "memory.stat",
                    "anon 4096\nfile 8192\nkernel 300\nshmem 12\nfile_mapped 1\n",
                ),
            ],
        );
        let memory = read_memory(Version::V2, root.path()).unwrap();
        let expected = CgroupMemory {
            version: Version::V2,
            directory: root.path().into(),
            current: Bytes(1 << 20),
            peak: Some(Bytes(2 << 20)),
            limit: None,
            anon: Some(Bytes(4096)),
            file: Some(Bytes(8192)),
            shmem: Some(Bytes(12)),
            kernel: Some(Bytes(300)),
        };
        assert_eq!(memory, expected);
    }

    #[test]
    fn version_1_is_read_with_its_own_names() {
        let root = tempfile::tempdir().unwrap();
        Tree::fixture(
            root.path(),
            &[
                ("memory.usage_in_bytes", "1048576\n"),
                ("memory.max_usage_in_bytes", "2097152\n"),
                ("memory.limit_in_bytes", "9223372036854771712\n"),
                (
                    "memory.stat",
                    "cache 1\nrss 2\ntotal_cache 10\ntotal_rss 20\n",
                ),
            ],
        );
        let memory = read_memory(Version::V1, root.path()).unwrap();
        assert_eq!(memory.current, Bytes(1 << 20));
        assert_eq!(memory.peak, Some(Bytes(2 << 20)));
        assert_eq!(memory.limit, None, "the number for no limit");
        assert_eq!(memory.anon, Some(Bytes(20)), "with the groups below");
        assert_eq!(memory.file, Some(Bytes(10)));
        assert_eq!((memory.shmem, memory.kernel), (None, None));
    }

    #[test]
    fn a_limit_is_a_limit() {
        let root = tempfile::tempdir().unwrap();
        Tree::fixture(
            root.path(),
            &[
                ("memory.current", "1\n"),
                ("memory.max", "536870912\n"),
                ("memory.stat", ""),
            ],
        );
        let memory = read_memory(Version::V2, root.path()).unwrap();
        assert_eq!(memory.limit, Some(Bytes(512 << 20)));
        assert_eq!((memory.peak, memory.anon), (None, None), "an old kernel");
    }

    #[test]
    fn the_root_group_of_version_2_and_nonsense_are_errors() {
        let root = tempfile::tempdir().unwrap();
        let error = read_memory(Version::V2, root.path()).unwrap_err();
        assert!(matches!(error, ObserveError::Missing { .. }));
        assert!(error.to_string().contains("root group"), "{error}");
        Tree::fixture(root.path(), &[("memory.current", "much\n")]);
        let error = read_memory(Version::V2, root.path()).unwrap_err();
        assert!(matches!(error, ObserveError::Malformed { .. }), "{error}");
    }
}
