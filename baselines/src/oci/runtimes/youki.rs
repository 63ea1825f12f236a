//! libcontainer, by `assay-youki`: needs nothing installed.

use crate::bundle::Seccomp;
use crate::oci::runtime::{ALL_BUT_FRONT_END, OciRuntime, Words, none_stays};
use crate::tier::Tier;
use assay_arms::ProgramName;
use assay_model::ArmKind;

pub(super) const RUNTIME: OciRuntime = OciRuntime {
    id: "youki",
    program: "assay-youki",
    built: Some(ProgramName::Youki),
    kind: ArmKind::Container,
    rank: 200,
    tiers: &[Tier::Scratch],
    started_by: "started by libcontainer",
    charge_set: ALL_BUT_FRONT_END,
    remedy,
    // libcontainer needs the C library libseccomp for one.
    seccomp: Seccomp::None,
    takes_cgroup: false,
    keeps: true,
    detaches: true,
    words: Words::Own,
    failed: Some(125),
    stays: none_stays,
};

fn remedy() -> String {
    "run as root, or allow user namespaces: sysctl user.max_user_namespaces (above 0), \
     kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0"
        .to_owned()
}
