//! Every measured quantity, defined once.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The unit of a metric's value in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// Bytes.
    Bytes,
    /// A plain count.
    Count,
}

impl Unit {
    /// The name in records: `ns`, `bytes`, `count`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Ns => "ns",
            Unit::Bytes => "bytes",
            Unit::Count => "count",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A metric: a name, its unit and its definition. Compared by name.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Metric(&'static Definition);

struct Definition {
    name: &'static str,
    unit: Unit,
    meaning: &'static str,
}

macro_rules! metrics {
    ($($constant:ident $name:literal $unit:ident $meaning:literal;)*) => {
        impl Metric {
            $(
                #[doc = $meaning]
                pub const $constant: Metric = Metric(&Definition {
                    name: $name,
                    unit: Unit::$unit,
                    meaning: $meaning,
                });
            )*

            /// Every metric of this schema version.
            pub const ALL: &[Metric] = &[$(Metric::$constant),*];
        }
    };
}

// Stamps are nanoseconds of CLOCK_MONOTONIC since t0 of the same launch. t0
// itself is 0 and has no row: for a fresh process or container it is the
// instant before spawn, for a resident arm the instant before the store is
// created.
metrics! {
    COLD_START "cold_start" Ns
        "From t0 to the harness's read of the first stdout byte (cli, t7) or to the first complete and correct response (http, t8).";
    STAMP_T1 "stamp.t1" Ns "First statement of the runner's main; fresh Wasm processes only.";
    STAMP_T2 "stamp.t2" Ns "Engine and linker ready; fresh Wasm processes only.";
    STAMP_T3 "stamp.t3" Ns "Component ready, compiled or deserialised; fresh Wasm processes only.";
    STAMP_T4 "stamp.t4" Ns
        "Instance-pre ready; on resident arms stamped per launch before store and WASI context exist, so that t5 - t4 holds all per-instance work.";
    STAMP_T5 "stamp.t5" Ns "Component instantiated.";
    STAMP_SINK "stamp.sink" Ns "First guest byte entered the host's stdout sink; in-process arms only.";
    STAMP_T7 "stamp.t7" Ns
        "cli: the harness's read of the first stdout byte returned; http: the connection was accepted.";
    STAMP_T8 "stamp.t8" Ns "First complete response whose content is right (http).";
    STAMP_T9 "stamp.t9" Ns "Exit seen by the harness.";
    STAMP_T10 "stamp.t10" Ns "Everything gone: process reaped, container deleted, cgroup removed.";
    TEARDOWN "teardown" Ns "t10 - t9.";
    BUILD_COST "build_cost" Ns
        "One-time cost of a deployer before the first start: compiling ahead of time, or unpacking an image.";
    ARTIFACT_WASM "artifact.wasm" Bytes "The component as pinned, uncompressed.";
    ARTIFACT_WASM_ZSTD "artifact.wasm.zstd" Bytes "The component compressed with zstd, as stored in the repository.";
    ARTIFACT_CWASM "artifact.cwasm" Bytes "The component compiled ahead of time for this architecture and engine config.";
    ARTIFACT_NATIVE "artifact.native" Bytes "The native twin, stripped.";
    ARTIFACT_IMAGE "artifact.image" Bytes "The container image as a registry ships it: compressed layers.";
    ARTIFACT_IMAGE_UNPACKED "artifact.image.unpacked" Bytes "The container image's root file system, unpacked.";
    ARTIFACT_IMAGE_OWN "artifact.image.own" Bytes "The compressed layer of the workload alone, above the base that images share.";
    ARTIFACT_RUNTIME "artifact.runtime" Bytes
        "Executables that must be installed once for the arm to work at all, shared by all workloads.";
    MEMORY_PSS "memory.pss" Bytes
        "Proportional set size of one idle instance: sum over its charge set of Pss in /proc/PID/smaps_rollup.";
    MEMORY_USS "memory.uss" Bytes
        "Unique set size of one idle instance: sum over its charge set of Private_* in /proc/PID/smaps_rollup.";
    MEMORY_RSS "memory.rss" Bytes
        "Resident set size of one idle instance: sum over its charge set of Rss in /proc/PID/smaps_rollup.";
    MEMORY_CGROUP "memory.cgroup" Bytes
        "Memory counted by the control groups of one idle instance (memory.current, or memory.usage_in_bytes of version 1): mapped pages, page cache and kernel memory charged to them; only arms with their own group.";
    MEMORY_AVAILABLE "memory.available" Bytes
        "Decrease of MemAvailable of /proc/meminfo from before the start of one idle instance to its reading: includes all memory it took anywhere, and the noise of the machine.";
    MEMORY_PART_PSS "memory.part.pss" Bytes
        "Pss of one program at the same reading, summed over its processes; the note says which, and whether it is charged to the instance or a daemon that all instances share (`charged: …`, `shared: …`).";
    MEMORY_PART_USS "memory.part.uss" Bytes "Private_* of the same program at the same reading.";
    MEMORY_PART_RSS "memory.part.rss" Bytes "Rss of the same program at the same reading.";
    MEMORY_PSS_USED "memory.pss.used" Bytes
        "memory.pss again after 100 further requests (http).";
    MEMORY_HOST_PSS "memory.host.pss" Bytes
        "PSS of the resident host process with the component loaded and one live instance (cli) or one request served (http): the fixed cost of resident arms.";
    DENSITY_N "density.n" Count "Live instances at one point of a density run.";
    DENSITY_PSS "density.pss" Bytes "Sum of PSS over all charge sets, and the resident host if there is one, at that point.";
    DENSITY_AVAILABLE "density.available" Bytes "MemAvailable of /proc/meminfo at that point.";
    DENSITY_MAPS "density.maps" Count "Lines of /proc/PID/maps summed over the charge sets at that point.";
    DENSITY_FIRST_RESPONSE "density.first_response" Ns
        "Median time from before the spawn to the first byte, over the instances added since the previous point: the cost of one more instance while that many are idle. Instances that share a host have none.";
    DENSITY_MARGINAL "density.marginal" Bytes
        "Theil-Sen slope of density.pss over density.n: marginal bytes per live instance.";
    DENSITY_MARGINAL_AVAILABLE "density.marginal.available" Bytes
        "Theil-Sen slope of the decrease of MemAvailable over density.n: the cross-check of density.marginal.";
    DENSITY_INTERCEPT "density.intercept" Bytes "Intercept of the density.pss fit: the fixed cost of the first instance.";
    DENSITY_COUNT "density.count" Count
        "Live, proven instances when the density run stopped; its note names the wall, or the declared budget.";
}

impl Metric {
    /// The dotted name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The unit of its values.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.0.unit
    }

    /// Its definition, in a sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.0.meaning
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}
impl Eq for Metric {}
impl PartialOrd for Metric {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Metric {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.name.cmp(other.0.name)
    }
}
impl std::hash::Hash for Metric {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}
impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}
impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name)
    }
}

/// A metric that this schema version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a metric of this schema version")]
pub struct UnknownMetric(String);

impl FromStr for Metric {
    type Err = UnknownMetric;
    fn from_str(text: &str) -> Result<Self, UnknownMetric> {
        Metric::ALL
            .iter()
            .copied()
            .find(|metric| metric.name() == text)
            .ok_or_else(|| UnknownMetric(text.to_owned()))
    }
}
impl TryFrom<String> for Metric {
    type Error = UnknownMetric;
    fn try_from(text: String) -> Result<Self, UnknownMetric> {
        text.parse()
    }
}
impl From<Metric> for String {
    fn from(metric: Metric) -> String {
        metric.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_lower_case_and_dotted() {
        let mut names: Vec<_> = Metric::ALL.iter().map(|m| m.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Metric::ALL.len());
        for name in names {
            assert!(
                name.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c))
            );
            assert_eq!(name.parse::<Metric>().unwrap().name(), name);
        }
        assert!("stamp.t6".parse::<Metric>().is_err());
    }
}
