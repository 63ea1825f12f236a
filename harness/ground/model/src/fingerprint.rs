//! The environment fingerprint: what a figure of a record depends on besides
//! the program that was measured.
//!
//! Pure data; `assay-observe` fills it in. Every field names the file or call
//! it is read from. A field is `None` when its source is absent or unreadable:
//! an unknown is never replaced by a guess, because two records are compared by
//! these fields.

use crate::units::{Bytes, Nanos};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The machine, its settings and its disturbances, as one record saw them.
///
/// Flat on purpose, so that two fingerprints can be shown side by side. Files
/// under `/proc` and `/sys` describe the machine whose kernel runs the process:
/// under an emulator ([`Fingerprint::emulated`]) that is the emulating host,
/// except where the emulator imitates the file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fingerprint {
    // ---- processor -------------------------------------------------------
    /// Architecture this program was compiled for, in Rust's spelling
    /// (`std::env::consts::ARCH`), for example `x86_64` or `aarch64`.
    pub arch: Option<String>,
    /// Architecture of the running kernel in `uname -m` spelling:
    /// `/proc/sys/kernel/arch` (Linux 6.1 and later), else `uname(2)`, which
    /// an emulator answers in the place of the kernel.
    pub kernel_arch: Option<String>,
    /// Processor model: `model name` of `/proc/cpuinfo` (x86), else the fields
    /// that identify it there (`CPU implementer`/`CPU part`/… on Arm,
    /// `uarch`/`marchid` on RISC-V, `processor 0` on s390x) joined as they are.
    pub cpu_model: Option<String>,
    /// Logical processors this process may use: `Cpus_allowed_list` of
    /// `/proc/self/status`.
    pub cpus_allowed: Option<u32>,
    /// Logical processors that are online: `/sys/devices/system/cpu/online`.
    pub cpus_online: Option<u32>,
    /// Physical cores that are online: distinct
    /// `(physical_package_id, core_id)` pairs of
    /// `/sys/devices/system/cpu/cpu*/topology/`.
    pub cores: Option<u32>,
    /// Whether hardware threads share a core right now:
    /// `/sys/devices/system/cpu/smt/active`.
    pub smt_active: Option<bool>,
    /// The switch of simultaneous multithreading
    /// (`on`, `off`, `forceoff`, `notsupported`, `notimplemented`):
    /// `/sys/devices/system/cpu/smt/control`.
    pub smt_control: Option<String>,
    /// Frequency governors in use, sorted and joined by commas when the
    /// processors differ: `/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor`.
    /// Guests of a hypervisor usually have none.
    pub governor: Option<String>,
    /// Whether the processor may exceed its base frequency:
    /// `/sys/devices/system/cpu/cpufreq/boost`, else the inverse of
    /// `/sys/devices/system/cpu/intel_pstate/no_turbo`.
    pub boost: Option<bool>,

    // ---- memory ----------------------------------------------------------
    /// Usable memory in bytes: `MemTotal` of `/proc/meminfo`.
    pub mem_total: Option<Bytes>,
    /// Swap space in bytes: `SwapTotal` of `/proc/meminfo`.
    pub swap_total: Option<Bytes>,
    /// `vm.swappiness`: `/proc/sys/vm/swappiness`.
    pub swappiness: Option<u32>,
    /// Kernel same-page merging: 0 off, 1 running, 2 off and unmerged
    /// (`/sys/kernel/mm/ksm/run`). Merged pages make PSS smaller than the
    /// memory that a machine without merging needs.
    pub ksm_run: Option<u32>,
    /// Overcommit policy: 0 heuristic, 1 always, 2 never
    /// (`/proc/sys/vm/overcommit_memory`).
    pub overcommit_memory: Option<u32>,
    /// Mappings a process may have: `/proc/sys/vm/max_map_count`.
    pub max_map_count: Option<u64>,
    /// Process ids of the machine: `/proc/sys/kernel/pid_max`.
    pub pid_max: Option<u64>,
    /// Threads of the machine: `/proc/sys/kernel/threads-max`.
    pub threads_max: Option<u64>,
    /// Soft limit of open files of this process (`getrlimit(RLIMIT_NOFILE)`);
    /// `None` also when it is unlimited.
    pub nofile_soft: Option<u64>,
    /// Hard limit of open files of this process (`getrlimit(RLIMIT_NOFILE)`);
    /// `None` also when it is unlimited.
    pub nofile_hard: Option<u64>,
    /// Bits of a virtual address of the processor: `address sizes` of
    /// `/proc/cpuinfo` (x86). Half of that space belongs to a process.
    pub virtual_address_bits: Option<u32>,
    /// Bits of a physical address: `address sizes` of `/proc/cpuinfo` (x86).
    pub physical_address_bits: Option<u32>,
    /// Bits that the addresses of this process really use: the end of the
    /// stack, at the top of user space, in `/proc/self/maps`.
    pub user_address_bits: Option<u32>,
    /// Page size in bytes: `sysconf(_SC_PAGESIZE)` (`AT_PAGESZ`).
    pub page_size: Option<Bytes>,
    /// Transparent huge pages, the bracketed choice of
    /// `/sys/kernel/mm/transparent_hugepage/enabled`.
    pub thp: Option<String>,
    /// Address space randomisation, 0 to 2: `/proc/sys/kernel/randomize_va_space`.
    pub randomize_va_space: Option<u32>,

    // ---- kernel ----------------------------------------------------------
    /// Kernel name and release, for example `Linux 6.12.9`: `uname(2)`.
    pub kernel: Option<String>,
    /// Build of the kernel: `version` of `uname(2)`.
    pub kernel_version: Option<String>,
    /// State of every known processor flaw, one `name: state` a line, sorted:
    /// `/sys/devices/system/cpu/vulnerabilities/*`.
    pub mitigations: Option<String>,
    /// Control group layout: `v1`, `v2`, `hybrid` (a v2 hierarchy beside v1
    /// controllers) or `none`: `/proc/self/mountinfo`.
    pub cgroup: Option<String>,
    /// Version of the hierarchy that counts this process's memory, `v1` or
    /// `v2`: `/proc/self/mountinfo` and `/proc/self/cgroup`.
    pub cgroup_memory: Option<String>,
    /// Whether some hierarchy is mounted with `favordynmods` (cgroup-v2.rst of
    /// the kernel): moving a process into a group then waits for no grace
    /// period of RCU, which every start of a container by itself otherwise
    /// does. `/proc/self/mountinfo`.
    pub cgroup_favordynmods: Option<bool>,
    /// Distribution: `PRETTY_NAME` of `/etc/os-release`.
    pub os: Option<String>,
    /// Continuous-integration image, from `ImageOS` and `ImageVersion` in the
    /// environment (set by GitHub's hosted runners).
    pub runner_image: Option<String>,

    // ---- isolation under us ------------------------------------------------
    /// Whether a hypervisor is below this kernel: the `hypervisor` flag of
    /// `/proc/cpuinfo` (x86; a hypervisor that hides it is not seen), else
    /// `true` when [`Fingerprint::hypervisor`] names one. Without the flag's
    /// line, absence of signs is `None`, not `false`.
    pub virtualised: Option<bool>,
    /// What names the hypervisor, joined by commas: its CPUID signature (x86),
    /// `/sys/hypervisor/type`, `/sys/class/dmi/id/{sys_vendor,product_name}`,
    /// `/proc/device-tree/hypervisor/compatible`, `VM00 Control Program` of
    /// `/proc/sysinfo` (s390x).
    pub hypervisor: Option<String>,
    /// Whether our instructions are interpreted or translated by a program, so
    /// that times mean nothing: under a user-mode emulator (qemu-user and its
    /// like) the true executable (`/proc/thread-self/exe`) is another one than
    /// we are shown, or the kernel (`/proc/sys/kernel/arch`) is of another
    /// architecture; an x86 processor made by QEMU's translator says so in
    /// CPUID. A whole machine that is emulated without saying so is not seen.
    pub emulated: Option<bool>,
    /// The emulator in its own words (first line of its `--version`), else the
    /// path of its executable.
    pub emulator: Option<String>,
    /// The signs on which [`Fingerprint::emulated`] rests, joined by `; `.
    pub emulation_evidence: Option<String>,

    // ---- this run ----------------------------------------------------------
    /// File system of the scratch directory by its `statfs(2)` magic, for
    /// example `ext4` (which here stands for ext2 to ext4), `tmpfs`, `overlayfs`;
    /// an unknown magic is written in hexadecimal.
    pub filesystem: Option<String>,
    /// Whether the effective user is root: `geteuid(2)`.
    pub root: Option<bool>,
    /// Whether root here is root of the machine, that is, the first user
    /// namespace: `/proc/self/uid_map` maps everything onto itself.
    pub initial_user_namespace: Option<bool>,
    /// Disturbance before the run.
    pub before: Option<HostSample>,
    /// Disturbance after the run.
    pub after: Option<HostSample>,
}

impl Fingerprint {
    /// The key of a history series: architecture, processor model, kernel and
    /// runner image. Series with different keys are never joined. An unknown
    /// part is written `?`.
    #[must_use]
    pub fn series_key(&self) -> String {
        [
            &self.arch,
            &self.cpu_model,
            &self.kernel,
            &self.runner_image,
        ]
        .map(|part| part.as_deref().unwrap_or("?"))
        .join(" | ")
    }
}

/// Load, pressure and stolen time at one instant. The counters only grow while
/// the machine is up: take one sample before and one after a run and read
/// [`HostSample::disturbance_since`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HostSample {
    /// When it was taken: `CLOCK_MONOTONIC`, in nanoseconds.
    pub at: Option<Nanos>,
    /// Load average of the last minute, in runnable or uninterruptible tasks:
    /// `/proc/loadavg`.
    pub load_1m: Option<f64>,
    /// Load average of the last 5 minutes: `/proc/loadavg`.
    pub load_5m: Option<f64>,
    /// Load average of the last 15 minutes: `/proc/loadavg`.
    pub load_15m: Option<f64>,
    /// Per cent of the last 10 s in which some task waited for a processor:
    /// `some avg10` of `/proc/pressure/cpu`.
    pub cpu_some_avg10: Option<f64>,
    /// Microseconds since boot in which some task waited for a processor:
    /// `some total` of `/proc/pressure/cpu`.
    pub cpu_some_total_us: Option<u64>,
    /// Per cent of the last 10 s in which some task waited for memory:
    /// `some avg10` of `/proc/pressure/memory`.
    pub memory_some_avg10: Option<f64>,
    /// Microseconds since boot in which some task waited for memory:
    /// `some total` of `/proc/pressure/memory`.
    pub memory_some_total_us: Option<u64>,
    /// Per cent of the last 10 s in which some task waited for storage:
    /// `some avg10` of `/proc/pressure/io`.
    pub io_some_avg10: Option<f64>,
    /// Microseconds since boot in which some task waited for storage:
    /// `some total` of `/proc/pressure/io`.
    pub io_some_total_us: Option<u64>,
    /// Processor time of all processors since boot in clock ticks, of every
    /// kind: the first eight fields of the `cpu` line of `/proc/stat` (guest
    /// time is already contained in user time).
    pub cpu_ticks: Option<u64>,
    /// Of these, ticks in which the machine did something: all but `idle` and
    /// `iowait`.
    pub busy_ticks: Option<u64>,
    /// Of these, ticks that the hypervisor gave to somebody else: field
    /// `steal` of `/proc/stat`.
    pub steal_ticks: Option<u64>,
    /// Times that a core lowered its frequency because of heat, summed over
    /// the processors:
    /// `/sys/devices/system/cpu/cpu*/thermal_throttle/core_throttle_count`
    /// (x86).
    pub thermal_throttles: Option<u64>,
    /// Periods in which this process's control group used up its processor
    /// quota: `nr_throttled` of its `cpu.stat`.
    pub quota_throttles: Option<u64>,
    /// Memory that can be used without swapping, in bytes: `MemAvailable` of
    /// `/proc/meminfo`.
    pub mem_available: Option<Bytes>,
}

/// What happened on the machine between two samples. A `None` means that one
/// of the samples did not have the counter, or that it went backward.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Disturbance {
    /// Length of the interval in nanoseconds.
    pub elapsed: Option<Nanos>,
    /// Share of all processor time that was stolen, 0 to 1.
    pub steal_share: Option<f64>,
    /// Share of all processor time that was used by anybody, this run
    /// included, 0 to 1.
    pub busy_share: Option<f64>,
    /// Share of the time in which some task waited for a processor, 0 to 1.
    pub cpu_pressure: Option<f64>,
    /// Share of the time in which some task waited for memory, 0 to 1.
    pub memory_pressure: Option<f64>,
    /// Share of the time in which some task waited for storage, 0 to 1.
    pub io_pressure: Option<f64>,
    /// Thermal throttling events.
    pub thermal_throttles: Option<u64>,
    /// Periods throttled by the control group's processor quota.
    pub quota_throttles: Option<u64>,
}

impl HostSample {
    /// What happened between `earlier` and this sample.
    #[must_use]
    pub fn disturbance_since(&self, earlier: &HostSample) -> Disturbance {
        let elapsed = difference(self.at.map(|n| n.0), earlier.at.map(|n| n.0));
        let ticks = difference(self.cpu_ticks, earlier.cpu_ticks);
        let pressure = |now, then| share(difference(now, then), elapsed.map(|ns| ns / 1_000));
        Disturbance {
            elapsed: elapsed.map(Nanos),
            steal_share: share(difference(self.steal_ticks, earlier.steal_ticks), ticks),
            busy_share: share(difference(self.busy_ticks, earlier.busy_ticks), ticks),
            cpu_pressure: pressure(self.cpu_some_total_us, earlier.cpu_some_total_us),
            memory_pressure: pressure(self.memory_some_total_us, earlier.memory_some_total_us),
            io_pressure: pressure(self.io_some_total_us, earlier.io_some_total_us),
            thermal_throttles: difference(self.thermal_throttles, earlier.thermal_throttles),
            quota_throttles: difference(self.quota_throttles, earlier.quota_throttles),
        }
    }
}

fn difference(now: Option<u64>, then: Option<u64>) -> Option<u64> {
    now?.checked_sub(then?)
}

/// A share of an interval; an interval of no length has none.
fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let whole = whole.filter(|&whole| whole > 0)?;
    Some(part? as f64 / whole as f64)
}

impl fmt::Display for Fingerprint {
    /// One line for the foot of a chart. Unknown parts are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.cpu_model.clone());
        if let Some(cpus) = self.cpus_allowed.or(self.cpus_online) {
            parts.push(format!("{cpus} CPUs"));
        }
        parts.extend(self.mem_total.map(|bytes| bytes.to_string()));
        parts.extend(self.kernel.clone());
        parts.extend(self.arch.clone());
        let favoured = match self.cgroup_favordynmods {
            Some(true) => " (favordynmods)",
            _ => "",
        };
        parts.extend(
            self.cgroup
                .as_ref()
                .map(|c| format!("cgroup {c}{favoured}")),
        );
        if self.virtualised == Some(true) {
            let name = self.hypervisor.as_deref();
            parts.push(name.map_or("virtualised".into(), |n| format!("virtualised ({n})")));
        }
        if self.emulated == Some(true) {
            let name = self.emulator.as_deref().unwrap_or("unknown emulator");
            parts.push(format!("emulated ({name})"));
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: u64, ticks: u64, steal: u64, waited_us: u64) -> HostSample {
        HostSample {
            at: Some(Nanos(at)),
            cpu_ticks: Some(ticks),
            steal_ticks: Some(steal),
            cpu_some_total_us: Some(waited_us),
            ..HostSample::default()
        }
    }

    #[test]
    fn a_disturbance_is_the_difference_of_two_samples() {
        let before = sample(1_000_000_000, 1000, 10, 500);
        let after = sample(3_000_000_000, 1400, 50, 1_000_500);
        let seen = after.disturbance_since(&before);
        assert_eq!(seen.elapsed, Some(Nanos(2_000_000_000)));
        assert_eq!(seen.steal_share, Some(0.1));
        assert_eq!(seen.cpu_pressure, Some(0.5));
        assert_eq!(seen.io_pressure, None, "no source, no figure");
    }

    #[test]
    fn counters_that_run_backward_or_stand_still_give_no_figure() {
        let before = sample(5, 1000, 10, 500);
        assert_eq!(before.disturbance_since(&before).steal_share, None);
        let reset = sample(9, 2000, 3, 500);
        assert_eq!(reset.disturbance_since(&before).steal_share, None);
    }

    #[test]
    fn unknown_stays_unknown_through_json() {
        let empty = Fingerprint::default();
        let text = serde_json::to_string(&empty).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&text).unwrap(), empty);
        assert_eq!(serde_json::from_str::<Fingerprint>("{}").unwrap(), empty);
        assert_eq!(empty.series_key(), "? | ? | ? | ?");
        assert_eq!(empty.to_string(), "");
    }
}
