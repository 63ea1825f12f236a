//! runc: Go, what Docker and containerd use.

use crate::bundle::Seccomp;
use crate::daemons::Baseline;
use crate::oci::runtime::{ALL_BUT_FRONT_END, OciRuntime, Words, none_stays};
use crate::tier::Tier;
use assay_model::ArmKind;

pub(super) const RUNTIME: OciRuntime = OciRuntime {
    id: "runc",
    program: "runc",
    built: None,
    kind: ArmKind::Container,
    rank: 220,
    tiers: &[Tier::Scratch],
    started_by: "started by runc",
    charge_set: ALL_BUT_FRONT_END,
    remedy: || Baseline::Runc.as_root(),
    seccomp: Seccomp::Default,
    takes_cgroup: true,
    keeps: true,
    detaches: true,
    words: Words::Runc(|_| &[]),
    failed: None,
    stays: none_stays,
};
