//! Density: live instances, one more and one more, until a wall or the budget.

use crate::pace::Pace;
use crate::recorder::{MeasureError, Recorder, Row};
use crate::{Arms, definition};
use assay_arms::{ArmError, Grown, Hold, Lab, Life};
use assay_model::{DensityPlan, Metric, Plan, Stop, Wall};
use assay_observe::host::mem_available;
use assay_observe::process::{map_count, memory_of_all};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Idle time before memory is read at a point.
const SETTLE: Duration = Duration::from_millis(50);

/// Time for adding instances in one run: the second half of what is declared
/// before it begins.
const PATIENCE: Duration = Duration::from_secs(600);

/// What one point saw.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    live: f64,
    pss: f64,
    available: f64,
    maps: f64,
    first_response: Option<f64>,
}

/// A run under way.
struct Growth {
    begun: Instant,
    live: u64,
    pace: Pace,
    /// Why it ended before its last number.
    end: Option<Stop>,
}

/// Carries out every density run of the plan.
///
/// # Errors
/// On Ctrl-C, or when the record cannot be written. A wall is a result.
pub fn density(
    lab: &mut Lab,
    arms: &Arms<'_>,
    plan: &Plan,
    recorder: &mut Recorder,
) -> Result<(), MeasureError> {
    let steps = plan.density.iter().map(|run| run.points.len() as u64).sum();
    recorder.progress.begin("density", steps);
    let mut seq = 0;
    for run in &plan.density {
        one(lab, arms, run, recorder, &mut seq)?;
    }
    recorder.progress.end();
    Ok(())
}

fn one(
    lab: &mut Lab,
    arms: &Arms<'_>,
    run: &DensityPlan,
    recorder: &mut Recorder,
    seq: &mut u32,
) -> Result<(), MeasureError> {
    let catalog = Arc::clone(lab.catalog());
    let (workload, _) = definition(&catalog, &run.cell.workload)?;
    let mut prepared = match arms.prepare(lab, &run.cell.arm, workload)? {
        Ok(prepared) => prepared,
        Err(error) => return no_instance(recorder, run, seq, &error.to_string()),
    };
    let instances = match prepared.hold() {
        Ok(instances) => instances,
        Err(absent) => return no_instance(recorder, run, seq, &absent.to_string()),
    };
    let mut points = Vec::new();
    let mut growth = Growth::begin();
    for (block, &until) in (0..).zip(&run.points) {
        recorder.progress.step(&format!(
            "{until} × {} on {}",
            run.cell.workload, run.cell.arm
        ));
        if let Err(cancelled) = growth.reach(until, lab, instances, run, recorder) {
            // Instances are gone before anything else is.
            let _ = instances.release(lab);
            return Err(cancelled);
        }
        match read(instances, &mut growth) {
            // Where none was added there is no further point.
            Ok(point) if points.last().map_or(0.0, |last: &Point| last.live) < point.live => {
                let row = row(run, block, *seq, "");
                recorder.values(&row, point.rows())?;
                points.push(point);
            }
            Ok(_) => {}
            Err(error) => growth.end_because(Stop::Failed(format!("unreadable: {error}"))),
        }
        *seq += 1;
        if growth.end.is_some() {
            break;
        }
    }
    if let Err(error) = instances.release(lab) {
        // What broke before is why they do not answer now.
        growth.end_because(Stop::at(Wall::WrongAnswer, error.to_string()));
    }
    summarise(recorder, run, &points, &growth, seq)
}

impl Growth {
    fn begin() -> Self {
        Self {
            begun: Instant::now(),
            live: 0,
            pace: Pace::default(),
            end: None,
        }
    }

    /// The first reason is the reason.
    fn end_because(&mut self, reason: Stop) {
        self.end.get_or_insert(reason);
    }

    /// Adds instances up to a number, or to an end before it.
    fn reach(
        &mut self,
        until: u64,
        lab: &mut Lab,
        instances: &mut dyn Hold,
        run: &DensityPlan,
        recorder: &Recorder,
    ) -> Result<(), MeasureError> {
        while self.live < until && self.end.is_none() {
            recorder.check()?;
            // Instances of one host are added by the thousand in the time that
            // one takes which the kernel isolates.
            let next = match instances.in_process() {
                true => until,
                false => self.live + 1,
            };
            self.add(instances.grow(lab, next, Life::Nonce(run.working_set)));
            if self.end.is_none() && self.live < until && self.begun.elapsed() > PATIENCE {
                self.end = Some(Stop::OutOfTime {
                    live: self.live,
                    seconds: PATIENCE.as_secs(),
                });
            }
        }
        Ok(())
    }

    fn add(&mut self, grown: Result<Grown, ArmError>) {
        let grown = match grown {
            Ok(grown) => grown,
            // An arm that breaks ends the run as well, with those that were
            // alive before.
            Err(error) => return self.end_because(Stop::Failed(error.to_string())),
        };
        self.live = grown.live;
        self.pace.note(&grown.first_responses);
        if let Some(stop) = grown.stop.or_else(|| self.pace.wall()) {
            self.end_because(stop);
        }
    }

    /// Why it ended.
    fn why(&self) -> Stop {
        let live = self.live;
        self.end.clone().unwrap_or(Stop::Budget { live })
    }
}

fn read(instances: &dyn Hold, growth: &mut Growth) -> Result<Point, ArmError> {
    std::thread::sleep(SETTLE);
    let pids = instances.charge_set()?;
    let mut maps = 0;
    for &pid in &pids {
        maps += map_count(pid)?;
    }
    Ok(Point {
        live: growth.live as f64,
        first_response: growth.pace.since_asked(),
        pss: memory_of_all(&pids)?.pss.0 as f64,
        available: mem_available()?.0 as f64,
        maps: maps as f64,
    })
}

impl Point {
    fn rows(self) -> impl Iterator<Item = (Metric, f64)> {
        let first_response = self.first_response;
        [
            (Metric::DENSITY_N, self.live),
            (Metric::DENSITY_PSS, self.pss),
            (Metric::DENSITY_AVAILABLE, self.available),
            (Metric::DENSITY_MAPS, self.maps),
        ]
        .into_iter()
        .chain(first_response.map(|time| (Metric::DENSITY_FIRST_RESPONSE, time)))
    }
}

fn row<'a>(run: &'a DensityPlan, block: u32, seq: u32, note: &'a str) -> Row<'a> {
    Row {
        workload: &run.cell.workload,
        arm: &run.cell.arm,
        block,
        seq,
        warmup: false,
        valid: true,
        note,
    }
}

fn summarise(
    recorder: &mut Recorder,
    run: &DensityPlan,
    points: &[Point],
    growth: &Growth,
    seq: &mut u32,
) -> Result<(), MeasureError> {
    let note = growth.why().to_string();
    let n: Vec<f64> = points.iter().map(|point| point.live).collect();
    let pss: Vec<f64> = points.iter().map(|point| point.pss).collect();
    let used: Vec<f64> = points.iter().map(|point| -point.available).collect();
    let mut values = vec![(Metric::DENSITY_COUNT, growth.live as f64)];
    if let Some(line) = fit(&n, &pss) {
        values.push((Metric::DENSITY_MARGINAL, line.0));
        values.push((Metric::DENSITY_INTERCEPT, line.1));
    }
    if let Some(line) = fit(&n, &used) {
        values.push((Metric::DENSITY_MARGINAL_AVAILABLE, line.0));
    }
    let row = row(run, 0, *seq, &note);
    recorder.values(&row, values)?;
    *seq += 1;
    Ok(())
}

/// Slope and intercept, from at least five points.
fn fit(n: &[f64], bytes: &[f64]) -> Option<(f64, f64)> {
    const FEWEST_POINTS: usize = 5;
    if n.len() < FEWEST_POINTS {
        return None;
    }
    let points: Vec<(f64, f64)> = n.iter().copied().zip(bytes.iter().copied()).collect();
    let line = assay_stats::theil_sen(&points)?;
    Some((line.slope, line.intercept))
}

fn no_instance(
    recorder: &mut Recorder,
    run: &DensityPlan,
    seq: &mut u32,
    why: &str,
) -> Result<(), MeasureError> {
    let note = Stop::Failed(why.to_owned()).to_string();
    let row = row(run, 0, *seq, &note);
    recorder.values(&row, [(Metric::DENSITY_COUNT, 0.0)])?;
    *seq += 1;
    Ok(())
}
