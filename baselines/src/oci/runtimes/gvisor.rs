//! gVisor's runsc: the program runs on a kernel in user space.

use crate::bundle::Seccomp;
use crate::daemons::Baseline;
use crate::oci::runtime::{OciRuntime, Words};
use crate::tier::Tier;
use assay_model::ArmKind;

/// How it traps system calls: its default since 2023, which needs neither KVM
/// nor ptrace.
const PLATFORM: &str = "--platform=systrap";

pub(super) const RUNTIME: OciRuntime = OciRuntime {
    id: "gvisor",
    program: "runsc",
    built: None,
    kind: ArmKind::SandboxedContainer,
    rank: 400,
    tiers: &[Tier::Scratch],
    started_by: "on gVisor's kernel in user space",
    charge_set: "the sandbox with the processes it traces, and the gofer; the runtime front end \
                 could detach and is not charged",
    remedy: || Baseline::Gvisor.as_root(),
    seccomp: Seccomp::Ignored,
    takes_cgroup: true,
    keeps: false,
    // If the front end left, another process would have to reap the gofer. Until
    // then `delete` waits for a process that has ended, and gives up.
    detaches: false,
    words: Words::Runc(|_| &[PLATFORM, "--network=host"]),
    failed: None,
    // Sandbox and gofer, by the names that they give themselves.
    stays: |command_line| command_line.starts_with(b"runsc-"),
};
