//! A twin in an OCI container: one driver for every runtime that starts bundles,
//! without a daemon.

mod recipe;
mod runtime;
mod runtimes;

use crate::container;
use crate::tier::{Contents, Tier};
use assay_arms::process::{Line, Recipe as _, plain};
use assay_arms::{Absent, Arm, ArmError, Detected, Lab, Lack, Prepared, Program, ProgramName};
use assay_model::{ArmFacts, ArmId, Digest, IdError};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Exit, Launch};
use assay_workloads::Workload;
use recipe::OciRecipe;

pub use runtime::OciRuntime;
pub(crate) use runtime::{limits, options};

/// `youki`, `crun`, `runc`, `gvisor`, and the same on images that hold more: an
/// OCI container with the host's network.
pub struct Oci {
    id: ArmId,
    facts: ArmFacts,
    runtime: &'static OciRuntime,
    tier: Tier,
    summary: String,
}

impl Oci {
    /// The arm of a runtime, on a tier of images.
    ///
    /// # Errors
    /// Never with the ids that are written here.
    pub fn new(runtime: &'static OciRuntime, tier: Tier) -> Result<Oci, IdError> {
        Ok(Oci {
            id: tier.arm_id(runtime.id).parse()?,
            facts: tier.facts(runtime.facts()?),
            runtime,
            tier,
            summary: format!("{}, {}", tier.holds(), runtime.started_by),
        })
    }

    /// The arms of all runtimes, each on the images that it is measured on.
    ///
    /// # Errors
    /// Never with the ids that are written in the files of runtimes.
    pub fn all() -> Result<Vec<Oci>, IdError> {
        let arms = OciRuntime::all().flat_map(|runtime| {
            let tiers = runtime.tiers.iter();
            tiers.map(move |&tier| Oci::new(runtime, tier))
        });
        arms.collect()
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
        self.runtime.charge_set
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        let remedy = (self.runtime.remedy)();
        let find = |lab: &mut Lab| self.runtime.find(lab);
        let try_out = |lab: &mut Lab, runtime| self.try_out(lab, runtime);
        container::detect(lab, self.tier, remedy, find, try_out)
    }

    fn needs(&self, workloads: &[&Workload]) -> Vec<ProgramName> {
        if !self.runtime.is_here() {
            return Vec::new();
        }
        // Detecting it starts a container with a twin in it.
        let mut programs = self.tier.needs(workloads);
        programs.extend(self.runtime.built.clone());
        programs
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
        let runtime = self.runtime.find(lab)?;
        let make = |lab: &mut Lab| {
            let contents = Contents::create(lab, self.tier, &workload.twin)?;
            Ok(((), OciRecipe::new(lab, self.runtime, runtime, contents)?))
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
        let mut recipe = OciRecipe::new(lab, self.runtime, runtime, contents)?;
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
        let name = self.runtime.program;
        let mut note = |key: String, value: String| detected.config.insert(key, value);
        note(format!("sha256.{name}"), Digest::of(&binary).to_string());
        if self.runtime.built.is_none() {
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
