//! Cold start: randomised complete blocks of fresh launches.

use crate::recorder::{MeasureError, Recorder, Row};
use crate::{Arms, definition, first_request, run_case};
use assay_arms::{ArmError, Ended, Lab, Launched, Prepared, ProgramInput};
use assay_model::{Cell, Metric, Plan};
use assay_workloads::{Action, Case, Workload};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A cell whose turns can be taken.
struct Ready<'c> {
    cell: &'c Cell,
    workload: &'c Workload,
    case: &'c Case,
    prepared: Box<dyn Prepared>,
}

/// Where a launch stands within the measure.
#[derive(Debug, Clone, Copy)]
struct Position {
    block: u32,
    seq: u32,
    warmup: bool,
}

/// Gives every cell one turn per block, in the plan's order.
///
/// # Errors
/// On Ctrl-C, or when the record cannot be written. A launch that fails is a
/// row that is not valid.
pub fn cold_start(
    lab: &mut Lab,
    arms: &Arms<'_>,
    plan: &Plan,
    recorder: &mut Recorder,
) -> Result<(), MeasureError> {
    let design = &plan.cold_start;
    let total = u64::from(design.total_blocks()) * design.cells.len() as u64;
    recorder.progress.begin("cold start", total);
    let catalog = Arc::clone(lab.catalog());
    let mut ready = Vec::new();
    for cell in &design.cells {
        recorder.check()?;
        let (workload, case) = definition(&catalog, &cell.workload)?;
        let prepared = arms.prepare(lab, &cell.arm, workload)?;
        ready.push(match prepared {
            Ok(prepared) => Ok(Ready {
                cell,
                workload,
                case,
                prepared,
            }),
            Err(error) => Err((cell, error.to_string())),
        });
    }
    let mut seq = 0;
    for block in 0..design.total_blocks() {
        for index in design.order(plan.seed, block) {
            recorder.check()?;
            let at = |seq| Position {
                block,
                seq,
                warmup: block < design.warmup_blocks,
            };
            match ready.get_mut(index) {
                Some(Ok(ready)) => {
                    recorder
                        .progress
                        .step(&format!("{} on {}", ready.cell.workload, ready.cell.arm));
                    for launched in take_turn(lab, ready) {
                        record(recorder, ready, launched, at(seq))?;
                        seq += 1;
                    }
                }
                Some(Err((cell, why))) => {
                    recorder
                        .progress
                        .step(&format!("{} on {}", cell.workload, cell.arm));
                    invalid(recorder, cell, at(seq), why)?;
                    seq += 1;
                }
                None => {}
            }
        }
    }
    recorder.progress.end();
    Ok(())
}

/// A turn begins no launch after this long: the same rule for every arm, so
/// that none is measured with warmer caches than its own speed earns it.
const TURN: Duration = Duration::from_millis(10);

/// No turn has more launches; from here on its median does not move.
const LAUNCHES_PER_TURN: usize = 30;

/// The launches of one turn. The first finds the processor's caches full of
/// another arm's data, the others their own. They are written only when the
/// turn is over, because writing between two would cool the caches again.
fn take_turn(lab: &mut Lab, ready: &mut Ready<'_>) -> Vec<Result<Launched, ArmError>> {
    let begun = Instant::now();
    let mut turn = vec![launch(lab, ready)];
    while turn.len() < LAUNCHES_PER_TURN && begun.elapsed() < TURN {
        turn.push(launch(lab, ready));
    }
    turn
}

/// One launch from nothing to gone; a server is started, asked once, stopped.
fn launch(lab: &mut Lab, ready: &mut Ready<'_>) -> Result<Launched, ArmError> {
    match &ready.case.action {
        Action::Command(command) => {
            let input =
                ProgramInput::of_case(command, &ready.case.setting, ready.workload.deadline);
            ready.prepared.run_once()?.run(lab, &input)
        }
        Action::Server(exchanges) => {
            let server = ready.prepared.serve()?;
            // Its peers are up before t0, as the servers that a service
            // depends on are.
            let (stage, requests) = run_case::set(ready.workload.deadline, ready.case, exchanges)?;
            let first = first_request(requests.iter())
                .ok_or_else(|| ArmError::Runtime("the case has no simple request".into()))?;
            let mut launched = server.start(lab, &ready.case.setting, Some(&first))?;
            let stopped = server.stop(lab)?;
            let (ended, _) = stage.clear(launched.ended);
            launched.ended = ended;
            launched.ladder.stamps.extend(stopped.ladder.stamps);
            if !matches!(stopped.ended, Ended::Outcome(_)) {
                launched.ended = stopped.ended;
            }
            Ok(launched)
        }
    }
}

/// Why a launch does not count, if it does not.
fn fault(ready: &Ready<'_>, launched: &Launched) -> Option<String> {
    let observed = match &launched.ended {
        Ended::Outcome(observed) => observed,
        Ended::TimedOut => return Some("its deadline passed".to_owned()),
        Ended::Crashed(why) => return Some(why.clone()),
    };
    let difference = match &ready.case.action {
        Action::Command(_) => ready
            .case
            .expected()
            .difference(&ready.case.outcome(observed)),
        // The first response alone is timed here.
        Action::Server(exchanges) => {
            let expected = exchanges.first().map(|exchange| exchange.expect.outcome());
            match expected.as_ref() == observed.http.first() {
                true => None,
                false => return Some("the first response is not the expected one".to_owned()),
            }
        }
    };
    difference
        .map(|difference| difference.to_string())
        .or_else(|| launched.ladder.disorder())
}

fn record(
    recorder: &mut Recorder,
    ready: &Ready<'_>,
    launched: Result<Launched, ArmError>,
    at: Position,
) -> Result<(), MeasureError> {
    let launched = match launched {
        Ok(launched) => launched,
        Err(error) => {
            return invalid(recorder, ready.cell, at, &error.to_string());
        }
    };
    let fault = fault(ready, &launched);
    let ladder = &launched.ladder;
    let derived = [
        (Metric::COLD_START, ladder.cold_start()),
        (Metric::TEARDOWN, ladder.teardown()),
    ];
    let values: Vec<(Metric, f64)> = ladder
        .durations()
        .chain(
            derived
                .into_iter()
                .filter_map(|(metric, value)| Some((metric, value?))),
        )
        .map(|(metric, value)| (metric, value.0 as f64))
        .collect();
    if values.is_empty() {
        let why = fault.unwrap_or_else(|| "nothing was stamped".to_owned());
        return invalid(recorder, ready.cell, at, &why);
    }
    let row = Row {
        workload: &ready.cell.workload,
        arm: &ready.cell.arm,
        block: at.block,
        seq: at.seq,
        warmup: at.warmup,
        valid: fault.is_none(),
        note: fault.as_deref().unwrap_or_default(),
    };
    Ok(recorder.values(&row, values)?)
}

/// A launch without any stamp is still a row: nothing is dropped.
fn invalid(
    recorder: &mut Recorder,
    cell: &Cell,
    at: Position,
    why: &str,
) -> Result<(), MeasureError> {
    recorder
        .progress
        .note(&format!("{} on {}: {why}", cell.workload, cell.arm));
    let row = Row {
        workload: &cell.workload,
        arm: &cell.arm,
        block: at.block,
        seq: at.seq,
        warmup: at.warmup,
        valid: false,
        note: why,
    };
    Ok(recorder.values(&row, [(Metric::COLD_START, 0.0)])?)
}
