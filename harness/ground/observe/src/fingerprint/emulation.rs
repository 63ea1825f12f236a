//! Is it a processor that runs us, or a program?
//!
//! A user-mode emulator (qemu-user, and alike box64 or FEX) is a program of the
//! host that loads ours and translates it; the host's kernel serves the system
//! calls. The emulator answers some of them itself so that ours does not
//! notice: `uname(2)` names the guest's architecture, and `/proc/self/exe`,
//! `/proc/self/maps` and, for some guests, `/proc/cpuinfo` are imitated (see
//! `linux-user/syscall.c` of QEMU). What is not imitated:
//!
//! - `/proc/thread-self/exe`, the same link by another name, leads to the
//!   emulator. This works for a guest of the host's own architecture too, and
//!   when binfmt_misc started the emulator unseen.
//! - The ELF header of that file names the architecture of the emulator.
//! - `/proc/sys/kernel/arch` (Linux 6.1) names that of the kernel.
//!
//! A whole machine made of software has a kernel of the right architecture.
//! Only on x86 does QEMU's translator sign it, in CPUID leaf 0x4000_0000.
//!
//! Environment variables (`QEMU_LD_PREFIX`, …) prove nothing: they may be set
//! natively and need not be set under emulation. They are not asked.

use super::hypervisor;
use std::env::consts::ARCH;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What was found out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Emulation {
    pub(crate) emulated: Option<bool>,
    pub(crate) emulator: Option<String>,
    pub(crate) evidence: Option<String>,
    /// Whether a program stands between us and the kernel, in contrast to a
    /// machine that is itself emulated.
    pub(crate) user_mode: bool,
}

/// The true link; the emulators we know imitate only `/proc/self/exe` and
/// `/proc/PID/exe`.
const TRUE_EXE: &str = "/proc/thread-self/exe";

pub(crate) fn detect() -> Emulation {
    let signs = Signs {
        arch: ARCH,
        shown_exe: fs::read_link("/proc/self/exe").ok(),
        true_exe: fs::read_link(TRUE_EXE).ok(),
        true_machine: elf_machine(Path::new(TRUE_EXE)),
        kernel_arch: fs::read_to_string("/proc/sys/kernel/arch")
            .ok()
            .map(|text| text.trim().to_owned()),
        processor: hypervisor::signature(),
    };
    let evidence = signs.evidence();
    let emulated = signs.is_emulated(&evidence);
    let emulator = (emulated == Some(true)).then(|| signs.emulator()).flatten();
    Emulation {
        emulated,
        emulator,
        evidence: (!evidence.is_empty()).then(|| evidence.join("; ")),
        user_mode: signs.shown_exe != signs.true_exe,
    }
}

#[derive(Debug, Clone)]
struct Signs {
    arch: &'static str,
    shown_exe: Option<PathBuf>,
    true_exe: Option<PathBuf>,
    true_machine: Option<u16>,
    kernel_arch: Option<String>,
    processor: Option<String>,
}

impl Signs {
    fn evidence(&self) -> Vec<String> {
        let mut evidence = Vec::new();
        if let (Some(shown), Some(real)) = (&self.shown_exe, &self.true_exe)
            && shown != real
        {
            evidence.push(format!(
                "{TRUE_EXE} is {}, /proc/self/exe is {}",
                real.display(),
                shown.display()
            ));
        }
        if let (Some(machine), Some(ours)) = (self.true_machine, machine_of(self.arch))
            && machine != ours
        {
            evidence.push(format!(
                "{TRUE_EXE} is for ELF machine {machine}, this program for {ours} ({})",
                self.arch
            ));
        }
        if let Some(kernel) = self.kernel_arch.as_deref()
            && runs(kernel, self.arch) == Some(false)
        {
            evidence.push(format!(
                "/proc/sys/kernel/arch is {kernel}, this program is for {}",
                self.arch
            ));
        }
        if self.processor.as_deref() == Some(hypervisor::TCG) {
            evidence.push("CPUID leaf 0x40000000 is signed by QEMU's translator (TCG)".into());
        }
        evidence
    }

    fn is_emulated(&self, evidence: &[String]) -> Option<bool> {
        if !evidence.is_empty() {
            return Some(true);
        }
        // Without the two links nothing would have told us.
        (self.shown_exe.is_some() && self.true_exe.is_some()).then_some(false)
    }

    /// Only an executable that is not ours can be asked for its version.
    fn emulator(&self) -> Option<String> {
        let path = self.true_exe.as_ref()?;
        if Some(path) == self.shown_exe.as_ref() {
            return self.processor.clone();
        }
        let is_qemu = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("qemu"));
        let version = is_qemu.then(version_of_emulator).flatten();
        version.or_else(|| Some(path.display().to_string()))
    }
}

/// First line of the emulator's `--version`. It is started through the link,
/// because its path need not exist in our mount namespace; the kernel of the
/// host runs it as the native program that it is.
fn version_of_emulator() -> Option<String> {
    let output = Command::new(TRUE_EXE)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next()?.trim();
    (output.status.success() && line.contains("version")).then(|| line.to_owned())
}

/// `e_machine` of an ELF file, in the byte order that `e_ident` names.
fn elf_machine(path: &Path) -> Option<u16> {
    let mut header = [0_u8; 20];
    File::open(path).ok()?.read_exact(&mut header).ok()?;
    machine_in(&header)
}

fn machine_in(header: &[u8; 20]) -> Option<u16> {
    let bytes = [header[18], header[19]];
    match (&header[..4], header[5]) {
        (b"\x7fELF", 1) => Some(u16::from_le_bytes(bytes)),
        (b"\x7fELF", 2) => Some(u16::from_be_bytes(bytes)),
        _ => None,
    }
}

/// `EM_*` of the System V ABI for Rust's names of architectures.
fn machine_of(arch: &str) -> Option<u16> {
    Some(match arch {
        "x86" => 3,
        "powerpc64" => 21,
        "s390x" => 22,
        "arm" => 40,
        "x86_64" => 62,
        "aarch64" => 183,
        "riscv64" => 243,
        "loongarch64" => 258,
        _ => return None,
    })
}

/// Whether a kernel (by its `uname -m`) runs programs of an architecture
/// without help; `None` for kernels unknown here.
fn runs(kernel: &str, arch: &str) -> Option<bool> {
    let native: &[&str] = match kernel {
        "x86_64" => &["x86_64", "x86"],
        "i386" | "i486" | "i586" | "i686" => &["x86"],
        "aarch64" => &["aarch64", "arm"],
        k if k.starts_with("armv") => &["arm"],
        "riscv64" => &["riscv64", "riscv32"],
        "s390x" => &["s390x"],
        "ppc64" | "ppc64le" => &["powerpc64", "powerpc"],
        "loongarch64" => &["loongarch64"],
        _ => return None,
    };
    Some(native.contains(&arch))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native() -> Signs {
        Signs {
            arch: "x86_64",
            shown_exe: Some("/bin/assay".into()),
            true_exe: Some("/bin/assay".into()),
            true_machine: Some(62),
            kernel_arch: Some("x86_64".into()),
            processor: Some("KVM".into()),
        }
    }

    fn detected(signs: &Signs) -> (Option<bool>, usize) {
        let evidence = signs.evidence();
        (signs.is_emulated(&evidence), evidence.len())
    }

    #[test]
    fn a_native_program_is_native() {
        assert_eq!(detected(&native()), (Some(false), 0));
        let on_metal = Signs {
            processor: None,
            kernel_arch: None,
            ..native()
        };
        assert_eq!(detected(&on_metal), (Some(false), 0));
        let arm_on_arm64 = Signs {
            arch: "arm",
            true_machine: Some(40),
            kernel_arch: Some("aarch64".into()),
            ..native()
        };
        assert_eq!(detected(&arm_on_arm64), (Some(false), 0));
    }

    #[test]
    fn each_sign_suffices() {
        let same_arch = Signs {
            true_exe: Some("/usr/bin/qemu-x86_64-static".into()),
            ..native()
        };
        assert_eq!(detected(&same_arch), (Some(true), 1));
        let foreign = Signs {
            arch: "aarch64",
            true_exe: Some("/usr/bin/qemu-aarch64-static".into()),
            ..native()
        };
        assert_eq!(detected(&foreign), (Some(true), 3));
        let hidden = Signs {
            arch: "s390x",
            shown_exe: None,
            true_exe: None,
            true_machine: None,
            ..native()
        };
        assert_eq!(detected(&hidden), (Some(true), 1));
        let machine = Signs {
            processor: Some(hypervisor::TCG.into()),
            ..native()
        };
        assert_eq!(detected(&machine), (Some(true), 1));
        assert_eq!(machine.emulator().as_deref(), Some(hypervisor::TCG));
    }

    #[test]
    fn without_proc_it_is_unknown() {
        let blind = Signs {
            shown_exe: None,
            ..native()
        };
        assert_eq!(detected(&blind), (None, 0));
    }

    #[test]
    fn headers_of_both_byte_orders_are_read() {
        let mut header = [0_u8; 20];
        header[..6].copy_from_slice(b"\x7fELF\x02\x02");
        header[18..].copy_from_slice(&[0, 22]);
        assert_eq!(machine_in(&header), machine_of("s390x"));
        header[5] = 1;
        header[18..].copy_from_slice(&[183, 0]);
        assert_eq!(machine_in(&header), machine_of("aarch64"));
        header[0] = b'#';
        assert_eq!(machine_in(&header), None);
    }

    #[test]
    fn the_table_of_machines_agrees_with_this_program() {
        if let Some(ours) = machine_of(ARCH) {
            let exe = std::env::current_exe().unwrap();
            assert_eq!(elf_machine(&exe), Some(ours));
        }
    }
}
