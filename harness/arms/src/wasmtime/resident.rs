mod live;

use super::common::{arm_id, compiled, executable, world};
use super::engine::{self, KeptUp};
use crate::arm::{Arm, Artifact, Detected, Hold, Offer, Prepared, RunOnce, Serve};
use crate::error::{Absent, ArmError};
use crate::input::ProgramInput;
use crate::lab::Lab;
use crate::ladder::{Ended, Ladder, Launched};
use crate::reserve::{Idle, Purpose, Reserve};
use crate::worker::Worker;
use assay_build::{Architecture, ProgramName};
use assay_model::facts::Allocation;
use assay_model::outcome::Observed;
use assay_model::{ArmFacts, ArmId, ExitClass, Metric, Nanos};
use assay_wire::worker::{self as wire, GuestExit, Input, Loaded};
use assay_workloads::{Workload, World};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Slots of the pool: Wasmtime's own default for every `total_*`.
const POOL: u32 = 1000;

/// An engine that is up before the launch, in a worker process.
pub struct Resident {
    id: ArmId,
    facts: ArmFacts,
    engine: &'static KeptUp,
    instances: u32,
    /// Whether the largest components are tried under an emulator.
    patient: bool,
}

impl Resident {
    /// The arm of an engine. `pool` is the number of slots, where it has slots:
    /// at least Wasmtime's default of 1,000.
    fn of(engine: &'static KeptUp, pool: u32) -> Resident {
        let id = arm_id(engine.id);
        let facts = ArmFacts {
            aa_twin: engine.has_twin.then(|| id.twin()),
            ..engine.facts()
        };
        Resident {
            id,
            facts,
            engine,
            instances: match engine.allocation {
                Allocation::Pooling => pool.max(POOL),
                Allocation::OnDemand => POOL,
            },
            patient: false,
        }
    }

    /// The arms of all engines that are kept up.
    pub fn all(pool: u32) -> impl Iterator<Item = Resident> {
        engine::ALL.iter().map(move |kept| Resident::of(kept, pool))
    }

    /// Takes the minutes that the largest components take under an emulator,
    /// compiled in place or interpreted.
    #[must_use]
    pub fn patient(self, patient: bool) -> Resident {
        Resident { patient, ..self }
    }
}

impl Arm for Resident {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        self.engine.summary
    }

    fn facts(&self) -> &ArmFacts {
        &self.facts
    }

    fn charge_set(&self) -> &str {
        "an instance's share of the worker process: its growth by live instances"
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        if let Some(absent) = (self.engine.absent)(&lab.binaries) {
            return Detected::unavailable(absent.why, absent.remedy);
        }
        let config = (self.engine.config)(&lab.binaries);
        let described = Worker::start(&lab.binaries, config, self.instances)
            .and_then(|mut worker| worker.describe());
        match described {
            Ok(config) => {
                let version = config.get("wasmtime").cloned().unwrap_or_default();
                let mut detected = Detected::available(format!("wasmtime {version}"));
                detected.labels = vec!["resident-host".to_owned()];
                detected.config = config;
                let architecture = lab.binaries.architecture().parse::<Architecture>();
                if let (Some(target), Ok(architecture)) = (self.engine.target, architecture) {
                    let target = target(architecture).to_owned();
                    detected.config.insert("target".to_owned(), target);
                }
                detected
            }
            Err(error) => Detected::unavailable(error.to_string(), "run `assay build`"),
        }
    }

    fn needs(&self, _: &[&Workload]) -> Vec<ProgramName> {
        match self.engine.measured {
            true => vec![ProgramName::Worker],
            false => vec![ProgramName::Worker, ProgramName::BackEnds],
        }
    }

    fn prepare_held(
        &self,
        lab: &mut Lab,
        workload: &Workload,
    ) -> Result<Box<dyn Prepared>, ArmError> {
        let (component, wasm) = lab.component(workload)?;
        let (large, why) = self.engine.large();
        let hurries = lab.binaries.emulator().is_some() && !self.patient;
        if hurries && component.pin.bytes >= large {
            return Err(Absent(why.to_owned()).into());
        }
        let compiled = compiled(lab, &component, &wasm, workload, self.engine.compiler);
        if let Err(ArmError::Runtime(complaint)) = &compiled
            && let Some(why) = (self.engine.beyond)(complaint)
        {
            return Err(Absent(why).into());
        }
        let compiled = compiled?;
        let program = lab.binaries.path(ProgramName::Worker.file());
        let (runtime, _) = executable(&program).map_err(ArmError::file(&program))?;
        let mut prepared = ResidentPrepared {
            config: (self.engine.config)(&lab.binaries),
            patience: match (self.engine.patience, lab.binaries.emulator()) {
                ((alone, _), None) => alone,
                ((_, emulated), Some(_)) => emulated,
            },
            instances: self.instances,
            cwasm: compiled.cwasm,
            name: component.pin.name.clone(),
            world: workload.world,
            wire_world: world(workload),
            build_cost: compiled.took,
            artifacts: vec![
                Artifact {
                    metric: Metric::ARTIFACT_WASM,
                    size: component.pin.bytes,
                },
                Artifact {
                    metric: Metric::ARTIFACT_WASM_ZSTD,
                    size: component.compressed,
                },
                Artifact {
                    metric: Metric::ARTIFACT_CWASM,
                    size: compiled.size,
                },
                Artifact {
                    metric: Metric::ARTIFACT_RUNTIME,
                    size: runtime,
                },
            ],
            up: None,
            traced: false,
            exchange: lab.binaries.patience(EXCHANGE),
            reserve: lab.reserve(),
            serving: None,
            held: 0,
        };
        prepared.up(lab, &[])?;
        Ok(Box::new(prepared))
    }
}

struct ResidentPrepared {
    config: &'static str,
    patience: u32,
    instances: u32,
    cwasm: PathBuf,
    name: String,
    world: World,
    wire_world: wire::World,
    build_cost: Option<Nanos>,
    artifacts: Vec<Artifact>,
    /// The worker; gone after a deadline.
    up: Option<Up>,
    /// Whether it notes calls of the host.
    traced: bool,
    /// How long one HTTP exchange may take here.
    exchange: Duration,
    /// Where workers come from and go to, if they outlive a workload.
    reserve: Option<Reserve>,
    serving: Option<SocketAddr>,
    /// Live instances that stay.
    held: u64,
}

/// A worker and what it has loaded: the component once for each set of
/// interfaces that are withheld from it.
struct Up {
    idle: Idle,
    loaded: BTreeMap<Vec<String>, Loaded>,
}

/// How long one HTTP exchange may take on a machine of its own.
const EXCHANGE: Duration = Duration::from_secs(30);

impl ResidentPrepared {
    fn up(&mut self, lab: &Lab, withheld: &[String]) -> Result<(&mut Worker, Loaded), ArmError> {
        let mut up = match self.up.take() {
            Some(up) => up,
            None => Up {
                idle: self.engine(lab)?,
                loaded: BTreeMap::new(),
            },
        };
        let loaded = match up.loaded.get(withheld) {
            Some(loaded) => *loaded,
            None => {
                let loaded =
                    up.idle
                        .worker
                        .load(&self.cwasm, self.wire_world, withheld.to_vec())?;
                up.loaded.insert(withheld.to_vec(), loaded);
                loaded
            }
        };
        Ok((&mut self.up.insert(up).idle.worker, loaded))
    }

    fn purpose(&self) -> Purpose {
        Purpose {
            config: self.config,
            traced: self.traced,
        }
    }

    /// An engine: one that was left, or another.
    fn engine(&self, lab: &Lab) -> Result<Idle, ArmError> {
        let left = self.reserve.as_ref();
        if let Some(idle) = left.and_then(|reserve| reserve.take(self.purpose())) {
            return Ok(idle);
        }
        let worker = match self.traced {
            false => Worker::start(&lab.binaries, self.config, self.instances)?,
            true => Worker::start_traced(&lab.binaries, self.config)?,
        };
        Ok(Idle::fresh(worker))
    }

    /// Gives the engine up: to whoever comes next, if it has nothing left to do
    /// and may outlive this workload.
    fn retire(&mut self) {
        let free = self.held == 0 && self.serving.is_none();
        if let (Some(up), Some(reserve), true) = (self.up.take(), &self.reserve, free) {
            reserve.leave(self.purpose(), up.idle);
        }
    }

    /// What an instance is given, and its directory, laid out.
    fn wire_input(
        &self,
        lab: &mut Lab,
        input: &ProgramInput,
    ) -> Result<(Input, Option<PathBuf>), ArmError> {
        let dir = input
            .directory
            .as_ref()
            .map(|files| lab.lay_out(files))
            .transpose()?;
        let wire = Input {
            args: std::iter::once(self.name.clone())
                .chain(input.args.iter().cloned())
                .collect(),
            env: input.env.clone(),
            stdin: input.stdin.clone(),
            grants: input.grants(dir.as_deref()),
            attached: input.attached.clone(),
        };
        Ok((wire, dir))
    }

    fn worker(&mut self) -> Result<&mut Worker, ArmError> {
        match &mut self.up {
            Some(up) => Ok(&mut up.idle.worker),
            None => Err(ArmError::Runtime("the worker is not up".to_owned())),
        }
    }

    fn pid(&self) -> Result<Vec<u32>, ArmError> {
        match &self.up {
            Some(up) => Ok(vec![up.idle.worker.pid()]),
            None => Err(ArmError::Runtime("the worker is not up".to_owned())),
        }
    }

    fn listening(&self) -> Result<SocketAddr, ArmError> {
        self.serving
            .ok_or_else(|| ArmError::Runtime("no handler is being served".to_owned()))
    }
}

impl Prepared for ResidentPrepared {
    fn build_cost(&self) -> Option<Nanos> {
        self.build_cost
    }

    fn artifacts(&self) -> Vec<Artifact> {
        self.artifacts.clone()
    }

    fn patience(&self) -> u32 {
        self.patience
    }

    fn trace(&mut self) {
        self.retire();
        self.traced = true;
    }

    fn calls(&mut self) -> Vec<String> {
        match (&mut self.up, self.traced) {
            // A worker that was killed at a deadline has nothing to tell.
            (Some(up), true) => up.idle.worker.trace().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn run_once(&mut self) -> Offer<'_, dyn RunOnce + '_> {
        match self.world.is_command() {
            true => Ok(self),
            false => Err(Absent("a handler has no run of its own".to_owned())),
        }
    }

    fn serve(&mut self) -> Offer<'_, dyn Serve + '_> {
        match self.world.is_command() {
            false => Ok(self),
            true => Err(Absent("a command does not serve".to_owned())),
        }
    }

    fn hold(&mut self) -> Offer<'_, dyn Hold + '_> {
        match self.world {
            World::Command => Ok(self),
            World::AsyncCommand => Err(Absent(
                "an instance of WASI 0.3 is gone when it has run".to_owned(),
            )),
            World::Proxy | World::AsyncService => Err(Absent(
                "an instance of a handler lives for one request".to_owned(),
            )),
        }
    }
}

impl Drop for ResidentPrepared {
    fn drop(&mut self) {
        self.retire();
    }
}

impl RunOnce for ResidentPrepared {
    fn run(&mut self, lab: &mut Lab, input: &ProgramInput) -> Result<Launched, ArmError> {
        let (wire, dir) = self.wire_input(lab, input)?;
        let (worker, loaded) = self.up(lab, &wire.grants.withheld)?;
        let heard = worker.run(loaded, wire, input.deadline);
        let Some((heard, exit)) = heard? else {
            // The guest still runs: only the end of its process stops it.
            self.up = None;
            return Ok(Launched {
                ladder: Ladder::default(),
                ended: Ended::TimedOut,
            });
        };
        let tree = dir.map(|dir| lab.collect(&dir)).transpose()?;
        let mut ladder = Ladder::new(heard.stamps.t0);
        ladder.note(Metric::STAMP_T4, heard.stamps.t4);
        ladder.note(Metric::STAMP_T5, heard.stamps.t5);
        ladder.note(Metric::STAMP_SINK, heard.stamps.sink);
        ladder.note(Metric::STAMP_T7, heard.t7);
        ladder.note(Metric::STAMP_T9, heard.t9);
        ladder.note(Metric::STAMP_T10, heard.t10);
        let exit = match exit {
            GuestExit::Ok => ExitClass::Ok,
            GuestExit::Err => ExitClass::Err,
            GuestExit::Trap(_) => ExitClass::Trap,
            GuestExit::Host(why) => {
                return Ok(Launched {
                    ladder,
                    ended: Ended::Crashed(why),
                });
            }
        };
        let observed = Observed {
            exit: Some(exit),
            stdout: heard.stdout,
            stderr: heard.stderr,
            tree,
            ..Observed::default()
        };
        Ok(Launched {
            ladder,
            ended: Ended::Outcome(observed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_never_smaller_than_the_default_of_the_engine() {
        for arm in Resident::all(7) {
            assert_eq!(arm.instances, POOL, "{}", arm.id);
        }
        let larger = Resident::all(POOL + 1).filter(|arm| arm.instances > POOL);
        assert_eq!(larger.count(), 1);
    }
}
