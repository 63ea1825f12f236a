//! The native twin as a plain process.

use assay_arms::process::{ProcessPrepared, Recipe, plain};
use assay_arms::{Arm, ArmError, Artifact, Detected, InstanceUnit, Lab, Prepared};
use assay_model::{ArmId, Bytes, Digest, IdError, Metric};
use assay_wire::launcher::Launch;
use assay_workloads::Workload;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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

    fn prepare(&self, lab: &mut Lab, workload: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        let program = lab.binaries.path(&workload.twin.bin);
        let size = std::fs::metadata(&program)
            .map_err(ArmError::file(&program))?
            .len();
        let mut prepared = ProcessPrepared::new(NativeRecipe { program }, workload.world);
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
}

impl Recipe for NativeRecipe {
    fn command(
        &mut self,
        lab: &mut Lab,
        args: &[String],
        env: &[(String, String)],
        dir: Option<&Path>,
    ) -> Result<Launch, ArmError> {
        let mut launch = plain(lab, self.program.clone(), args.to_vec());
        launch.command.env = env.to_vec();
        if let Some(dir) = dir {
            launch.command.cwd = dir.to_owned();
        }
        Ok(launch)
    }

    fn server(&mut self, lab: &mut Lab, address: SocketAddr) -> Result<Launch, ArmError> {
        Ok(plain(lab, self.program.clone(), vec![address.to_string()]))
    }
}
