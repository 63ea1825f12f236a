use crate::setup::{BenchError, Program, Setup, is_listing, or_stop};
use assay_arms::{Absent, Arm, Ended, Lab, Prepared, ProgramInput};
use assay_baselines::{Ctr, Docker, Native, Oci, OciRuntime, Tier};
use assay_model::{ArmId, IdError};
use criterion::{BenchmarkId, Criterion, SamplingMode};
use std::time::Duration;

/// The arms in the order of rising isolation; those of engines that are not
/// installed or not started are told and left out.
fn arms() -> Result<Vec<Box<dyn Arm>>, IdError> {
    let scratch = Tier::Scratch;
    let mut arms: Vec<Box<dyn Arm>> = vec![
        Box::new(Native::new()?),
        Box::new(assay_arms::wasmtime::aot()),
    ];
    for runtime in OciRuntime::all() {
        arms.push(Box::new(Oci::new(runtime, scratch)?));
    }
    arms.push(Box::new(Ctr::new(scratch)?));
    arms.push(Box::new(Docker::api(scratch)?));
    Ok(arms)
}

/// Benchmarks the cold start of a workload as a native process, as a
/// component in a fresh process and in a container; to be called from `main`.
///
/// # Panics
/// When an arm breaks or a program has a wrong outcome: a bench process has no
/// other way to fail.
pub fn container_benches(group: &str, workload: &str) {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut setup = (!is_listing()).then(|| or_stop(Setup::new()));
    let mut group = criterion.benchmark_group(group);
    // A launch takes milliseconds, and criterion does not see the part of it
    // that comes after the first byte: as many launches in each sample.
    group.sampling_mode(SamplingMode::Flat);
    let arms = match arms() {
        Ok(arms) => arms,
        Err(error) => panic!("{error}"),
    };
    for arm in arms {
        if setup.as_mut().is_some_and(|setup| !setup.has(arm.as_ref())) {
            continue;
        }
        let mut launches: Option<Launches> = None;
        group.bench_function(BenchmarkId::new(arm.id().as_str(), workload), |bencher| {
            bencher.iter_custom(|times| {
                let setup = setup.get_or_insert_with(|| or_stop(Setup::new()));
                // A filter may skip this benchmark, so not before it runs.
                let launches = launches.get_or_insert_with(|| {
                    or_stop(Launches::prepare(setup, arm.as_ref(), workload))
                });
                or_stop(launches.cold_starts(&mut setup.lab, times))
            });
        });
    }
    group.finish();
    criterion.final_summary();
}

/// A workload made ready on an arm.
pub struct Launches {
    arm: ArmId,
    program: Program,
    input: ProgramInput,
    prepared: Box<dyn Prepared>,
}

impl Launches {
    /// Does what a deployer does once.
    ///
    /// # Errors
    /// When the arm cannot take the program.
    pub fn prepare(
        setup: &mut Setup,
        arm: &dyn Arm,
        workload: &str,
    ) -> Result<Launches, BenchError> {
        let program = setup.command(workload)?;
        let input = program.input();
        let prepared = arm.prepare(&mut setup.lab, &program.workload)?;
        Ok(Launches {
            arm: arm.id().clone(),
            program,
            input,
            prepared,
        })
    }

    /// Launches so many times, one after the other; the sum of their
    /// `cold_start`. The outcome of every launch is checked.
    ///
    /// # Errors
    /// When the arm breaks, an outcome is wrong or stamps are out of order.
    pub fn cold_starts(&mut self, lab: &mut Lab, times: u64) -> Result<Duration, BenchError> {
        let mut sum = Duration::ZERO;
        for _ in 0..times {
            sum += self.cold_start(lab)?;
        }
        Ok(sum)
    }

    fn cold_start(&mut self, lab: &mut Lab) -> Result<Duration, BenchError> {
        let no_time = |what: String| BenchError::NoTime {
            workload: self.program.name(),
            arm: self.arm.to_string(),
            what,
        };
        let run_once = self.prepared.run_once();
        let launched = run_once
            .map_err(|Absent(why)| no_time(why))?
            .run(lab, &self.input)?;
        match launched.ended {
            Ended::Outcome(observed) => self.program.check(&self.arm, &observed)?,
            Ended::TimedOut => return Err(self.program.ended(&self.arm, "its deadline passed")),
            Ended::Crashed(why) => return Err(self.program.ended(&self.arm, why)),
        }
        if let Some(what) = launched.ladder.disorder() {
            return Err(no_time(what));
        }
        let taken = launched.ladder.cold_start();
        let nanos = taken.ok_or_else(|| no_time("it wrote nothing to stdout".to_owned()))?;
        Ok(Duration::from_nanos(nanos.0))
    }
}
