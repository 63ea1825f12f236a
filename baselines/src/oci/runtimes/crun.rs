//! crun: C, what Podman uses.

use crate::bundle::{Privileges, Seccomp};
use crate::daemons::Baseline;
use crate::oci::runtime::{ALL_BUT_FRONT_END, OciRuntime, Words, none_stays};
use crate::tier::Tier;
use assay_model::ArmKind;

pub(super) const RUNTIME: OciRuntime = OciRuntime {
    id: "crun",
    program: "crun",
    built: None,
    kind: ArmKind::Container,
    rank: 210,
    tiers: &[Tier::Scratch, Tier::DebianSlim, Tier::Typical],
    started_by: "started by crun",
    charge_set: ALL_BUT_FRONT_END,
    remedy: || Baseline::Crun.remedy(),
    seccomp: Seccomp::Default,
    takes_cgroup: true,
    keeps: false,
    detaches: true,
    words: Words::Runc(flags),
    failed: None,
    stays: none_stays,
};

fn flags(privileges: Privileges) -> &'static [&'static str] {
    match privileges {
        Privileges::Root => &["--cgroup-manager=cgroupfs"],
        Privileges::Rootless { .. } => &["--cgroup-manager=disabled"],
    }
}
