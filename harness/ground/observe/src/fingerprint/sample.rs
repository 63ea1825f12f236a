//! Load, pressure and stolen time at one instant.

use crate::cgroup;
use crate::host::kib_field;
use crate::tree::Tree;
use assay_model::Nanos;
use assay_model::fingerprint::HostSample;
use rustix::time::{ClockId, clock_gettime};
use std::fs;

/// Takes a sample now. What cannot be read stays `None`. Take one before and
/// one after a run: [`HostSample::disturbance_since`].
#[must_use]
pub fn sample() -> HostSample {
    let time = clock_gettime(ClockId::Monotonic);
    HostSample {
        // The monotonic clock is never negative.
        at: Some(Nanos(
            time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64,
        )),
        quota_throttles: quota_throttles(),
        ..in_tree(&Tree::machine())
    }
}

fn quota_throttles() -> Option<u64> {
    let (_, directory) = cgroup::directory_of(std::process::id(), "cpu").ok()?;
    let text = fs::read_to_string(directory.join("cpu.stat")).ok()?;
    cgroup::stat_field(&text, "nr_throttled")
}

fn in_tree(tree: &Tree) -> HostSample {
    let load = tree.text("proc/loadavg").unwrap_or_default();
    let mut load = load.split_whitespace().map(|word| word.parse().ok());
    let mut next_load = || load.next().flatten();
    let cpu = Pressure::read(tree, "cpu");
    let memory = Pressure::read(tree, "memory");
    let io = Pressure::read(tree, "io");
    let ticks = tree.text("proc/stat").and_then(|text| Ticks::parse(&text));
    HostSample {
        at: None,
        load_1m: next_load(),
        load_5m: next_load(),
        load_15m: next_load(),
        cpu_some_avg10: cpu.avg10,
        cpu_some_total_us: cpu.total,
        memory_some_avg10: memory.avg10,
        memory_some_total_us: memory.total,
        io_some_avg10: io.avg10,
        io_some_total_us: io.total,
        cpu_ticks: ticks.as_ref().map(|t| t.all),
        busy_ticks: ticks.as_ref().map(|t| t.busy),
        steal_ticks: ticks.as_ref().map(|t| t.steal),
        thermal_throttles: thermal_throttles(tree),
        quota_throttles: None,
        mem_available: tree
            .text("proc/meminfo")
            .and_then(|text| kib_field(&text, "MemAvailable")),
    }
}

/// The line `some avg10=… avg60=… avg300=… total=…` of a pressure file. It is
/// absent when the kernel was built or booted without.
#[derive(Default)]
struct Pressure {
    avg10: Option<f64>,
    total: Option<u64>,
}

impl Pressure {
    fn read(tree: &Tree, resource: &str) -> Self {
        let text = tree
            .text(&format!("proc/pressure/{resource}"))
            .unwrap_or_default();
        let Some(some) = text.lines().find_map(|line| line.strip_prefix("some ")) else {
            return Self::default();
        };
        let value = |key: &str| some.split(' ').find_map(|word| word.strip_prefix(key));
        Self {
            avg10: value("avg10=").and_then(|v| v.parse().ok()),
            total: value("total=").and_then(|v| v.parse().ok()),
        }
    }
}

/// Times of all processors, in clock ticks (proc_stat(5)).
struct Ticks {
    all: u64,
    busy: u64,
    steal: u64,
}

impl Ticks {
    fn parse(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
        // user nice system idle iowait irq softirq steal; guest times follow,
        // which user and nice already contain.
        let ticks: Option<Vec<u64>> = line
            .split_whitespace()
            .take(8)
            .map(|word| word.parse().ok())
            .collect();
        let ticks = ticks.filter(|ticks| ticks.len() == 8)?;
        let all = ticks.iter().sum();
        Some(Self {
            all,
            busy: all - ticks[3] - ticks[4],
            steal: ticks[7],
        })
    }
}

fn thermal_throttles(tree: &Tree) -> Option<u64> {
    let counts: Vec<u64> = tree
        .cpus("sys/devices/system/cpu")
        .into_iter()
        .filter_map(|cpu| tree.number(&format!("{cpu}/thermal_throttle/core_throttle_count")))
        .collect();
    (!counts.is_empty()).then(|| counts.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::Bytes;

    #[test]
    fn a_sample_is_read_from_its_files() {
        let root = tempfile::tempdir().unwrap();
        let tree = Tree::fixture(
            root.path(),
            &[
                ("proc/loadavg", "0.07 1.06 2.50 1/85 6077\n"),
                (
                    "proc/pressure/cpu",
                    "some avg10=3.05 avg60=1.51 avg300=0.75 total=15171427\n\
                     full avg10=9.00 avg60=0.00 avg300=0.00 total=9\n",
                ),
                ("proc/pressure/io", "full avg10=1.00 total=5\n"),
                (
                    "proc/stat",
                    "cpu  100 10 20 300 40 5 6 7 50 0\ncpu0 1 2 3\nbtime 1\n",
                ),
                ("proc/meminfo", "MemFree: 1 kB\nMemAvailable:   2048 kB\n"),
                (
                    "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count",
                    "2\n",
                ),
                (
                    "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count",
                    "3\n",
                ),
            ],
        );
        let expected = HostSample {
            load_1m: Some(0.07),
            load_5m: Some(1.06),
            load_15m: Some(2.5),
            cpu_some_avg10: Some(3.05),
            cpu_some_total_us: Some(15_171_427),
            cpu_ticks: Some(488),
            busy_ticks: Some(148),
            steal_ticks: Some(7),
            thermal_throttles: Some(5),
            mem_available: Some(Bytes(2 << 20)),
            ..HostSample::default()
        };
        assert_eq!(in_tree(&tree), expected);
    }

    #[test]
    fn an_old_kernel_leaves_gaps() {
        let root = tempfile::tempdir().unwrap();
        // Before Linux 2.6.11 there was no steal field.
        let tree = Tree::fixture(root.path(), &[("proc/stat", "cpu  1 2 3 4 5 6 7\n")]);
        assert_eq!(in_tree(&tree), HostSample::default());
    }
}
