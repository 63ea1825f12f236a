//! The architectures that programs can be built for, and verified on.

use assay_workloads::nearest;
use std::fmt;
use std::str::FromStr;

/// An architecture of the suite: a back end of the compiler under test for
/// which Linux distributions ship a linker and an emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Architecture {
    /// What most servers are.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
    /// IBM Z: the big-endian one.
    S390x,
    /// 64-bit RISC-V.
    Riscv64,
}

impl Architecture {
    /// Every architecture, in the order of tables.
    pub const ALL: [Architecture; 4] = [
        Architecture::X86_64,
        Architecture::Aarch64,
        Architecture::S390x,
        Architecture::Riscv64,
    ];

    /// That of this program; none where the suite does not know it.
    #[must_use]
    pub fn here() -> Option<Architecture> {
        std::env::consts::ARCH.parse().ok()
    }

    /// Its name, as Rust spells it, and QEMU and cross compilers too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Architecture::X86_64 => "x86_64",
            Architecture::Aarch64 => "aarch64",
            Architecture::S390x => "s390x",
            Architecture::Riscv64 => "riscv64",
        }
    }

    /// The target that its programs are built for.
    #[must_use]
    pub fn triple(self) -> &'static str {
        match self {
            Architecture::X86_64 => "x86_64-unknown-linux-gnu",
            Architecture::Aarch64 => "aarch64-unknown-linux-gnu",
            Architecture::S390x => "s390x-unknown-linux-gnu",
            Architecture::Riscv64 => "riscv64gc-unknown-linux-gnu",
        }
    }

    /// The C compiler that links for it on another architecture, under the
    /// name that Debian, Ubuntu and Fedora give it.
    #[must_use]
    pub fn cross_linker(self) -> &'static str {
        match self {
            Architecture::X86_64 => "x86_64-linux-gnu-gcc",
            Architecture::Aarch64 => "aarch64-linux-gnu-gcc",
            Architecture::S390x => "s390x-linux-gnu-gcc",
            Architecture::Riscv64 => "riscv64-linux-gnu-gcc",
        }
    }

    /// Names of the emulator that runs its programs, the likelier first.
    #[must_use]
    pub fn emulators(self) -> [String; 2] {
        [
            format!("qemu-{}-static", self.as_str()),
            format!("qemu-{}", self.as_str()),
        ]
    }

    /// What its emulator is told of the machine: everything that Wasm needs.
    /// `riscv64` is one with vectors, which QEMU 7.2 leaves out unless asked;
    /// without them Cranelift has no code for `v128` and panics
    /// (<https://github.com/bytecodealliance/wasmtime/issues/13959>).
    #[must_use]
    pub fn emulator_options(self) -> &'static [&'static str] {
        match self {
            Architecture::Riscv64 => &["-cpu", "rv64,v=true,vext_spec=v1.0,vlen=128"],
            Architecture::X86_64 | Architecture::Aarch64 | Architecture::S390x => &[],
        }
    }

    /// Whether the compiler Winch makes code for it: of Wasmtime 48's back ends,
    /// two (`winch-codegen`, `isa`).
    #[must_use]
    pub fn has_winch(self) -> bool {
        matches!(self, Architecture::X86_64 | Architecture::Aarch64)
    }

    /// The target of the portable interpreter on it, as Wasmtime names it.
    #[must_use]
    pub fn pulley(self) -> &'static str {
        match self.is_big_endian() {
            false => "pulley64",
            true => "pulley64be",
        }
    }

    /// Whether the most significant byte of a number comes first.
    #[must_use]
    pub fn is_big_endian(self) -> bool {
        self == Architecture::S390x
    }

    /// The architecture of an ELF file, by its first twenty bytes (`e_machine`
    /// of the System V ABI); none for other files and other machines.
    #[must_use]
    pub fn of_elf(header: &[u8]) -> Option<Architecture> {
        let order = *header.get(5)?;
        let machine = [*header.get(18)?, *header.get(19)?];
        if header.get(..4)? != b"\x7fELF" {
            return None;
        }
        let machine = match order {
            1 => u16::from_le_bytes(machine),
            2 => u16::from_be_bytes(machine),
            _ => return None,
        };
        match machine {
            22 => Some(Architecture::S390x),
            62 => Some(Architecture::X86_64),
            183 => Some(Architecture::Aarch64),
            243 => Some(Architecture::Riscv64),
            _ => None,
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Spellings of other tools, which people type.
const ALIASES: [(&str, Architecture); 4] = [
    ("amd64", Architecture::X86_64),
    ("arm64", Architecture::Aarch64),
    ("riscv64gc", Architecture::Riscv64),
    ("systemz", Architecture::S390x),
];

impl FromStr for Architecture {
    type Err = String;

    fn from_str(text: &str) -> Result<Architecture, String> {
        let named = Architecture::ALL.into_iter().find(|a| a.as_str() == text);
        if let Some(architecture) = named {
            return Ok(architecture);
        }
        let known = Architecture::ALL.map(Architecture::as_str);
        let alias = ALIASES.iter().find(|(alias, _)| *alias == text);
        let hint = match (alias, nearest(text, known)) {
            (Some((_, meant)), _) => format!("it is called '{meant}' here"),
            (None, Some(candidate)) => format!("did you mean '{candidate}'?"),
            (None, None) => format!("known: {}", known.join(", ")),
        };
        Err(format!("unknown architecture '{text}': {hint}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_slips_are_answered_with_the_nearest() {
        for architecture in Architecture::ALL {
            assert_eq!(architecture.as_str().parse(), Ok(architecture));
        }
        let said = |text: &str| text.parse::<Architecture>().unwrap_err();
        assert!(said("aarch46").contains("'aarch64'"), "{}", said("aarch46"));
        assert!(said("arm64").contains("'aarch64'"), "{}", said("arm64"));
        assert!(said("vax").contains("s390x"), "{}", said("vax"));
    }

    #[test]
    fn headers_of_both_byte_orders_are_read() {
        let mut header = [0_u8; 20];
        header[..6].copy_from_slice(b"\x7fELF\x02\x02");
        header[18..].copy_from_slice(&[0, 22]);
        assert_eq!(Architecture::of_elf(&header), Some(Architecture::S390x));
        header[5] = 1;
        header[18..].copy_from_slice(&[183, 0]);
        assert_eq!(Architecture::of_elf(&header), Some(Architecture::Aarch64));
        assert_eq!(Architecture::of_elf(&header[..19]), None);
        header[0] = b'#';
        assert_eq!(Architecture::of_elf(&header), None);
    }

    #[test]
    fn this_test_is_a_program_of_the_architecture_it_names() {
        let exe = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(Architecture::of_elf(&exe), Architecture::here());
    }
}
