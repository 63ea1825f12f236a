//! The native twin as a plain process.

use crate::twin;
use assay_arms::process::{Line, ProcessPrepared, Recipe, plain};
use assay_arms::{Absent, Arm, ArmError, Artifact, Detected, InstanceUnit, Lab, Prepared, absent};
use assay_model::{ArmId, Bytes, Digest, IdError, Metric};
use assay_wire::grants::Grants;
use assay_wire::launcher::Launch;
use assay_workloads::{Twin, Workload};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `native`: the static glibc twin, started by the launcher.
pub struct Native {
    id: ArmId,
}

impl Native {
    /// The arm.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn new() -> Result<Native, IdError> {
        Ok(Native {
            id: "native".parse()?,
        })
    }
}

impl Arm for Native {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        "the same source as a static native program, a fresh process per launch"
    }

    fn unit(&self) -> InstanceUnit {
        InstanceUnit::Process
    }

    fn charge_set(&self) -> &str {
        "the program's process"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        let program = lab.binaries.path("cli-hello");
        let launch = Launch {
            deadline_ms: DETECT_MS,
            ..plain(lab, program.clone(), Vec::new())
        };
        match (lab.launcher.run(launch), std::fs::read(&program)) {
            (Ok(ran), Ok(bytes)) if !ran.stdout.is_empty() => {
                let mut detected =
                    Detected::available(format!("static, {}", std::env::consts::ARCH));
                detected
                    .config
                    .insert("sha256.cli-hello".into(), Digest::of(&bytes).to_string());
                detected
            }
            (Ok(ran), _) => Detected::unavailable(format!("cli-hello: {:?}", ran.exit), REMEDY),
            (Err(error), _) => Detected::unavailable(error.to_string(), REMEDY),
        }
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        match &workload.twin {
            Twin::Cargo { .. } => Ok(()),
            Twin::Script { interpreter, .. } => match twin::on_path(interpreter.as_str()) {
                Some(_) => Ok(()),
                None => Err(Absent(format!("{} is not installed", interpreter.as_str()))),
            },
            Twin::Go { .. } => match twin::on_path("go") {
                Some(_) => Ok(()),
                None => Err(Absent(
                    "no Go toolchain is installed to build it".to_owned(),
                )),
            },
            Twin::None { reason } => Err(Absent(reason.clone())),
        }
    }

    fn prepare(&self, lab: &mut Lab, workload: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        if let Err(reason) = self.holds(workload) {
            return Ok(absent(reason.0));
        }
        let Some(recipe) = recipe(lab, &workload.twin)? else {
            return Ok(absent("its toolchain has just gone"));
        };
        let shipped = recipe.script.as_ref().unwrap_or(&recipe.program);
        let size = std::fs::metadata(shipped)
            .map_err(ArmError::file(shipped))?
            .len();
        let mut prepared = ProcessPrepared::new(recipe, workload.world);
        prepared.artifacts = vec![Artifact {
            metric: Metric::ARTIFACT_NATIVE,
            size: Bytes(size),
        }];
        Ok(Box::new(prepared))
    }
}

const DETECT_MS: u64 = 10_000;
const REMEDY: &str = "run `assay build`";

struct NativeRecipe {
    program: PathBuf,
    /// What an interpreter runs.
    script: Option<PathBuf>,
}

impl NativeRecipe {
    fn line(&self, args: &[String]) -> Vec<String> {
        let script = self.script.iter().map(|path| path.display().to_string());
        script.chain(args.iter().cloned()).collect()
    }
}

/// How the twin is started; nothing where what runs it is not there.
fn recipe(lab: &Lab, twin: &Twin) -> Result<Option<NativeRecipe>, ArmError> {
    let compiled = |program| NativeRecipe {
        program,
        script: None,
    };
    Ok(match twin {
        Twin::Cargo { bin, .. } => Some(compiled(lab.binaries.path(bin))),
        Twin::Script {
            interpreter,
            script,
        } => twin::on_path(interpreter.as_str()).map(|program| NativeRecipe {
            program,
            script: Some(lab.catalog().source(script)),
        }),
        Twin::Go { package, bin } => twin::on_path("go")
            .map(|go| twin::go_build(lab, &go, package, bin))
            .transpose()?
            .map(compiled),
        Twin::None { .. } => None,
    })
}

impl Recipe for NativeRecipe {
    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        let mut launch = plain(lab, self.program.clone(), self.line(line.args));
        launch.command.env = line.env.to_vec();
        if let Some(dir) = line.dir {
            launch.command.cwd = dir.to_owned();
        }
        Ok(launch)
    }

    fn server(
        &mut self,
        lab: &mut Lab,
        address: SocketAddr,
        _grants: &Grants,
    ) -> Result<Launch, ArmError> {
        let line = self.line(&[address.to_string()]);
        Ok(plain(lab, self.program.clone(), line))
    }
}
