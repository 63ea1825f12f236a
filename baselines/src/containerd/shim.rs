//! A component as a task of containerd: the way of Wasm on Kubernetes.

use super::daemon::{Daemon, REMEDY};
use super::import;
use super::recipe::{Runtime, TaskRecipe};
use crate::bundle::{MOUNT_POINTS, Rootfs};
use crate::layout::Layer;
use crate::oci::foreign;
use crate::services;
use crate::tier::failed;
use crate::{facts, image};
use assay_arms::process::ProcessPrepared;
use assay_arms::{Absent, Arm, ArmError, Artifact, Detected, Lab, Lack, Prepared};
use assay_model::facts::{Allocation, Program, Stack};
use assay_model::{ArmFacts, ArmId, ArmKind, Bytes, Digest, IdError, Metric};
use assay_workloads::Workload;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// `containerd-shim`: a component in a container, started through containerd's
/// API by a shim that embeds Wasmtime.
pub struct ContainerdShim {
    id: ArmId,
    facts: ArmFacts,
}

impl ContainerdShim {
    /// The arm.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn new() -> Result<ContainerdShim, IdError> {
        Ok(ContainerdShim {
            id: "containerd-shim".parse()?,
            facts: ArmFacts {
                kind: ArmKind::WasmProcess,
                program: Program::Component,
                compiles_per_start: true,
                compiler: Some("cranelift".to_owned()),
                allocation: Some(Allocation::OnDemand),
                ..facts::container("wasmtime", Stack::EngineApi, 690)?
            },
        })
    }
}

/// Names the shim's program.
const PROGRAM_VARIABLE: &str = "ASSAY_CONTAINERD_SHIM";

/// Where `scripts/setup-baselines install shim` leaves it.
fn program() -> PathBuf {
    let named = std::env::var_os(PROGRAM_VARIABLE).map(PathBuf::from);
    let built = || services::target().join("containerd-shim/containerd-shim-assay-v1");
    named.unwrap_or_else(built)
}

const BUILD: &str = "scripts/setup-baselines install shim";

/// The component in its image.
const COMPONENT: &str = "/app.wasm";

/// Code that a shim has compiled can be kept by containerd as a layer of its
/// own, for images whose layers are components; here the image holds a file.
const COMPILES: &str = "compiles-at-start";

impl Arm for ContainerdShim {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        "the component in a container, started as a task through containerd's API by a shim on \
         runwasi's library that embeds Wasmtime, as Wasm is run on Kubernetes"
    }

    fn facts(&self) -> &ArmFacts {
        &self.facts
    }

    fn charge_set(&self) -> &str {
        "the container's process, in which Wasmtime is, and its shim; the client could detach and is not charged, containerd is shared"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        if let Some(detected) = foreign(lab) {
            return detected;
        }
        let program = program();
        if let Some(lack) = self.lacks() {
            return lack.into();
        }
        let daemon = match Daemon::find(lab) {
            Ok(daemon) => daemon,
            Err(missing) => return Detected::unavailable(missing, REMEDY),
        };
        match try_out(lab, daemon, &program) {
            Ok(detected) => detected,
            Err(error) => Detected::unavailable(error.to_string(), BUILD),
        }
    }

    fn lacks(&self) -> Option<Lack> {
        let program = program();
        (!program.is_file()).then(|| Lack {
            reason: format!("there is no {}", services::shown(&program)),
            remedy: BUILD.to_owned(),
        })
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        if workload.world.is_async() {
            return Err(Absent(
                "the shim is built without the component model's async features".to_owned(),
            ));
        }
        match &workload.control {
            Some(control) if !control.canonical_nans => Err(Absent(
                "it compiles with its named config, whose NaNs are canonical".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn prepare(&self, lab: &mut Lab, workload: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        let mut daemon = Daemon::find(lab).map_err(ArmError::Runtime)?;
        daemon.describe()?;
        let program = program();
        let (component, wasm) = lab.component(workload)?;
        let started = Instant::now();
        let (image, recipe) = recipe(lab, &daemon, &program, &wasm)?;
        let imported = started.elapsed();
        let size = image::measure(&image).map_err(failed)?;
        let runtime = fs::metadata(&program).map_err(ArmError::file(&program))?;
        let mut prepared = ProcessPrepared::new(recipe, workload.world).prepared_in(imported);
        prepared.artifacts = [
            (Metric::ARTIFACT_WASM, component.pin.bytes),
            (Metric::ARTIFACT_WASM_ZSTD, component.compressed),
            (Metric::ARTIFACT_IMAGE, size.layer),
            (Metric::ARTIFACT_IMAGE_UNPACKED, size.unpacked),
            (Metric::ARTIFACT_IMAGE_OWN, size.layer),
            (Metric::ARTIFACT_RUNTIME, Bytes(runtime.len())),
        ]
        .map(|(metric, size)| Artifact { metric, size })
        .to_vec();
        Ok(Box::new(prepared))
    }
}

/// What Docker, Podman and Kubernetes write for each container, and `ctr` does not:
/// the shim resolves names for its component, and knows `localhost` from nowhere
/// else. (Programs that are linked statically may know it themselves.)
const HOSTS: (&str, &str) = ("etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n");

/// An image that holds a component, its folder, and how it is started.
fn recipe(
    lab: &mut Lab,
    daemon: &Daemon,
    shim: &Path,
    wasm: &Path,
) -> Result<(PathBuf, TaskRecipe), ArmError> {
    let dir = lab.fresh_path("rootfs");
    for name in MOUNT_POINTS {
        let path = dir.join(name);
        fs::create_dir_all(&path).map_err(ArmError::file(&path))?;
    }
    let hosts = dir.join(HOSTS.0);
    fs::create_dir_all(dir.join("etc")).map_err(ArmError::file(&hosts))?;
    fs::write(&hosts, HOSTS.1).map_err(ArmError::file(&hosts))?;
    let path = dir.join(COMPONENT.trim_start_matches('/'));
    fs::copy(wasm, &path).map_err(ArmError::file(wasm))?;
    let entry = [COMPONENT.to_owned()];
    let image = import(lab, daemon, &[Layer::Folder(&dir)], &entry)?;
    let rootfs = Rootfs::shared(&dir, &path, entry.to_vec()).map_err(failed)?;
    let runtime = Runtime::Shim(shim.to_owned());
    let recipe = TaskRecipe::new(lab, image, runtime, &rootfs)?;
    Ok((dir, recipe))
}

/// Starts a component for real.
fn try_out(lab: &mut Lab, mut daemon: Daemon, program: &Path) -> Result<Detected, ArmError> {
    let about = daemon.describe()?;
    let client = daemon.client_version()?;
    let version = services::ask(program, &["-v".to_owned()], &[], None)?;
    let binary = fs::read(program).map_err(ArmError::file(program))?;
    let trial = lab.catalog().workload("cli/hello").cloned();
    let trial =
        trial.ok_or_else(|| ArmError::Runtime("the catalog has no cli/hello".to_owned()))?;
    let (_, wasm) = lab.component(&trial)?;
    let (_, mut recipe) = recipe(lab, &daemon, program, &wasm)?;
    services::try_out(lab, &mut recipe)?;
    let fact = |key: &str| about[key].as_str().unwrap_or_default().to_owned();
    let shim = version.lines().next().unwrap_or_default().to_owned();
    let mut detected = Detected::available(format!("{shim}; containerd {}", fact("version")));
    detected.labels = vec!["scratch".to_owned(), COMPILES.to_owned()];
    detected.labels.extend(recipe.labels());
    let facts = [
        ("daemon.version", fact("version")),
        ("daemon.revision", fact("revision")),
        ("snapshotter", daemon.snapshotter.clone()),
        ("client", client),
        ("shim", version.replace('\n', "; ")),
        (
            "sha256.containerd-shim-assay-v1",
            Digest::of(&binary).to_string(),
        ),
    ];
    for (key, value) in facts {
        detected.config.insert(key.to_owned(), value);
    }
    Ok(detected)
}
