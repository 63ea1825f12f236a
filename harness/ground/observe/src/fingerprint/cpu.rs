//! The processor: its name, its cores, its frequency.

use crate::tree::{Tree, field};
use std::collections::BTreeSet;

const CPU: &str = "sys/devices/system/cpu";

/// The model from the text of `/proc/cpuinfo`, whose fields every architecture
/// chooses for itself. Different models (big and little cores) are joined.
pub(crate) fn model(cpuinfo: &str) -> Option<String> {
    let mut models: Vec<String> = Vec::new();
    for block in cpuinfo.split("\n\n") {
        if let Some(model) = model_of_block(block).filter(|m| !models.contains(m)) {
            models.push(model);
        }
    }
    (!models.is_empty()).then(|| models.join(" + "))
}

fn model_of_block(block: &str) -> Option<String> {
    let present = |key| field(block, key).filter(|value| !value.is_empty());
    if let Some(name) = present("model name") {
        return Some(name.to_owned());
    }
    // Arm: the identification register in parts (Documentation/arch/arm64).
    let arm = ["CPU implementer", "CPU part", "CPU variant", "CPU revision"];
    // RISC-V: the registers of the same purpose, and the name of some.
    let risc_v = ["uarch", "mvendorid", "marchid", "mimpid"];
    for keys in [arm, risc_v] {
        let parts: Vec<String> = keys
            .iter()
            .filter_map(|&key| Some(format!("{key} {}", present(key)?)))
            .collect();
        if !parts.is_empty() {
            return Some(parts.join(", "));
        }
    }
    // s390x: `processor 0: version = …, identification = …, machine = 3906`,
    // of which the identification is a serial number.
    if let Some(machine) = present("processor 0").and_then(|v| v.split_once("machine = ")) {
        let vendor = present("vendor_id").unwrap_or("");
        return Some(format!("{vendor} machine {}", machine.1).trim().to_owned());
    }
    // POWER.
    present("cpu").map(str::to_owned)
}

/// Physical cores: pairs of package and core id, which is unique only within
/// its package. Offline processors have no topology.
pub(crate) fn cores(tree: &Tree) -> Option<u32> {
    let mut cores = BTreeSet::new();
    for cpu in tree.cpus(CPU) {
        let id = |name| tree.value(&format!("{cpu}/topology/{name}"));
        if let (Some(package), Some(core)) = (id("physical_package_id"), id("core_id")) {
            cores.insert((package, core));
        }
    }
    u32::try_from(cores.len()).ok().filter(|&count| count > 0)
}

/// The governors in use.
pub(crate) fn governors(tree: &Tree) -> Option<String> {
    let governors: BTreeSet<String> = tree
        .cpus(CPU)
        .into_iter()
        .filter_map(|cpu| tree.value(&format!("{cpu}/cpufreq/scaling_governor")))
        .collect();
    let governors: Vec<String> = governors.into_iter().collect();
    (!governors.is_empty()).then(|| governors.join(","))
}

/// Whether turbo frequencies are allowed.
pub(crate) fn boost(tree: &Tree) -> Option<bool> {
    let read = |path: &str| tree.switch(&format!("{CPU}/{path}"));
    read("cpufreq/boost").or_else(|| read("intel_pstate/no_turbo").map(|no| !no))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_architecture_has_its_own_words() {
        let x86 = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n\n\
                   processor\t: 1\nmodel name\t: AMD EPYC\n\n";
        assert_eq!(model(x86).as_deref(), Some("AMD EPYC"));
        let arm = "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\n\
                   CPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n";
        assert_eq!(
            model(arm).as_deref(),
            Some("CPU implementer 0x41, CPU part 0xd0c, CPU variant 0x3, CPU revision 1")
        );
        let risc_v = "processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\n\
                      uarch\t\t: sifive,u74-mc\n";
        assert_eq!(model(risc_v).as_deref(), Some("uarch sifive,u74-mc"));
        let s390x = "vendor_id       : IBM/S390\n# processors    : 1\n\
                     processor 0: version = FF,  identification = 012345,  machine = 3906\n";
        assert_eq!(model(s390x).as_deref(), Some("IBM/S390 machine 3906"));
        let power = "processor\t: 0\ncpu\t\t: POWER9 (raw), altivec supported\n";
        assert_eq!(
            model(power).as_deref(),
            Some("POWER9 (raw), altivec supported")
        );
        assert_eq!(model("processor\t: 0\nmodel name\t: \n"), None);
    }

    #[test]
    fn big_and_little_cores_are_both_named() {
        let text = "CPU part: 0xd05\n\nCPU part: 0xd0b\n\nCPU part: 0xd05\n\n";
        assert_eq!(
            model(text).as_deref(),
            Some("CPU part 0xd05 + CPU part 0xd0b")
        );
    }

    #[test]
    fn cores_of_two_packages_may_share_ids() {
        let root = tempfile::tempdir().unwrap();
        let tree = Tree::fixture(
            root.path(),
            &[
                ("sys/devices/system/cpu/cpu0/topology/core_id", "0"),
                (
                    "sys/devices/system/cpu/cpu0/topology/physical_package_id",
                    "0",
                ),
                ("sys/devices/system/cpu/cpu1/topology/core_id", "0"),
                (
                    "sys/devices/system/cpu/cpu1/topology/physical_package_id",
                    "1",
                ),
                ("sys/devices/system/cpu/cpu2/online", "0"),
                ("sys/devices/system/cpu/cpuidle/current_driver", "none"),
                ("sys/devices/system/cpu/intel_pstate/no_turbo", "1"),
            ],
        );
        assert_eq!(cores(&tree), Some(2));
        assert_eq!(boost(&tree), Some(false));
        assert_eq!(governors(&tree), None);
    }
}
