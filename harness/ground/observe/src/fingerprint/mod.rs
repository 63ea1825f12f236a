//! Collects the environment fingerprint. Which file each field comes from is
//! documented with the type: [`assay_model::fingerprint::Fingerprint`].

mod cpu;
mod emulation;
mod filesystem;
mod hypervisor;
mod sample;

pub use sample::sample;

use crate::cgroup;
use crate::host;
use crate::tree::{Tree, field, list_length};
use assay_model::Bytes;
use assay_model::fingerprint::Fingerprint;
use rustix::process::geteuid;
use rustix::system::uname;
use std::path::Path;

/// Looks at the machine once. `scratch` is the directory whose file system the
/// runs will use. The sample `before` is taken here; `after` is the caller's:
///
/// ```
/// let mut fingerprint = assay_observe::fingerprint::collect(std::path::Path::new("."));
/// // … the run …
/// fingerprint.after = Some(assay_observe::fingerprint::sample());
/// ```
///
/// It cannot fail: what cannot be read stays `None`. Under an emulator it runs
/// the emulator's `--version` once.
#[must_use]
pub fn collect(scratch: &Path) -> Fingerprint {
    let system = uname();
    let text = |c: &std::ffi::CStr| c.to_string_lossy().into_owned();
    let machine = text(system.machine());
    let limits = host::limits();
    let (mem_total, swap_total) = host::totals();
    let emulation = emulation::detect();
    let cgroups = cgroup::detect().ok();
    let tree = Tree::machine();
    let found = in_tree(&tree);
    let hypervisor = hypervisor::detect(&tree, emulation.user_mode);
    Fingerprint {
        arch: Some(std::env::consts::ARCH.to_owned()),
        kernel_arch: found.kernel_arch.or(Some(machine)),
        mem_total,
        swap_total,
        ksm_run: limits.ksm_run,
        overcommit_memory: limits.overcommit_memory,
        max_map_count: limits.max_map_count,
        pid_max: limits.pid_max,
        threads_max: limits.threads_max,
        nofile_soft: limits.nofile_soft,
        nofile_hard: limits.nofile_hard,
        virtual_address_bits: limits.virtual_address_bits,
        physical_address_bits: limits.physical_address_bits,
        user_address_bits: limits.user_address_bits,
        page_size: Some(Bytes(rustix::param::page_size() as u64)),
        thp: limits.thp,
        kernel: Some(format!(
            "{} {}",
            text(system.sysname()),
            text(system.release())
        )),
        kernel_version: Some(text(system.version())),
        cgroup: cgroups.as_ref().map(|c| c.layout().to_string()),
        cgroup_favordynmods: cgroups.and_then(|c| c.favordynmods()),
        cgroup_memory: cgroup::directory_of(std::process::id(), "memory")
            .ok()
            .map(|(version, _)| version.to_string()),
        runner_image: runner_image(|name| std::env::var(name).ok()),
        virtualised: hypervisor.present,
        hypervisor: hypervisor.name,
        emulated: emulation.emulated,
        emulator: emulation.emulator,
        emulation_evidence: emulation.evidence,
        filesystem: filesystem::name_of(scratch),
        root: Some(geteuid().is_root()),
        before: Some(sample()),
        ..found
    }
}

/// The fields that come from files alone.
fn in_tree(tree: &Tree) -> Fingerprint {
    let cpuinfo = tree.text("proc/cpuinfo");
    let status = tree.text("proc/self/status");
    Fingerprint {
        kernel_arch: tree.value("proc/sys/kernel/arch"),
        cpu_model: cpuinfo.as_deref().and_then(cpu::model),
        cpus_allowed: status
            .as_deref()
            .and_then(|text| list_length(field(text, "Cpus_allowed_list")?)),
        cpus_online: tree
            .value("sys/devices/system/cpu/online")
            .and_then(|list| list_length(&list)),
        cores: cpu::cores(tree),
        smt_active: tree.switch("sys/devices/system/cpu/smt/active"),
        smt_control: tree.value("sys/devices/system/cpu/smt/control"),
        governor: cpu::governors(tree),
        boost: cpu::boost(tree),
        swappiness: tree.number("proc/sys/vm/swappiness"),
        randomize_va_space: tree.number("proc/sys/kernel/randomize_va_space"),
        mitigations: mitigations(tree),
        os: tree.text("etc/os-release").and_then(|text| os_name(&text)),
        initial_user_namespace: tree.value("proc/self/uid_map").map(|map| is_identity(&map)),
        ..Fingerprint::default()
    }
}

fn mitigations(tree: &Tree) -> Option<String> {
    const DIRECTORY: &str = "sys/devices/system/cpu/vulnerabilities";
    let lines: Vec<String> = tree
        .names(DIRECTORY)
        .into_iter()
        .filter_map(|name| {
            let state = tree.value(&format!("{DIRECTORY}/{name}"))?;
            Some(format!("{name}: {state}"))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// `PRETTY_NAME="…"`, in the quoting of a shell (os-release(5)).
fn os_name(text: &str) -> Option<String> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?
        .trim();
    let name = value.trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// One line `0 0 4294967295` (user_namespaces(7)).
fn is_identity(map: &str) -> bool {
    let fields: Vec<&str> = map.split_whitespace().collect();
    fields == ["0", "0", "4294967295"]
}

/// GitHub's hosted runners name their image in two variables.
fn runner_image(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let present = |name| variable(name).filter(|value| !value.is_empty());
    let os = present("ImageOS")?;
    Some(match present("ImageVersion") {
        Some(version) => format!("{os} {version}"),
        None => os,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_x86_machine_is_described() {
        let root = tempfile::tempdir().unwrap();
        let cpu = "sys/devices/system/cpu";
        let topology = |n: u32, core: u32| {
            [
                (
                    format!("{cpu}/cpu{n}/topology/physical_package_id"),
                    "0\n".to_owned(),
                ),
                (
                    format!("{cpu}/cpu{n}/topology/core_id"),
                    format!("{core}\n"),
                ),
                (
                    format!("{cpu}/cpu{n}/cpufreq/scaling_governor"),
                    ["performance\n", "powersave\n"][n as usize % 2].to_owned(),
                ),
            ]
        };
        let per_cpu: Vec<(String, String)> = (0..4).flat_map(|n| topology(n, n / 2)).collect();
        let mut files: Vec<(&str, &str)> = per_cpu
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        files.extend([
            (
                "proc/cpuinfo",
                "processor\t: 0\nmodel name\t: AMD EPYC 9R14\n",
            ),
            ("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0,2-3\n"),
            ("proc/self/uid_map", "         0          0 4294967295\n"),
            ("proc/sys/kernel/arch", "x86_64\n"),
            ("proc/sys/vm/swappiness", "60\n"),
            ("sys/devices/system/cpu/online", "0-3\n"),
            ("sys/devices/system/cpu/cpufreq/boost", "1\n"),
            ("sys/devices/system/cpu/smt/active", "1\n"),
            ("sys/devices/system/cpu/smt/control", "on\n"),
            (
                "sys/devices/system/cpu/vulnerabilities/spectre_v2",
                "Mitigation: IBRS\n",
            ),
            (
                "sys/devices/system/cpu/vulnerabilities/mds",
                "Not affected\n",
            ),
            (
                "etc/os-release",
                "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
            ),
        ]);
        let seen = in_tree(&Tree::fixture(root.path(), &files));
        let expected = Fingerprint {
            kernel_arch: Some("x86_64".into()),
            cpu_model: Some("AMD EPYC 9R14".into()),
            cpus_allowed: Some(3),
            cpus_online: Some(4),
            cores: Some(2),
            smt_active: Some(true),
            smt_control: Some("on".into()),
            governor: Some("performance,powersave".into()),
            boost: Some(true),
            swappiness: Some(60),
            mitigations: Some("mds: Not affected\nspectre_v2: Mitigation: IBRS".into()),
            os: Some("Debian GNU/Linux 12 (bookworm)".into()),
            initial_user_namespace: Some(true),
            ..Fingerprint::default()
        };
        assert_eq!(seen, expected);
    }

    #[test]
    fn nothing_there_is_nothing_known() {
        let root = tempfile::tempdir().unwrap();
        let empty = Tree::fixture(root.path(), &[]);
        assert_eq!(in_tree(&empty), Fingerprint::default());
    }

    #[test]
    fn a_mapped_user_namespace_is_not_the_first_one() {
        assert!(is_identity("0 0 4294967295"));
        assert!(!is_identity("0 1000 1"));
        assert!(!is_identity("0 0 1000\n1000 1000 1"));
    }

    #[test]
    fn the_runner_image_is_named_by_its_variables() {
        let hosted = |name: &str| match name {
            "ImageOS" => Some("ubuntu24".to_owned()),
            "ImageVersion" => Some("20260105.1".to_owned()),
            _ => None,
        };
        assert_eq!(runner_image(hosted).as_deref(), Some("ubuntu24 20260105.1"));
        assert_eq!(runner_image(|_| None), None);
        assert_eq!(runner_image(|_| Some(String::new())), None);
    }
}
