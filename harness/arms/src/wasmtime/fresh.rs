use super::common::{arm_id, compiled, executable, facts, on_demand};
use crate::arm::{Arm, Artifact, Detected, Prepared};
use crate::code::Compiler;
use crate::error::{Absent, ArmError};
use crate::lab::Lab;
use crate::process::{Line, ProcessPrepared, Recipe, plain};
use crate::worker::Worker;
use assay_build::{Program, ProgramName};
use assay_model::{ArmFacts, ArmId, ArmKind, Bytes, Metric};
use assay_wire::grants::Grants;
use assay_wire::launcher::Launch;
use assay_wire::worker::RUN;
use assay_workloads::{Setting, Workload, World};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A fresh process per launch around one component.
pub struct Fresh {
    id: ArmId,
    facts: ArmFacts,
    summary: &'static str,
    /// Whether an emulated compiler is started for each launch.
    patient: bool,
}

/// `wasmtime/aot`: a fresh process that maps machine code compiled before.
#[must_use]
pub fn aot() -> Fresh {
    Fresh {
        id: arm_id("wasmtime/aot"),
        facts: facts(ArmKind::WasmProcess, 610),
        summary: "fresh process per launch, precompiled code, on-demand allocation",
        patient: false,
    }
}

/// `wasmtime/jit`: a fresh process that compiles first.
#[must_use]
pub fn jit() -> Fresh {
    Fresh {
        id: arm_id("wasmtime/jit"),
        facts: ArmFacts {
            compiles_per_start: true,
            ..facts(ArmKind::WasmProcess, 600)
        },
        summary: "fresh process per launch that compiles the component first",
        patient: false,
    }
}

impl Fresh {
    /// Takes the time that compiling at each launch takes under an emulator.
    #[must_use]
    pub fn patient(self, patient: bool) -> Fresh {
        Fresh { patient, ..self }
    }

    fn runner_name(&self, world: World) -> ProgramName {
        match (self.facts.compiles_per_start, world.is_command()) {
            (true, _) => ProgramName::Worker,
            (false, true) => ProgramName::Runner,
            (false, false) => ProgramName::HttpRunner,
        }
    }

    fn runner(&self, lab: &Lab, world: World) -> Program {
        lab.binaries.program(self.runner_name(world).file())
    }
}

/// Components from this size on are compiled under an emulator once and not at
/// each launch: a Go program of 2.4 MiB takes more than a minute of processor
/// time there, an interpreter of 12 MiB nearly five.
const COMPILED_ONCE_EMULATED: Bytes = Bytes(1 << 20);

const COMPILES_FOR_MINUTES: &str = "each launch would compile more than 1 MiB under an emulator, \
     which takes minutes; wasmtime/resident compiles this component in place, once";

/// A launch that compiles takes an emulator more than a second, of which most
/// is to translate the compiler, once more.
const COMPILED_AGAIN: &str = "each launch compiles the component again, which takes an emulator \
     seconds: the first case of each workload is run, and wasmtime/resident runs all of them with \
     the code that it compiled in place, once; the nightly profile runs all here too";

const REBUILD: &str = "run `assay build`";

impl Arm for Fresh {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        self.summary
    }

    fn facts(&self) -> &ArmFacts {
        &self.facts
    }

    fn charge_set(&self) -> &str {
        "the runner process"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        let config = on_demand(&lab.binaries);
        let described =
            Worker::start(&lab.binaries, config, 1).and_then(|mut worker| worker.describe());
        let config = match described {
            Ok(config) => config,
            Err(error) => return Detected::unavailable(error.to_string(), REBUILD),
        };
        let version = config.get("wasmtime").cloned().unwrap_or_default();
        let mut detected = Detected::available(format!("wasmtime {version}"));
        detected.config = config;
        for world in World::ALL {
            let runner = self.runner(lab, world);
            let path = runner.path();
            match executable(path) {
                Ok((_, digest)) => {
                    let name = path
                        .file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned();
                    detected
                        .config
                        .insert(format!("sha256.{name}"), digest.to_string());
                }
                Err(error) => {
                    return Detected::unavailable(format!("{}: {error}", path.display()), REBUILD);
                }
            }
        }
        detected
    }

    fn needs(&self, _: &[&Workload]) -> Vec<ProgramName> {
        let runners = World::ALL.into_iter().map(|world| self.runner_name(world));
        // The worker compiles ahead of time, and says what engine it is.
        runners.chain([ProgramName::Worker]).collect()
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        if workload.world.is_async() {
            return Err(Absent(
                "arms that start a fresh process host WASI 0.2 only: without the component model's \
                 async features the runner stays small and all of them take the same machine code"
                    .to_owned(),
            ));
        }
        let control = workload.control.as_ref();
        if self.facts.compiles_per_start && control.is_some_and(|control| !control.canonical_nans) {
            return Err(Absent(
                "it compiles with its named config, whose NaNs are canonical".to_owned(),
            ));
        }
        Ok(())
    }

    fn prepare_held(
        &self,
        lab: &mut Lab,
        workload: &Workload,
    ) -> Result<Box<dyn Prepared>, ArmError> {
        let (component, wasm) = lab.component(workload)?;
        let emulated = lab.binaries.emulator().is_some();
        if self.facts.compiles_per_start
            && emulated
            && component.pin.bytes >= COMPILED_ONCE_EMULATED
        {
            return Err(Absent(COMPILES_FOR_MINUTES.to_owned()).into());
        }
        let runner = self.runner(lab, workload.world);
        let (runtime, _) = executable(runner.path()).map_err(ArmError::file(runner.path()))?;
        let mut artifacts = vec![
            Artifact {
                metric: Metric::ARTIFACT_WASM,
                size: component.pin.bytes,
            },
            Artifact {
                metric: Metric::ARTIFACT_WASM_ZSTD,
                size: component.compressed,
            },
            Artifact {
                metric: Metric::ARTIFACT_RUNTIME,
                size: runtime,
            },
        ];
        let (program, build_cost) = match self.facts.compiles_per_start {
            true => (wasm, None),
            false => {
                let compiled = compiled(lab, &component, &wasm, workload, Compiler::OfThisMachine)?;
                artifacts.push(Artifact {
                    metric: Metric::ARTIFACT_CWASM,
                    size: compiled.size,
                });
                (compiled.cwasm, compiled.took)
            }
        };
        let recipe = FreshRecipe {
            once: self.facts.compiles_per_start && emulated && lab.is_verifying() && !self.patient,
            launched: false,
            runner,
            compiles: self.facts.compiles_per_start,
            home: home(lab, &program, &component.pin.name)?,
            name: component.pin.name,
        };
        let mut prepared = ProcessPrepared::new(recipe, workload.world);
        prepared.build_cost = build_cost;
        prepared.artifacts = artifacts;
        Ok(Box::new(prepared))
    }
}

struct FreshRecipe {
    /// Whether one launch has to do.
    once: bool,
    launched: bool,
    runner: Program,
    /// Whether the program is the worker, which has to be told to be a fresh
    /// process.
    compiles: bool,
    /// The directory that holds the program under its name.
    home: PathBuf,
    name: String,
}

/// A directory of its own for a program, so that the runner is started with
/// the plain name, which is what the guest is told as its own: the same on
/// every arm.
fn home(lab: &mut Lab, program: &Path, name: &str) -> Result<PathBuf, ArmError> {
    let home = lab.fresh_dir("program")?;
    let place = home.join(name);
    std::fs::hard_link(program, &place).map_err(ArmError::file(&place))?;
    Ok(home)
}

/// What the runners exit with when they fail themselves.
const RUNNER_FAILED: i32 = 125;

impl FreshRecipe {
    /// What a command line begins with.
    fn words(&self, grants: &Grants) -> Result<Vec<String>, ArmError> {
        let mut words = Vec::new();
        if self.compiles {
            words.push(RUN.to_owned());
        }
        words.extend(granted(grants)?);
        Ok(words)
    }

    fn launch(&self, lab: &Lab, args: Vec<String>, env: &[(String, String)]) -> Launch {
        let mut launch = plain(lab, &self.runner, args);
        launch.command.env = env.to_vec();
        launch.command.cwd.clone_from(&self.home);
        launch.stamps = true;
        launch
    }
}

/// The flag of the runners; nothing where nothing is granted, so that measured
/// launches have no argument to decode.
fn granted(grants: &Grants) -> Result<Vec<String>, ArmError> {
    if *grants == Grants::default() {
        return Ok(Vec::new());
    }
    let argument = grants
        .to_argument()
        .map_err(|error| ArmError::Runtime(error.to_string()))?;
    Ok(vec!["--grants".to_owned(), argument])
}

impl Recipe for FreshRecipe {
    fn refuses(&self, _setting: &Setting) -> Option<String> {
        (self.once && self.launched).then(|| COMPILED_AGAIN.to_owned())
    }

    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        self.launched = true;
        let mut words = self.words(line.grants)?;
        words.push(self.name.clone());
        words.extend_from_slice(line.args);
        Ok(self.launch(lab, words, line.env))
    }

    fn server(
        &mut self,
        lab: &mut Lab,
        address: SocketAddr,
        grants: &Grants,
    ) -> Result<Launch, ArmError> {
        self.launched = true;
        let mut words = self.words(grants)?;
        words.extend([
            "--listen".to_owned(),
            address.to_string(),
            self.name.clone(),
        ]);
        Ok(self.launch(lab, words, &[]))
    }

    fn is_crash(&self, status: i32) -> bool {
        status == RUNNER_FAILED
    }
}
