//! A twin in an OCI container: one driver for every runtime that starts bundles,
//! without a daemon.

mod engine;
mod recipe;

use crate::container;
use crate::services::installed;
use crate::tier::{Contents, Tier};
use assay_arms::process::{Line, Recipe as _, plain};
use assay_arms::{Absent, Arm, ArmError, Detected, Lab, Lack, Prepared, Program, ProgramName};
use assay_model::{ArmFacts, ArmId, Digest, IdError};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Exit, Launch};
use assay_workloads::Workload;
use recipe::OciRecipe;

pub use engine::Engine;
pub(crate) use engine::limits;

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
        let remedy = self.engine.remedy();
        let find = |lab: &mut Lab| self.engine.find(lab);
        let try_out = |lab: &mut Lab, runtime| self.try_out(lab, runtime);
        container::detect(lab, self.tier, remedy, find, try_out)
    }

    fn needs(&self, workloads: &[&Workload]) -> Vec<ProgramName> {
        let mut twins = self.tier.needs(workloads);
        match self.engine {
            // Detecting it starts a container with a twin in it.
            Engine::Youki => twins.push(ProgramName::Youki),
            other if installed(other.program_name()).is_none() => twins.clear(),
            _ => {}
        }
        twins
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        self.tier.check(&workload.twin)
    }

    fn lacks(&self) -> Option<Lack> {
        self.tier.lacks()
    }

    fn prepare_held(
        &self,
        lab: &mut Lab,
        workload: &Workload,
    ) -> Result<Box<dyn Prepared>, ArmError> {
        let runtime = self.engine.find(lab)?;
        let make = |lab: &mut Lab| {
            let contents = Contents::create(lab, self.tier, &workload.twin)?;
            Ok(((), OciRecipe::new(lab, self.engine, runtime, contents)?))
        };
        container::prepare(lab, workload.world, make, |(), recipe| recipe.artifacts())
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
