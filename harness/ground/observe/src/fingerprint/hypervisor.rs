//! Is a hypervisor below the kernel, and which?

use crate::tree::{Tree, field};

/// How QEMU's translator is called by [`signature`].
pub(crate) const TCG: &str = "QEMU TCG";

/// What was found out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hypervisor {
    pub(crate) present: Option<bool>,
    pub(crate) name: Option<String>,
}

/// A user-mode emulator answers CPUID itself, and says nothing about what is
/// below the kernel.
pub(crate) fn detect(tree: &Tree, user_mode_emulator: bool) -> Hypervisor {
    from_signs(tree, signature().filter(|_| !user_mode_emulator))
}

fn from_signs(tree: &Tree, signature: Option<String>) -> Hypervisor {
    // Only x86 has a line `flags` and in it a flag for this; Arm's line is
    // called `Features`.
    let flag = tree.text("proc/cpuinfo").and_then(|text| {
        let flags = field(&text, "flags")?;
        Some(flags.split(' ').any(|flag| flag == "hypervisor"))
    });
    let dmi = |name: &str| tree.value(&format!("sys/class/dmi/id/{name}"));
    let (vendor, product) = (dmi("sys_vendor"), dmi("product_name"));
    let firmware = [&vendor, &product].map(|part| part.as_deref().unwrap_or(""));
    let virtual_firmware = is_virtual(firmware[0], firmware[1]);
    let other = other_signs(tree);
    let present = match flag {
        Some(flag) => Some(flag || virtual_firmware || !other.is_empty()),
        None => (virtual_firmware || !other.is_empty() || signature.is_some()).then_some(true),
    };
    if present != Some(true) {
        return Hypervisor {
            present,
            name: None,
        };
    }
    let mut names: Vec<String> = signature.into_iter().chain(other).collect();
    // The firmware names the board of a bare machine, too: ask it only now.
    let firmware = firmware.join(" ").trim().to_owned();
    names.extend((!firmware.is_empty()).then_some(firmware));
    Hypervisor {
        present,
        name: (!names.is_empty()).then(|| names.join(", ")),
    }
}

fn other_signs(tree: &Tree) -> Vec<String> {
    let mut signs = Vec::new();
    signs.extend(tree.value("sys/hypervisor/type"));
    signs.extend(tree.value("proc/device-tree/hypervisor/compatible"));
    signs.extend(
        tree.text("proc/sysinfo")
            .and_then(|text| Some(field(&text, "VM00 Control Program")?.to_owned())),
    );
    signs
}

/// Whether firmware with these names belongs to a virtual machine. Names of
/// vendors that sell both kinds count only together with a product.
fn is_virtual(vendor: &str, product: &str) -> bool {
    const SIGNS: [(&str, &str); 13] = [
        ("QEMU", ""),
        ("Amazon EC2", ""),
        ("Google", "Google Compute Engine"),
        ("Microsoft Corporation", "Virtual Machine"),
        ("VMware", ""),
        ("innotek GmbH", ""),
        ("Oracle Corporation", "VirtualBox"),
        ("Xen", ""),
        ("Apple Inc.", "Virtualization"),
        ("Parallels", ""),
        ("OpenStack", ""),
        ("Red Hat", "KVM"),
        ("Hetzner", "vServer"),
    ];
    // Amazon's bare instances have the same vendor: `m7g.metal`.
    !product.contains("metal")
        && SIGNS
            .iter()
            .any(|(v, p)| vendor.starts_with(v) && product.contains(p))
}

/// The signature in CPUID leaf 0x4000_0000, which hypervisors have agreed to
/// leave to themselves. Meaningless unless leaf 1 sets its hypervisor bit.
#[cfg(target_arch = "x86_64")]
pub(crate) fn signature() -> Option<String> {
    use std::arch::x86_64::__cpuid;
    const HYPERVISOR_BIT: u32 = 1 << 31;
    if __cpuid(1).ecx & HYPERVISOR_BIT == 0 {
        return None;
    }
    let leaf = __cpuid(0x4000_0000);
    let bytes = [leaf.ebx, leaf.ecx, leaf.edx]
        .map(u32::to_le_bytes)
        .concat();
    name_of(&bytes)
}

/// Other architectures have no such instruction for programs.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn signature() -> Option<String> {
    None
}

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
fn name_of(signature: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(signature);
    let text = text.trim_matches(['\0', ' ']);
    let known = match text {
        "KVMKVMKVM" => "KVM",
        "Microsoft Hv" => "Hyper-V",
        "VMwareVMware" => "VMware",
        "XenVMMXenVMM" => "Xen",
        "TCGTCGTCGTCG" => TCG,
        "" => return None,
        other => other,
    };
    Some(known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(files: &[(&str, &str)], signature: Option<&str>) -> (Option<bool>, Option<String>) {
        let root = tempfile::tempdir().unwrap();
        let tree = Tree::fixture(root.path(), files);
        let hypervisor = from_signs(&tree, signature.map(str::to_owned));
        (hypervisor.present, hypervisor.name)
    }

    const BARE: (&str, &str) = ("proc/cpuinfo", "flags\t\t: fpu vme ht\n");
    const GUEST: (&str, &str) = ("proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");

    #[test]
    fn the_flag_decides_on_x86() {
        let board = ("sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
        assert_eq!(seen(&[BARE, board], None), (Some(false), None));
        let (present, name) = seen(&[GUEST], Some("KVM"));
        assert_eq!((present, name.as_deref()), (Some(true), Some("KVM")));
        assert_eq!(seen(&[GUEST], None), (Some(true), None), "a nameless one");
    }

    #[test]
    fn without_the_flag_only_a_sign_is_an_answer() {
        let arm = ("proc/cpuinfo", "Features\t: fp asimd\n");
        let vendor = |name| ("sys/class/dmi/id/sys_vendor", name);
        let product = |name| ("sys/class/dmi/id/product_name", name);
        assert_eq!(seen(&[arm], None), (None, None));
        let azure = [
            arm,
            vendor("Microsoft Corporation\n"),
            product("Virtual Machine\n"),
        ];
        let name = "Microsoft Corporation Virtual Machine".to_owned();
        assert_eq!(seen(&azure, None), (Some(true), Some(name)));
        let metal = [arm, vendor("Amazon EC2\n"), product("m7g.metal\n")];
        assert_eq!(seen(&metal, None), (None, None));
        let surface = [arm, vendor("Microsoft Corporation\n"), product("Surface\n")];
        assert_eq!(seen(&surface, None), (None, None));
        let tree = [
            arm,
            ("proc/device-tree/hypervisor/compatible", "linux,kvm\0"),
        ];
        assert_eq!(seen(&tree, None), (Some(true), Some("linux,kvm".into())));
        let z = [(
            "proc/sysinfo",
            "VM00 Name: A\nVM00 Control Program: z/VM    7.2.0\n",
        )];
        assert_eq!(seen(&z, None), (Some(true), Some("z/VM    7.2.0".into())));
    }

    #[test]
    fn signatures_have_names() {
        assert_eq!(name_of(b"KVMKVMKVM\0\0\0").as_deref(), Some("KVM"));
        assert_eq!(name_of(b"TCGTCGTCGTCG").as_deref(), Some(TCG));
        assert_eq!(name_of(b" lrpepyh  vr").as_deref(), Some("lrpepyh  vr"));
        assert_eq!(name_of(&[0; 12]), None);
    }
}
