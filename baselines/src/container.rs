//! What the arms have in common that put a twin into a container.

use crate::tier::Tier;
use assay_arms::process::{ProcessPrepared, Recipe};
use assay_arms::{ArmError, Artifact, Detected, Lab, Prepared};
use assay_workloads::World;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A name for the next container of this process. It is the name of its control
/// groups too, which all users of a machine share, and no word of another command
/// line.
pub(crate) fn next_name() -> String {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed) + 1;
    format!("assay-{}-c{number}", std::process::id())
}

/// Why no container can hold what `lab` runs, if its programs are of another
/// architecture.
pub(crate) fn foreign(lab: &Lab) -> Option<Detected> {
    let foreign = lab.binaries.beside()?;
    let reason = format!(
        "containers have no emulator: programs for {} would need one that the kernel starts \
         (binfmt_misc)",
        foreign.architecture
    );
    let remedy = format!("run it on a machine that is {}", foreign.architecture);
    Some(Detected::unavailable(reason, remedy))
}

/// Whether containers on a tier can be started here: finds what starts them, and has
/// it start one. `remedy` says what to type where that fails.
pub(crate) fn detect<S>(
    lab: &mut Lab,
    tier: Tier,
    remedy: String,
    find: impl FnOnce(&mut Lab) -> Result<S, ArmError>,
    try_out: impl FnOnce(&mut Lab, S) -> Result<Detected, ArmError>,
) -> Detected {
    if let Some(detected) = foreign(lab) {
        return detected;
    }
    let starter = match find(lab) {
        Ok(starter) => starter,
        Err(error) => return Detected::unavailable(error.to_string(), remedy),
    };
    if let Some(lack) = tier.lacks() {
        return lack.into();
    }
    try_out(lab, starter).unwrap_or_else(|error| Detected::unavailable(error.to_string(), remedy))
}

/// Makes an image and the recipe of its containers, which is what preparing takes,
/// and then weighs it.
pub(crate) fn prepare<I, R: Recipe + 'static>(
    lab: &mut Lab,
    world: World,
    make: impl FnOnce(&mut Lab) -> Result<(I, R), ArmError>,
    weigh: impl FnOnce(&I, &R) -> Result<Vec<Artifact>, ArmError>,
) -> Result<Box<dyn Prepared>, ArmError> {
    let started = Instant::now();
    let (image, recipe) = make(lab)?;
    let took = started.elapsed();
    let artifacts = weigh(&image, &recipe)?;
    let mut prepared = ProcessPrepared::new(recipe, world).prepared_in(took);
    prepared.artifacts = artifacts;
    Ok(Box::new(prepared))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_containers_of_a_process_have_one_name() {
        let (one, other) = (next_name(), next_name());
        assert_ne!(one, other);
        // What lists the containers of a process looks for this.
        let prefix = format!("assay-{}-", std::process::id());
        assert!(one.starts_with(&prefix) && other.starts_with(&prefix));
    }
}
