//! `microvm`: the twin as the only program of a virtual machine, where one
//! really runs. This version can say whether one does, and no more.

use crate::container::foreign;
use crate::facts;
use assay_arms::process::plain;
use assay_arms::{Absent, Arm, ArmError, Detected, Lab, Prepared, ProgramName};
use assay_model::facts::Stack;
use assay_model::{ArmFacts, ArmId, ArmKind, IdError};
use assay_wire::launcher::{Exit, Launch, Ran};
use assay_workloads::Workload;
use std::path::Path;
use std::time::Duration;

/// `microvm`: the twin in a virtual machine of its own.
pub struct MicroVm {
    id: ArmId,
    facts: ArmFacts,
}

impl MicroVm {
    /// The arm.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn new() -> Result<MicroVm, IdError> {
        Ok(MicroVm {
            id: "microvm".parse()?,
            facts: ArmFacts {
                kind: ArmKind::VirtualMachine,
                ..facts::container("microvm", Stack::Direct, 500)?
            },
        })
    }
}

/// Makes a virtual machine and lets it count to sixteen million.
const PROBE: &str = "assay-microvm";

/// What the probe asks for one.
const DEVICE: &str = "/dev/kvm";

const REMEDY: &str = "a machine with virtualisation that /dev/kvm gives to guests";

/// Where the processor carries out a guest's instructions, that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

const NO_DRIVER: &str = "this version has no driver that boots a twin in one";

impl Arm for MicroVm {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        "the native twin in a virtual machine of its own, where KVM really runs a guest"
    }

    fn facts(&self) -> &ArmFacts {
        &self.facts
    }

    fn charge_set(&self) -> &str {
        "the virtual machine monitor, with the guest's memory"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        if let Some(detected) = foreign(lab) {
            return detected;
        }
        if !Path::new(DEVICE).exists() {
            return Detected::unavailable(format!("no guest runs here: no {DEVICE}"), REMEDY);
        }
        let asked = Launch {
            deadline_ms: u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX),
            ..plain(lab, &lab.binaries.program(PROBE), Vec::new())
        };
        match heard(lab.launcher.run(asked), PATIENCE) {
            Ok(version) => Detected::unavailable(
                format!("a guest runs here ({version}), and {NO_DRIVER}"),
                "none in this version",
            ),
            Err(reason) => Detected::unavailable(reason, REMEDY),
        }
    }

    fn needs(&self, _: &[&Workload]) -> Vec<ProgramName> {
        let here = Path::new(DEVICE).exists();
        here.then_some(ProgramName::MicroVm).into_iter().collect()
    }

    fn prepare_held(&self, _: &mut Lab, _: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        Err(Absent(NO_DRIVER.to_owned()).into())
    }
}

/// What the probe said of the machine, or why no guest runs.
fn heard(ran: Result<Ran, ArmError>, patience: Duration) -> Result<String, String> {
    let ran = ran.map_err(|error| format!("{PROBE}: {error}"))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match ran.exit {
        Exit::Code(0) => Ok(said(&ran.stdout)),
        Exit::DeadlinePassed => Err(format!(
            "/dev/kvm is there, and a guest did not count to sixteen million within {} s, which \
             takes milliseconds where a processor runs guests: here they are emulated",
            patience.as_secs_f32()
        )),
        _ => Err(format!("no guest runs here: {}", said(&ran.stderr))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(exit: Exit, stdout: &str, stderr: &str) -> Result<String, String> {
        let ran = Ran {
            t0: 0,
            t7: None,
            t9: 0,
            t10: 0,
            stamps: Vec::new(),
            exit,
            stdout: stdout.into(),
            stderr: stderr.into(),
            teardown_error: None,
        };
        heard(Ok(ran), Duration::from_millis(300))
    }

    #[test]
    fn a_guest_runs_only_if_its_instructions_end() {
        let counted = ran(Exit::Code(0), "KVM API 12\n", "");
        assert_eq!(counted, Ok("KVM API 12".to_owned()));
        let hangs = ran(Exit::DeadlinePassed, "", "").unwrap_err();
        assert!(hangs.contains("within 0.3 s"), "{hangs}");
        let fails = ran(Exit::Code(1), "", "/dev/kvm: no such device\n").unwrap_err();
        assert!(fails.contains("/dev/kvm: no such device"), "{fails}");
        let gone = ArmError::Runtime("no such file".to_owned());
        let missing = heard(Err(gone), PATIENCE).unwrap_err();
        assert!(missing.contains(PROBE), "{missing}");
    }
}
