//! A twin as a task of containerd: what Kubernetes starts, without Kubernetes.

mod daemon;
mod recipe;
mod shim;

use crate::layout::{Layer, Layout};
use crate::oci::foreign;
use crate::tier::{Contents, Tier, failed};
use crate::{facts, services};
use assay_arms::process::ProcessPrepared;
use assay_arms::{Absent, Arm, ArmError, Detected, Lab, Lack, Prepared};
use assay_model::facts::Stack;
use assay_model::{ArmFacts, ArmId, Digest, IdError};
use assay_workloads::{Twin, Workload};
use daemon::{Daemon, Image, REMEDY};
use recipe::{Runtime, TaskRecipe};
use std::path::Path;
use std::time::Instant;

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
        if let Some(detected) = foreign(lab) {
            return detected;
        }
        let daemon = match Daemon::find(lab) {
            Ok(daemon) => daemon,
            Err(missing) => return Detected::unavailable(missing, REMEDY),
        };
        if let Some(lack) = self.lacks() {
            return lack.into();
        }
        match try_out(lab, self.tier, daemon) {
            Ok(detected) => detected,
            Err(error) => Detected::unavailable(error.to_string(), REMEDY),
        }
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        self.tier.check(&workload.twin)
    }

    fn lacks(&self) -> Option<Lack> {
        self.tier.lacks()
    }

    fn prepare(&self, lab: &mut Lab, workload: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        let mut daemon = Daemon::find(lab).map_err(ArmError::Runtime)?;
        daemon.describe()?;
        let started = Instant::now();
        let (contents, recipe) = recipe(lab, &daemon, self.tier, &workload.twin)?;
        let imported = started.elapsed();
        let mut prepared = ProcessPrepared::new(recipe, workload.world).prepared_in(imported);
        prepared.artifacts = contents.artifacts()?;
        Ok(Box::new(prepared))
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

/// Hands an image of these layers to the daemon.
fn import(
    lab: &mut Lab,
    daemon: &Daemon,
    layers: &[Layer<'_>],
    entry: &[String],
) -> Result<Image, ArmError> {
    let place = lab.fresh_path("layout");
    let imported = import_from(&place, daemon, layers, entry);
    // The daemon has it, or nobody wants it: a copy of the base with every image
    // would fill the disk.
    let _ = std::fs::remove_dir_all(&place);
    imported
}

fn import_from(
    place: &Path,
    daemon: &Daemon,
    layers: &[Layer<'_>],
    entry: &[String],
) -> Result<Image, ArmError> {
    let layout = Layout::write(place, layers, entry).map_err(failed)?;
    // All users of a daemon share the names of its namespaces.
    let number = place.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("assay-{}-{number}", std::process::id());
    Image::import(daemon, &layout, name)
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
