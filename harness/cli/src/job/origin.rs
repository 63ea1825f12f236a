//! What a record says of programs that are not those which are measured. Of
//! those that an emulator ran: the machine under it is the emulating one, so the
//! architecture is theirs and not the harness's. Of those that were built for
//! checks: that no figure of theirs counts.

use assay_arms::{Binaries, Detected};
use assay_build::BuildProfile;
use assay_model::arm::BUILT_FOR_CHECKS;
use assay_model::fingerprint::Fingerprint;

/// The fingerprint of a run with these programs.
pub(super) fn of(found: Fingerprint, binaries: &Binaries) -> Fingerprint {
    let Some(foreign) = binaries.beside() else {
        return found;
    };
    let emulator = foreign.emulator.path.display();
    Fingerprint {
        arch: Some(foreign.architecture.to_string()),
        emulated: Some(true),
        emulator: Some(foreign.emulator.version.clone()),
        emulation_evidence: Some(format!("the harness starts {emulator} with each program")),
        ..found
    }
}

/// What was detected, with what ran it and who built it.
pub(super) fn annotated(mut detected: Detected, binaries: &Binaries) -> Detected {
    let Some(foreign) = binaries.beside() else {
        if binaries.profile() == BuildProfile::Checked && detected.availability.is_available() {
            detected.labels.push(BUILT_FOR_CHECKS.to_owned());
        }
        return detected;
    };
    if detected.availability.is_available() {
        let mut tell = |name: &str, value: &str| {
            detected.config.insert(name.to_owned(), value.to_owned());
        };
        tell("architecture", foreign.architecture.as_str());
        tell("emulator", &foreign.emulator.version);
        tell("builder", &foreign.builder);
        detected.labels.push("emulated".to_owned());
    }
    detected
}
