//! The native twin as a plain process.

use crate::tier::{NO_DYNAMIC_TWINS, TRIAL};
use crate::twin;
use assay_arms::process::{Line, ProcessPrepared, Recipe, plain};
use assay_arms::{
    Absent, Arm, ArmError, Artifact, Binaries, Detected, Lab, Prepared, Program, ProgramName,
    on_path,
};
use assay_model::facts::Program as Form;
use assay_model::{ArmFacts, ArmId, ArmKind, Bytes, Digest, IdError, Metric, Rank};
use assay_wire::grants::Grants;
use assay_wire::launcher::Launch;
use assay_workloads::{Twin, Workload};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Every arm of native programs shows the same defects: those of the twin.
const ENGINE: &str = "native";

/// `native` and `native-dyn`: the glibc twin, static or with a loader, started by
/// the launcher.
pub struct Native {
    id: ArmId,
    facts: ArmFacts,
    dynamic: bool,
}

impl Native {
    /// The arm of static twins, and of whatever is no twin of cargo's.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn new() -> Result<Native, IdError> {
        Ok(Native {
            id: "native".parse()?,
            facts: ArmFacts {
                aa_twin: Some("native~aa".parse()?),
                ..ArmFacts::of(ArmKind::NativeProcess, ENGINE.parse()?)
            },
            dynamic: false,
        })
    }

    /// The arm of twins that are linked dynamically, as most programs are.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn dynamic() -> Result<Native, IdError> {
        Ok(Native {
            id: "native-dyn".parse()?,
            facts: ArmFacts {
                program: Form::DynamicTwin,
                rank: Rank(110),
                ..ArmFacts::of(ArmKind::NativeProcess, ENGINE.parse()?)
            },
            dynamic: true,
        })
    }

    /// What a twin takes, or why it cannot be started here.
    fn starter<'t>(&self, twin: &'t Twin) -> Result<Starter<'t>, Absent> {
        match (self.dynamic, twin) {
            (true, Twin::Script { .. } | Twin::Go { .. }) => Err(Absent(AS_STATIC.to_owned())),
            _ => starter(twin),
        }
    }

    fn program(&self, binaries: &Binaries, bin: &str) -> Result<Program, ArmError> {
        match self.dynamic {
            false => Ok(binaries.program(bin)),
            true => match binaries.dynamic(bin) {
                Some(program) => Ok(Program::native(program)),
                None => Err(ArmError::Runtime(NO_DYNAMIC_TWINS.to_owned())),
            },
        }
    }
}

const AS_STATIC: &str = "its twin is the same as that of `native`";

impl Arm for Native {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        match self.dynamic {
            false => "the same source as a static native program, a fresh process per launch",
            true => {
                "the same source as a dynamically linked native program, a fresh process per launch"
            }
        }
    }

    fn facts(&self) -> &ArmFacts {
        &self.facts
    }

    fn charge_set(&self) -> &str {
        "the program's process"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        if let (true, Some(foreign)) = (self.dynamic, lab.binaries.beside()) {
            let reason = format!(
                "programs for {} are linked statically, so that no library of it is installed",
                foreign.architecture
            );
            let remedy = format!("run it on a machine that is {}", foreign.architecture);
            return Detected::unavailable(reason, remedy);
        }
        let program = match self.program(&lab.binaries, TRIAL) {
            Ok(program) => program,
            Err(error) => return Detected::unavailable(error.to_string(), NAME_IT),
        };
        let launch = Launch {
            deadline_ms: DETECT_MS,
            ..plain(lab, &program, Vec::new())
        };
        match (lab.launcher.run(launch), std::fs::read(program.path())) {
            (Ok(ran), Ok(bytes)) if !ran.stdout.is_empty() => {
                let linkage = if self.dynamic { "dynamic" } else { "static" };
                let version = format!("{linkage}, {}", lab.binaries.architecture());
                let mut detected = Detected::available(version);
                detected
                    .config
                    .insert("sha256.cli-hello".into(), Digest::of(&bytes).to_string());
                detected
            }
            (Ok(ran), _) => Detected::unavailable(format!("cli-hello: {:?}", ran.exit), REMEDY),
            (Err(error), _) => Detected::unavailable(error.to_string(), REMEDY),
        }
    }

    fn needs(&self, workloads: &[&Workload]) -> Vec<ProgramName> {
        let of = match self.dynamic {
            false => ProgramName::Twin,
            true => ProgramName::DynamicTwin,
        };
        let mut needs = Vec::new();
        for workload in workloads {
            match self.starter(&workload.twin) {
                Ok(Starter::Built { bin }) => {
                    needs.extend([of(bin.to_owned()), of(TRIAL.to_owned())]);
                }
                // It is detected by a twin all the same.
                Ok(_) => needs.push(of(TRIAL.to_owned())),
                Err(_) => {}
            }
        }
        needs
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        self.starter(&workload.twin).map(drop)
    }

    fn prepare_held(
        &self,
        lab: &mut Lab,
        workload: &Workload,
    ) -> Result<Box<dyn Prepared>, ArmError> {
        let starter = self.starter(&workload.twin)?.of(&lab.binaries)?;
        let recipe = starter.recipe(lab, self)?;
        let shipped = recipe.script.as_deref().unwrap_or(recipe.program.path());
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
const NAME_IT: &str =
    "name it with --arms, or use a larger profile: its twins are a build of their own";

struct NativeRecipe {
    program: Program,
    /// What an interpreter runs.
    script: Option<PathBuf>,
}

impl NativeRecipe {
    fn line(&self, args: &[String]) -> Vec<String> {
        let script = self.script.iter().map(|path| path.display().to_string());
        script.chain(args.iter().cloned()).collect()
    }
}

/// A twin, and the program of this machine that it cannot do without.
enum Starter<'t> {
    Built {
        bin: &'t str,
    },
    Interpreted {
        interpreter: PathBuf,
        script: &'t str,
    },
    Go {
        go: PathBuf,
        package: &'t str,
        bin: &'t str,
    },
}

/// What a twin takes, or why it cannot be started here.
fn starter(twin: &Twin) -> Result<Starter<'_>, Absent> {
    let installed = |name, missing: String| on_path(name).ok_or(Absent(missing));
    match twin {
        Twin::Cargo { bin, .. } => Ok(Starter::Built { bin }),
        Twin::Script {
            interpreter,
            script,
        } => {
            let name = interpreter.as_str();
            let interpreter = installed(name, format!("{name} is not installed"))?;
            Ok(Starter::Interpreted {
                interpreter,
                script,
            })
        }
        Twin::Go { package, bin } => {
            let missing = "no Go toolchain is installed to build it".to_owned();
            let go = installed("go", missing)?;
            Ok(Starter::Go { go, package, bin })
        }
        Twin::None { reason } => Err(Absent(reason.clone())),
    }
}

impl Starter<'_> {
    /// The same where it is of the architecture that is asked for: what cargo
    /// builds is, what is installed here is this machine's.
    fn of(self, binaries: &Binaries) -> Result<Self, Absent> {
        match (&self, binaries.beside()) {
            (Starter::Built { .. }, _) | (_, None) => Ok(self),
            (Starter::Interpreted { interpreter, .. }, Some(foreign)) => Err(Absent(format!(
                "the {} that is installed is a program of this machine, not for {}",
                interpreter.file_name().unwrap_or_default().display(),
                foreign.architecture
            ))),
            (Starter::Go { .. }, Some(foreign)) => Err(Absent(format!(
                "it is built by a Go toolchain for this machine, not for {}",
                foreign.architecture
            ))),
        }
    }

    fn recipe(self, lab: &Lab, arm: &Native) -> Result<NativeRecipe, ArmError> {
        let (program, script) = match self {
            Starter::Built { bin } => (arm.program(&lab.binaries, bin)?, None),
            Starter::Interpreted {
                interpreter,
                script,
            } => (
                Program::native(interpreter),
                Some(lab.catalog().source(script)?),
            ),
            Starter::Go { go, package, bin } => {
                let built = twin::go_build(lab, &go, package, bin)?;
                (Program::native(built), None)
            }
        };
        Ok(NativeRecipe { program, script })
    }
}

impl Recipe for NativeRecipe {
    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        let mut launch = plain(lab, &self.program, self.line(line.args));
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
        Ok(plain(lab, &self.program, line))
    }
}
