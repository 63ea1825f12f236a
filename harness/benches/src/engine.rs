use crate::setup::{BenchError, Program, Setup, is_listing, or_stop};
use assay_arms::Worker;
use assay_arms::{Arm, Lab, wasmtime};
use assay_model::facts::Allocation;
use assay_model::outcome::Observed;
use assay_model::{ArmId, ExitClass};
use assay_wire::worker::{GuestExit, Input, Loaded, Operation, World};
use criterion::{BenchmarkId, Criterion};
use std::time::Duration;

/// Slots of the pool: Wasmtime's own default for every `total_*`.
const INSTANCES: u32 = 1000;

/// Engine configs that are measured, and the arm that has each.
fn profiles() -> impl Iterator<Item = (&'static str, Box<dyn Arm>)> {
    let arms = wasmtime::Resident::all(INSTANCES);
    let timed = arms.filter(|arm| arm.facts().untimed.is_none());
    timed.map(|arm| {
        let config = match arm.facts().allocation {
            Some(Allocation::Pooling) => "pooled",
            Some(Allocation::OnDemand) | None => "on-demand",
        };
        (config, Box::new(arm) as Box<dyn Arm>)
    })
}

/// Benchmarks an operation of a resident engine, with every config and
/// workload; to be called from `main`.
///
/// # Panics
/// When an engine breaks or a program has a wrong outcome: a bench process has
/// no other way to fail.
pub fn engine_benches(group: &str, operation: Operation, workloads: &[&str]) {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut setup = (!is_listing()).then(|| or_stop(Setup::new()));
    let mut group = criterion.benchmark_group(group);
    for (config, arm) in profiles() {
        if setup.as_mut().is_some_and(|setup| !setup.has(arm.as_ref())) {
            continue;
        }
        for &workload in workloads {
            let mut engine: Option<Resident> = None;
            group.bench_function(BenchmarkId::new(config, workload), |bencher| {
                bencher.iter_custom(|times| {
                    // A filter may skip this benchmark, so not before it runs.
                    let engine = engine.get_or_insert_with(|| {
                        let setup = setup.get_or_insert_with(|| or_stop(Setup::new()));
                        or_stop(Resident::start(setup, arm.id(), config, workload))
                    });
                    or_stop(engine.repeat(operation, times))
                });
            });
        }
    }
    group.finish();
    criterion.final_summary();
}

/// A worker with one component loaded, whose program was seen to be right.
pub struct Resident {
    worker: Worker,
    loaded: Loaded,
}

impl Resident {
    /// Starts an engine, loads the component and runs it once.
    ///
    /// # Errors
    /// When the engine breaks or the program has a wrong outcome.
    pub fn start(
        setup: &mut Setup,
        arm: &ArmId,
        config: &str,
        workload: &str,
    ) -> Result<Resident, BenchError> {
        let program = setup.command(workload)?;
        let lab = &mut setup.lab;
        let (component, wasm) = lab.component(&program.workload)?;
        let cwasm = lab.fresh_path(&format!("{}.cwasm", component.pin.name));
        // Compiled in a worker of its own: the compiler leaves a large heap.
        Worker::start(&lab.binaries, config, INSTANCES)?.compile(
            &wasm,
            &cwasm,
            World::Command,
            true,
            None,
        )?;
        let mut worker = Worker::start(&lab.binaries, config, INSTANCES)?;
        let loaded = worker.load(&cwasm, World::Command, Vec::new())?;
        let mut engine = Resident { worker, loaded };
        engine.verify(lab, arm, &program)?;
        Ok(engine)
    }

    fn verify(&mut self, lab: &mut Lab, arm: &ArmId, program: &Program) -> Result<(), BenchError> {
        let command = &program.command;
        let files = command.directory.as_ref();
        let dir = files.map(|files| lab.lay_out(files)).transpose()?;
        let input = Input {
            args: std::iter::once(program.workload.component.clone())
                .chain(command.args.iter().cloned())
                .collect(),
            env: command.env.clone().into_iter().collect(),
            stdin: command.stdin.bytes().to_vec(),
            grants: program.input().grants(dir.as_deref()),
            attached: None,
        };
        let ran = self
            .worker
            .run(self.loaded, input, program.workload.deadline)?;
        let Some((heard, exit)) = ran else {
            return Err(program.ended(arm, "its deadline passed"));
        };
        let exit = match exit {
            GuestExit::Ok => ExitClass::Ok,
            GuestExit::Err => ExitClass::Err,
            GuestExit::Trap(_) => ExitClass::Trap,
            GuestExit::Host(why) => return Err(program.ended(arm, why)),
        };
        let observed = Observed {
            exit: Some(exit),
            stdout: heard.stdout,
            stderr: heard.stderr,
            tree: dir.map(|dir| lab.collect(&dir)).transpose()?,
            ..Observed::default()
        };
        program.check(arm, &observed)
    }

    /// Wall time of so many repetitions, as the worker measured it.
    ///
    /// # Errors
    /// When the operation fails.
    pub fn repeat(&mut self, operation: Operation, times: u64) -> Result<Duration, BenchError> {
        let nanos = self.worker.repeat(self.loaded, operation, times)?;
        Ok(Duration::from_nanos(nanos))
    }
}
