//! Density: live instances, one more and one more, until a wall or the budget.

use crate::recorder::{MeasureError, Recorder, Row};
use crate::{Arms, definition};
use assay_arms::{ArmError, Grown, Hold, Lab, Life, Stop};
use assay_model::{DensityPlan, Metric, Plan};
use assay_observe::host::mem_available;
use assay_observe::process::{map_count, memory_of_all};
use std::time::Duration;

/// Idle time before memory is read at a point.
const SETTLE: Duration = Duration::from_millis(50);

/// What one point saw.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    live: f64,
    pss: f64,
    available: f64,
    maps: f64,
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
    let (workload, _) = definition(lab.catalog(), &run.cell.workload)?;
    let workload = workload.clone();
    let mut prepared = match arms.prepare(lab, &run.cell.arm, &workload)? {
        Ok(prepared) => prepared,
        Err(error) => return no_instance(recorder, run, seq, &error.to_string()),
    };
    let instances = match prepared.hold() {
        Ok(instances) => instances,
        Err(absent) => return no_instance(recorder, run, seq, &absent.to_string()),
    };
    let mut points = Vec::new();
    let mut stop = None;
    let mut live = 0;
    for (block, &until) in (0..).zip(&run.points) {
        if let Err(cancelled) = recorder.check() {
            // Instances are gone before anything else is.
            let _ = instances.release(lab);
            return Err(cancelled.into());
        }
        recorder.progress.step(&format!(
            "{until} × {} on {}",
            run.cell.workload, run.cell.arm
        ));
        let grown = grow(lab, instances, run, until, live);
        (live, stop) = (grown.live, grown.stop);
        match read(instances, live) {
            Ok(point) if live > 0 => {
                let row = row(run, block, *seq, "");
                recorder.values(&row, point.rows())?;
                points.push(point);
            }
            Ok(_) => {}
            Err(error) => stop = stop.or(Some(Stop::Broken(format!("unreadable: {error}")))),
        }
        *seq += 1;
        if stop.is_some() {
            break;
        }
    }
    let released = instances.release(lab);
    // What broke before is why they do not answer now.
    if let (Err(error), None) = (released, &stop) {
        stop = Some(Stop::Wall(format!("wrong answer: {error}")));
    }
    summarise(recorder, run, &points, live, stop, seq)
}

/// An arm that breaks ends the run as well, with those that were alive before.
fn grow(
    lab: &mut Lab,
    instances: &mut dyn Hold,
    run: &DensityPlan,
    until: u64,
    live: u64,
) -> Grown {
    instances
        .grow(lab, until, Life::Nonce(run.working_set))
        .unwrap_or_else(|error| Grown {
            live,
            stop: Some(Stop::Broken(error.to_string())),
        })
}

fn read(instances: &dyn Hold, live: u64) -> Result<Point, ArmError> {
    std::thread::sleep(SETTLE);
    let pids = instances.charge_set()?;
    let mut maps = 0;
    for &pid in &pids {
        maps += map_count(pid)?;
    }
    Ok(Point {
        live: live as f64,
        pss: memory_of_all(&pids)?.pss.0 as f64,
        available: mem_available()?.0 as f64,
        maps: maps as f64,
    })
}

impl Point {
    fn rows(self) -> [(Metric, f64); 4] {
        [
            (Metric::DENSITY_N, self.live),
            (Metric::DENSITY_PSS, self.pss),
            (Metric::DENSITY_AVAILABLE, self.available),
            (Metric::DENSITY_MAPS, self.maps),
        ]
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
    live: u64,
    stop: Option<Stop>,
    seq: &mut u32,
) -> Result<(), MeasureError> {
    let note = match stop {
        Some(stop) => stop.to_string(),
        None => format!("≥ {live}: declared budget"),
    };
    let n: Vec<f64> = points.iter().map(|point| point.live).collect();
    let pss: Vec<f64> = points.iter().map(|point| point.pss).collect();
    let used: Vec<f64> = points.iter().map(|point| -point.available).collect();
    let mut values = vec![(Metric::DENSITY_COUNT, live as f64)];
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
    let note = Stop::Broken(why.to_owned()).to_string();
    let row = row(run, 0, *seq, &note);
    recorder.values(&row, [(Metric::DENSITY_COUNT, 0.0)])?;
    *seq += 1;
    Ok(())
}
