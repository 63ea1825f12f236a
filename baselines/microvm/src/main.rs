//! Says whether a virtual machine really runs here: makes one through
//! `/dev/kvm`, and lets it count. That the device is there and answers says
//! nothing, and neither does a guest of three instructions: where this machine is
//! itself a guest, KVM may have each of them emulated, and no kernel boots in
//! sensible time. Whoever asks ends this program if the count does not end.
//!
//! Exit code 0 and a line on stdout if they were carried out, else 1 and the
//! reason on stderr.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match probe::run() {
        Ok(said) => match writeln!(std::io::stdout(), "{said}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod probe {
    use kvm_bindings::kvm_userspace_memory_region;
    use kvm_ioctls::{Kvm, VcpuExit};
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

    /// One page, where a processor in real mode can reach it.
    const PAGE: usize = 4096;
    const START: u64 = 0x1000;

    /// A port that nothing of the machine listens at.
    const PORT: u16 = 0x10;
    const SAID: u8 = b'!';

    /// `mov ecx, 0x01000000; loop .; mov al, '!'; out 0x10, al; hlt` in 16-bit
    /// code with 32-bit prefixes (Intel SDM, volume 2): milliseconds on a
    /// processor that carries it out itself.
    const PROGRAM: [u8; 14] = [
        0x66, 0xb9, 0, 0, 0, 1, 0x67, 0xe2, 0xfd, 0xb0, SAID, 0xe6, 0x10, 0xf4,
    ];

    pub(super) fn run() -> Result<String, String> {
        let kvm = Kvm::new().map_err(|error| format!("/dev/kvm: {error}"))?;
        let version = kvm.get_api_version();
        let why = |what: &'static str| move |error| format!("{what}: {error}");
        let vm = kvm.create_vm().map_err(why("KVM_CREATE_VM"))?;
        // SAFETY: a new mapping at an address of the kernel's choice touches
        // no memory that is in use.
        let page = unsafe {
            mmap_anonymous(
                std::ptr::null_mut(),
                PAGE,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }
        .map_err(|error| format!("mmap: {error}"))?;
        // SAFETY: the mapping is a page long, writable, and nobody else's.
        unsafe {
            std::ptr::copy_nonoverlapping(PROGRAM.as_ptr(), page.cast(), PROGRAM.len());
        }
        let region = kvm_userspace_memory_region {
            slot: 0,
            flags: 0,
            guest_phys_addr: START,
            memory_size: PAGE as u64,
            userspace_addr: page as u64,
        };
        // SAFETY: the page is never unmapped, so the machine's memory outlives it.
        unsafe { vm.set_user_memory_region(region) }.map_err(why("KVM_SET_USER_MEMORY_REGION"))?;
        let mut processor = vm.create_vcpu(0).map_err(why("KVM_CREATE_VCPU"))?;
        let mut segments = processor.get_sregs().map_err(why("KVM_GET_SREGS"))?;
        segments.cs.base = 0;
        segments.cs.selector = 0;
        processor
            .set_sregs(&segments)
            .map_err(why("KVM_SET_SREGS"))?;
        let mut registers = processor.get_regs().map_err(why("KVM_GET_REGS"))?;
        registers.rip = START;
        // Bit 1 is always set (Intel SDM, volume 1, section 3.4.3).
        registers.rflags = 2;
        processor
            .set_regs(&registers)
            .map_err(why("KVM_SET_REGS"))?;
        match processor.run().map_err(why("KVM_RUN"))? {
            VcpuExit::IoOut(PORT, [SAID]) => {}
            other => return Err(format!("KVM_RUN: {other:?} instead of the output")),
        }
        match processor.run().map_err(why("KVM_RUN"))? {
            VcpuExit::Hlt => Ok(format!("KVM API {version}")),
            other => Err(format!("KVM_RUN: {other:?} instead of the halt")),
        }
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod probe {
    pub(super) fn run() -> Result<String, String> {
        Err("only guests of x86_64 are known here".to_owned())
    }
}
