//! The static twin in a container that libcontainer starts: a real container
//! where no engine is installed.

use crate::bundle::{Bundle, BundleError, ContainerOptions, Privileges, Rootfs};
use crate::image;
use assay_arms::process::{Line, ProcessPrepared, Recipe, plain};
use assay_arms::{
    Absent, Arm, ArmError, Artifact, Detected, InstanceUnit, Lab, Prepared, Program, absent,
};
use assay_model::{ArmId, Digest, IdError, Metric, Nanos};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Command, Exit, Launch};
use assay_workloads::{Twin, Workload};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// `youki`: an OCI container on a `scratch` image with the host's network.
pub struct Youki {
    id: ArmId,
}

impl Youki {
    /// The arm.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn new() -> Result<Youki, IdError> {
        Ok(Youki {
            id: "youki".parse()?,
        })
    }
}

const NO_INTERPRETER: &str =
    "the image of this arm is empty but for one static program that cargo builds";
/// The one program of the image, if the twin is one that can be alone there.
fn static_twin(twin: &Twin) -> Result<&str, Absent> {
    match twin {
        Twin::Cargo { bin, .. } => Ok(bin),
        Twin::Script { .. } | Twin::Go { .. } => Err(Absent(NO_INTERPRETER.to_owned())),
        Twin::None { reason } => Err(Absent(reason.clone())),
    }
}

const PROGRAM: &str = "assay-youki";
const DETECT_MS: u64 = 20_000;
const REMEDY: &str = "run as root, or allow user namespaces: \
     sysctl user.max_user_namespaces (above 0), kernel.unprivileged_userns_clone=1, \
     kernel.apparmor_restrict_unprivileged_userns=0";

fn failed(error: BundleError) -> ArmError {
    ArmError::Runtime(error.to_string())
}

impl Arm for Youki {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        "the static native program in an OCI container on a scratch image, started by libcontainer"
    }

    fn unit(&self) -> InstanceUnit {
        InstanceUnit::Container
    }

    fn charge_set(&self) -> &str {
        "the container's processes; the runtime front end could detach and is not charged"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        if let Some(foreign) = lab.binaries.beside() {
            let reason = format!(
                "a container holds no emulator: its programs for {} would need one that the \
                 kernel starts (binfmt_misc)",
                foreign.architecture
            );
            let remedy = format!("run it on a machine that is {}", foreign.architecture);
            return Detected::unavailable(reason, remedy);
        }
        match self.try_out(lab) {
            Ok(detected) => detected,
            Err(error) => Detected::unavailable(error.to_string(), REMEDY),
        }
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        static_twin(&workload.twin).map(drop)
    }

    fn prepare(&self, lab: &mut Lab, workload: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        let started = Instant::now();
        let bin = match static_twin(&workload.twin) {
            Ok(bin) => bin,
            Err(Absent(reason)) => return Ok(absent(reason)),
        };
        let recipe = YoukiRecipe::new(lab, bin)?;
        let unpacked = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let sizes = image::measure(recipe.rootfs.path())
            .map_err(|error| ArmError::Runtime(error.to_string()))?;
        let runtime = std::fs::metadata(recipe.runtime.path())
            .map_err(ArmError::file(recipe.runtime.path()))?
            .len();
        let mut prepared = ProcessPrepared::new(recipe, workload.world);
        prepared.build_cost = Some(Nanos(unpacked));
        prepared.artifacts = vec![
            Artifact {
                metric: Metric::ARTIFACT_IMAGE,
                size: sizes.layer,
            },
            Artifact {
                metric: Metric::ARTIFACT_IMAGE_UNPACKED,
                size: sizes.unpacked,
            },
            Artifact {
                metric: Metric::ARTIFACT_RUNTIME,
                size: assay_model::Bytes(runtime),
            },
        ];
        Ok(Box::new(prepared))
    }
}

impl Youki {
    /// Starts a container for real: a namespace that is allowed by every
    /// setting can still be refused.
    fn try_out(&self, lab: &mut Lab) -> Result<Detected, ArmError> {
        let mut recipe = YoukiRecipe::new(lab, "cli-hello")?;
        let mut launch = recipe.command(lab, &Line::bare(&[], &Grants::default()))?;
        launch.deadline_ms = DETECT_MS;
        let ran = lab.launcher.run(launch)?;
        if ran.exit != Exit::Code(0) || ran.stdout.is_empty() {
            let why = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
            return Err(ArmError::Runtime(format!(
                "no container could be started: {why}"
            )));
        }
        let version = plain(lab, &recipe.runtime, vec!["--version".to_owned()]);
        let version = lab.launcher.run(Launch {
            deadline_ms: DETECT_MS,
            ..version
        })?;
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        let mut detected = Detected::available(version);
        detected.labels = recipe.labels.clone();
        let runtime = recipe.runtime.path();
        let binary = std::fs::read(runtime).map_err(ArmError::file(runtime))?;
        detected
            .config
            .insert(format!("sha256.{PROGRAM}"), Digest::of(&binary).to_string());
        Ok(detected)
    }
}

struct YoukiRecipe {
    runtime: Program,
    state: PathBuf,
    rootfs: Rootfs,
    options: ContainerOptions,
    labels: Vec<String>,
    started: u64,
}

/// A container that is about to be started.
struct Planned {
    id: String,
    bundle: PathBuf,
}

impl YoukiRecipe {
    fn new(lab: &mut Lab, twin: &str) -> Result<YoukiRecipe, ArmError> {
        let program = lab.binaries.path(twin);
        let rootfs = Rootfs::create(&program, &lab.fresh_path("rootfs")).map_err(failed)?;
        let privileges = Privileges::of_caller().map_err(failed)?;
        let mut recipe = YoukiRecipe {
            runtime: lab.binaries.program(PROGRAM),
            state: lab.fresh_dir("containers")?,
            rootfs,
            options: ContainerOptions {
                privileges,
                ..ContainerOptions::default()
            },
            labels: Vec::new(),
            started: 0,
        };
        // The labels are those of the bundles that will be written.
        recipe.plan(lab, &[], &[], None)?;
        Ok(recipe)
    }

    fn plan(
        &mut self,
        lab: &mut Lab,
        args: &[String],
        env: &[(String, String)],
        dir: Option<&Path>,
    ) -> Result<Planned, ArmError> {
        let options = ContainerOptions {
            args: args.to_vec(),
            env: env.to_vec(),
            work: dir.map(Path::to_owned),
            ..self.options.clone()
        };
        let path = lab.fresh_path("bundle");
        let bundle = Bundle::write(&path, &self.rootfs, &options).map_err(failed)?;
        self.labels = bundle
            .labels()
            .iter()
            .map(|&label| label.to_owned())
            .collect();
        self.started += 1;
        // Container ids are also the names of control groups, which all users
        // of a machine share: unique by process and by state directory.
        let state = self.state.file_name().unwrap_or_default().to_string_lossy();
        let id = format!("assay-{}-{state}-{}", std::process::id(), self.started);
        Ok(Planned {
            id,
            bundle: bundle.dir().to_owned(),
        })
    }

    fn verb(&self, lab: &Lab, verb: &str, rest: &[&str]) -> Command {
        let mut args = vec![verb.to_owned(), "--root".to_owned(), text(&self.state)];
        args.extend(rest.iter().map(|&arg| arg.to_owned()));
        Command {
            program: self.runtime.path().to_owned(),
            args,
            env: Vec::new(),
            cwd: lab.scratch().to_owned(),
        }
    }

    fn launch(&self, lab: &Lab, container: &Planned, flags: &[&str]) -> Launch {
        let bundle = text(&container.bundle);
        let mut rest = vec!["--bundle", &bundle];
        rest.extend(flags);
        rest.push(&container.id);
        Launch {
            command: self.verb(lab, "run", &rest),
            stop: Some(self.verb(lab, "kill", &[&container.id, "KILL"])),
            teardown: Some(self.verb(lab, "delete", &["--force", &container.id])),
            ..plain(lab, &self.runtime, Vec::new())
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// What `assay-youki` exits with when no container could be started.
const RUNTIME_FAILED: i32 = 125;

impl Recipe for YoukiRecipe {
    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        let container = self.plan(lab, line.args, line.env, line.dir)?;
        // The container is kept, so that deleting it is its own step: t10 - t9.
        Ok(self.launch(lab, &container, &["--keep"]))
    }

    fn server(
        &mut self,
        lab: &mut Lab,
        address: SocketAddr,
        grants: &Grants,
    ) -> Result<Launch, ArmError> {
        self.command(lab, &Line::bare(&[address.to_string()], grants))
    }

    fn instance(&mut self, lab: &mut Lab, args: &[String]) -> Result<Launch, ArmError> {
        let container = self.plan(lab, args, &[], None)?;
        let pid_file = container.bundle.join("pid");
        let mut launch = self.launch(
            lab,
            &container,
            &["--detach", "--pid-file", &text(&pid_file)],
        );
        launch.pid_file = Some(pid_file);
        Ok(launch)
    }

    fn charge_set(&self, pid: u32) -> Result<Vec<u32>, ArmError> {
        let is_runtime = |pid: u32| {
            std::fs::read_link(format!("/proc/{pid}/exe"))
                .is_ok_and(|exe| exe == self.runtime.path())
        };
        let mut pids = vec![pid];
        pids.extend(assay_observe::process::descendants(pid)?);
        pids.retain(|&pid| !is_runtime(pid));
        Ok(pids)
    }

    fn is_crash(&self, status: i32) -> bool {
        status == RUNTIME_FAILED
    }
}
