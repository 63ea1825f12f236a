//! A twin in an OCI container: one driver for every runtime that starts bundles,
//! without a daemon.

mod engine;
mod recipe;

use crate::tier::{Contents, Tier};
use assay_arms::process::{Line, ProcessPrepared, Recipe as _, plain};
use assay_arms::{Absent, Arm, ArmError, Artifact, Detected, Lab, Lack, Prepared, Program};
use assay_model::{ArmFacts, ArmId, Bytes, Digest, IdError, Metric};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Exit, Launch};
use assay_workloads::Workload;
use recipe::OciRecipe;
use std::time::Instant;

pub use engine::Engine;
pub(crate) use engine::{installed, limits};

/// `youki`, `crun`, `runc`, `gvisor`, and the same on images that hold more: an
/// OCI container with the host's network.
pub struct Oci {
    id: ArmId,
    facts: ArmFacts,
    engine: Engine,
    tier: Tier,
    summary: String,
}

impl Oci {
    /// The arm of a runtime, on a tier of images.
    ///
    /// # Errors
    /// Never with the ids that are written here.
    pub fn new(engine: Engine, tier: Tier) -> Result<Oci, IdError> {
        Ok(Oci {
            id: tier.arm_id(engine.id()).parse()?,
            facts: tier.facts(engine.facts()?),
            engine,
            tier,
            summary: format!("{}, {}", tier.holds(), engine.started_by()),
        })
    }
}

/// Why no container can hold what `lab` runs, if its programs are of another
/// architecture.
pub(crate) fn foreign(lab: &Lab) -> Option<Detected> {
    let foreign = lab.binaries.beside()?;
    let reason = format!(
        "a container holds no emulator: its programs for {} would need one that the \
         kernel starts (binfmt_misc)",
        foreign.architecture
    );
    let remedy = format!("run it on a machine that is {}", foreign.architecture);
    Some(Detected::unavailable(reason, remedy))
}

const DETECT_MS: u64 = 20_000;

impl Arm for Oci {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        &self.summary
    }

    fn facts(&self) -> &ArmFacts {
        &self.facts
    }

    fn charge_set(&self) -> &str {
        self.engine.charge_set()
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        if let Some(detected) = foreign(lab) {
            return detected;
        }
        let name = self.engine.program_name();
        let Some(runtime) = self.engine.program(lab) else {
            return Detected::unavailable(format!("{name} is not installed"), self.engine.remedy());
        };
        if let Some(lack) = self.lacks() {
            return lack.into();
        }
        match self.try_out(lab, runtime) {
            Ok(detected) => detected,
            Err(error) => Detected::unavailable(error.to_string(), self.engine.remedy()),
        }
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        self.tier.check(&workload.twin)
    }

    fn lacks(&self) -> Option<Lack> {
        self.tier.lacks()
    }

    fn prepare(&self, lab: &mut Lab, workload: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        let Some(runtime) = self.engine.program(lab) else {
            let name = self.engine.program_name();
            return Err(ArmError::Runtime(format!("{name} has gone")));
        };
        let started = Instant::now();
        let contents = Contents::create(lab, self.tier, &workload.twin)?;
        let recipe = OciRecipe::new(lab, self.engine, runtime, contents)?;
        let unpacked = started.elapsed();
        let mut artifacts = recipe.contents.artifacts()?;
        let runtime = std::fs::metadata(recipe.runtime.path())
            .map_err(ArmError::file(recipe.runtime.path()))?
            .len();
        artifacts.push(Artifact {
            metric: Metric::ARTIFACT_RUNTIME,
            size: Bytes(runtime),
        });
        let mut prepared = ProcessPrepared::new(recipe, workload.world).prepared_in(unpacked);
        prepared.artifacts = artifacts;
        Ok(Box::new(prepared))
    }
}

impl Oci {
    /// Starts a container for real: a namespace that is allowed by every
    /// setting can still be refused.
    fn try_out(&self, lab: &mut Lab, runtime: Program) -> Result<Detected, ArmError> {
        let twin = self.tier.trial(lab)?.twin.clone();
        let contents = Contents::create(lab, self.tier, &twin)?;
        let mut recipe = OciRecipe::new(lab, self.engine, runtime, contents)?;
        let mut launch = recipe.command(lab, &Line::bare(&[], &Grants::default()))?;
        launch.deadline_ms = DETECT_MS;
        let line = launch.command.args.join(" ");
        let ran = lab.launcher.run(launch)?;
        if ran.exit != Exit::Code(0) || ran.stdout.is_empty() {
            let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
            let why = recipe.complaint().unwrap_or(said);
            return Err(ArmError::Runtime(format!(
                "no container could be started ({:?}): {why}",
                ran.exit
            )));
        }
        if let Some(error) = ran.teardown_error {
            return Err(ArmError::Runtime(format!(
                "a container could not be deleted: {error}"
            )));
        }
        let asked = Launch {
            deadline_ms: DETECT_MS,
            ..plain(lab, &recipe.runtime, vec!["--version".to_owned()])
        };
        let said = lab.launcher.run(asked)?.stdout;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        let version = said.lines().next().unwrap_or_default().to_owned();
        let mut detected = Detected::available(version);
        detected.labels = vec![self.tier.name().to_owned()];
        detected.labels.extend_from_slice(&recipe.labels);
        detected.config = recipe.contents.receipt();
        let runtime = recipe.runtime.path();
        let binary = std::fs::read(runtime).map_err(ArmError::file(runtime))?;
        let name = self.engine.program_name();
        let mut note = |key: String, value: String| detected.config.insert(key, value);
        note(format!("sha256.{name}"), Digest::of(&binary).to_string());
        if self.engine != Engine::Youki {
            note("runtime".to_owned(), runtime.display().to_string());
            note("version".to_owned(), said.replace('\n', "; "));
            let flags = line.split(" run ").next().unwrap_or_default().to_owned();
            note("flags".to_owned(), without_paths(&flags));
        }
        Ok(detected)
    }
}

/// A command line without the paths of one run, so that records compare.
fn without_paths(line: &str) -> String {
    let words = line.split(' ');
    let words: Vec<&str> = words
        .map(|word| if word.starts_with('/') { "…" } else { word })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_do_not_depend_on_where_a_run_keeps_its_files() {
        assert_eq!(
            without_paths("--root /tmp/a --network=host"),
            "--root … --network=host"
        );
    }
}
