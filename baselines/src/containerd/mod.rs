//! A twin as a task of containerd: what Kubernetes starts, without Kubernetes.

mod daemon;
mod import;
mod recipe;
mod shim;

use crate::container;
use crate::layout::Layer;
use crate::tier::{Contents, Tier};
use crate::{facts, services};
use assay_arms::{Absent, Arm, ArmError, Detected, Lab, Lack, Prepared, ProgramName};
use assay_model::facts::Stack;
use assay_model::{ArmFacts, ArmId, Digest, IdError};
use assay_workloads::{Twin, Workload};
use daemon::{Daemon, remedy};
use import::import;
use recipe::{Runtime, TaskRecipe};

pub use shim::ContainerdShim;

/// `ctr`, and the same on images that hold more: a container with the host's
/// network, made and started through containerd's API.
pub struct Ctr {
    id: ArmId,
    facts: ArmFacts,
    tier: Tier,
    summary: String,
}

impl Ctr {
    /// The arm, on a tier of images.
    ///
    /// # Errors
    /// Never with the ids that are written here.
    pub fn new(tier: Tier) -> Result<Ctr, IdError> {
        Ok(Ctr {
            id: tier.arm_id("ctr").parse()?,
            facts: tier.facts(facts::container("containerd", Stack::EngineApi, 300)?),
            tier,
            summary: format!(
                "{}, started as a task through containerd's API",
                tier.holds()
            ),
        })
    }
}

impl Arm for Ctr {
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
        "the container's processes and their shim; the client could detach and is not charged, containerd is shared"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        let find = |lab: &mut Lab| Daemon::find(lab);
        let try_out = |lab: &mut Lab, daemon| try_out(lab, self.tier, daemon);
        container::detect(lab, self.tier, remedy(), find, try_out)
    }

    fn needs(&self, workloads: &[&Workload]) -> Vec<ProgramName> {
        if daemon::socket().is_err() {
            return Vec::new();
        }
        let mut needs = self.tier.needs(workloads);
        needs.push(ProgramName::Containerd);
        needs
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
        let mut daemon = Daemon::find(lab)?;
        daemon.describe()?;
        let make = |lab: &mut Lab| recipe(lab, &daemon, self.tier, &workload.twin);
        container::prepare(lab, workload.world, make, |contents, _| {
            contents.artifacts()
        })
    }
}

fn recipe(
    lab: &mut Lab,
    daemon: &Daemon,
    tier: Tier,
    twin: &Twin,
) -> Result<(Contents, TaskRecipe), ArmError> {
    let contents = Contents::create(lab, tier, twin)?;
    let mut layers: Vec<Layer<'_>> = contents.base().map(Layer::from).into_iter().collect();
    layers.push(Layer::Folder(contents.own()));
    let image = import(lab, daemon, &layers, contents.entry())?;
    let recipe = TaskRecipe::new(lab, image, Runtime::Runc, contents.rootfs())?;
    Ok((contents, recipe))
}

/// Starts a container for real.
fn try_out(lab: &mut Lab, tier: Tier, mut daemon: Daemon) -> Result<Detected, ArmError> {
    let about = daemon.describe()?;
    let client = daemon.client_version()?;
    let binary = std::fs::read(&daemon.program).map_err(ArmError::file(&daemon.program))?;
    let twin = tier.trial(lab)?.twin.clone();
    let (contents, mut recipe) = recipe(lab, &daemon, tier, &twin)?;
    services::try_out(lab, &mut recipe)?;
    let fact = |key: &str| about[key].as_str().unwrap_or_default().to_owned();
    let mut detected = Detected::available(format!("containerd {}; {client}", fact("version")));
    detected.labels = vec![tier.name().to_owned()];
    detected.labels.extend(recipe.labels());
    detected.config = contents.receipt();
    let facts = [
        ("daemon.version", fact("version")),
        ("daemon.revision", fact("revision")),
        ("snapshotter", daemon.snapshotter.clone()),
        ("runtime", Runtime::Runc.name()),
        ("sha256.assay-containerd", Digest::of(&binary).to_string()),
    ];
    for (key, value) in facts {
        detected.config.insert(key.to_owned(), value);
    }
    Ok(detected)
}
