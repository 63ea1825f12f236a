//! Footprint: what is shipped, and what one idle instance keeps in memory.

use crate::charged::{Before, Charged, Reading};
use crate::recorder::{MeasureError, Recorder, Row};
use crate::{Arms, definition, first_request};
use assay_arms::{ArmError, Hold, Lab, Life, Prepared, ProgramInput};
use assay_model::{Bytes, Cell, ExitClass, Metric, Plan};
use assay_observe::process::memory_of_all;
use assay_workloads::{Action, Case, Command, DensityRole, Setting, Workload};
use std::sync::Arc;
use std::time::Duration;

/// Idle time before memory is read, so that what a start leaves running
/// settles. Nothing is timed across it.
const SETTLE: Duration = Duration::from_millis(50);

/// Fresh instances whose memory is read, per cell.
const READINGS: u32 = 3;

/// Live instances over which the share of one in a resident host is taken: one
/// alone is lost in the granularity of the host's own heap.
const SHARED: u64 = 64;

/// The same where each instance has done its program's work first: there are
/// fewer, because that takes time, and each is larger.
const SHARED_AFTER_WORK: u64 = 8;

/// Requests between the idle reading and the one under use.
const REQUESTS: u32 = 100;

/// Reads sizes and memory of every cell of the plan.
///
/// # Errors
/// On Ctrl-C, or when the record cannot be written. What cannot be read is
/// noted.
pub fn footprint(
    lab: &mut Lab,
    arms: &Arms<'_>,
    plan: &Plan,
    recorder: &mut Recorder,
) -> Result<(), MeasureError> {
    recorder
        .progress
        .begin("footprint", plan.footprint.len() as u64);
    let catalog = Arc::clone(lab.catalog());
    let mut seq = 0;
    for cell in &plan.footprint {
        recorder.check()?;
        recorder
            .progress
            .step(&format!("{} on {}", cell.workload, cell.arm));
        let (workload, case) = definition(&catalog, &cell.workload)?;
        for block in 0..READINGS {
            recorder.check()?;
            // Prepared anew: what a resident host keeps of ended instances
            // would be counted out of the next ones.
            let read = match arms.prepare(lab, &cell.arm, workload)? {
                Ok(mut prepared) => {
                    if block == 0 {
                        write(recorder, cell, (0, seq), &shipped(prepared.as_ref()))?;
                        seq += 1;
                    }
                    memory(lab, prepared.as_mut(), workload, case)
                }
                Err(error) => Err(error),
            };
            match read {
                Ok(readings) => write(recorder, cell, (block, seq), &readings)?,
                Err(error) => recorder
                    .progress
                    .note(&format!("{} on {}: {error}", cell.workload, cell.arm)),
            }
            seq += 1;
        }
    }
    recorder.progress.end();
    Ok(())
}

fn write(
    recorder: &mut Recorder,
    cell: &Cell,
    (block, seq): (u32, u32),
    readings: &[Reading],
) -> Result<(), MeasureError> {
    for (metric, value, point) in readings {
        let row = Row {
            workload: &cell.workload,
            arm: &cell.arm,
            block,
            seq,
            warmup: false,
            valid: true,
            note: point,
        };
        recorder.values(&row, [(*metric, *value)])?;
    }
    Ok(())
}

fn shipped(prepared: &dyn Prepared) -> Vec<Reading> {
    let cost = prepared
        .build_cost()
        .map(|cost| (Metric::BUILD_COST, cost.0 as f64, "".into()));
    let sizes = prepared.artifacts();
    let sizes = sizes
        .iter()
        .map(|artifact| (artifact.metric, artifact.size.0 as f64, "".into()));
    cost.into_iter().chain(sizes).collect()
}

fn memory(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    workload: &Workload,
    case: &Case,
) -> Result<Vec<Reading>, ArmError> {
    match &case.action {
        Action::Server(exchanges) => {
            let Some(first) = first_request(exchanges.iter().map(|exchange| &exchange.request))
            else {
                return Ok(Vec::new());
            };
            served(lab, prepared, &case.setting, &first)
        }
        Action::Command(command) => held(lab, prepared, workload, case, command),
    }
}

fn served(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    setting: &Setting,
    request: &assay_wire::launcher::HttpRequest,
) -> Result<Vec<Reading>, ArmError> {
    let Ok(server) = prepared.serve() else {
        return Ok(Vec::new());
    };
    let before = Before::now();
    server.start(lab, setting, Some(request))?;
    let readings = (|| -> Result<_, ArmError> {
        std::thread::sleep(SETTLE);
        let idle = Charged::read(&server.charge_set()?, &server.shared(), before)?;
        for _ in 0..REQUESTS {
            server.exchange(request)?;
        }
        let used = memory_of_all(&server.charge_set()?)?;
        Ok((idle, used))
    })();
    server.stop(lab)?;
    let (idle, used) = readings?;
    if server.resident() {
        // An instance lives for one request: between two there is none.
        return Ok(vec![(
            Metric::MEMORY_HOST_PSS,
            idle.processes.pss.0 as f64,
            "after the first request".into(),
        )]);
    }
    let mut readings = idle.readings("after the first request");
    readings.push((
        Metric::MEMORY_PSS_USED,
        used.pss.0 as f64,
        "after 100 further requests".into(),
    ));
    Ok(readings)
}

fn held(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    workload: &Workload,
    case: &Case,
    command: &Command,
) -> Result<Vec<Reading>, ArmError> {
    let Ok(instances) = prepared.hold() else {
        return Ok(Vec::new());
    };
    // A program that ends by itself is no instance that a process could keep.
    if !instances.in_process() && workload.measures.density != Some(DensityRole::Process) {
        return Ok(Vec::new());
    }
    if !instances.in_process() {
        let before = Before::now();
        let grown = instances.grow(lab, 1, Life::Nonce(Bytes(0)));
        let charged = grown.and_then(|grown| {
            if let Some(stop) = grown.stop {
                return Err(ArmError::Runtime(stop.to_string()));
            }
            std::thread::sleep(SETTLE);
            Charged::read(&instances.charge_set()?, &instances.shared(), before)
        });
        let released = instances.release(lab);
        let charged = charged?;
        released?;
        return Ok(charged.readings("idle"));
    }
    if workload.measures.density.is_some() {
        let note = "share of one of 64 live instances in a resident host";
        return tenants(lab, instances, Life::Nonce(Bytes(0)), SHARED, note);
    }
    let Some(stdout) = alone(case, command) else {
        return Ok(Vec::new());
    };
    let input = ProgramInput::of_case(command, &case.setting, workload.deadline);
    let life = Life::Ran {
        input: &input,
        stdout,
    };
    let note = "share of one of 8 instances in a resident host, each kept after it ran";
    tenants(lab, instances, life, SHARED_AFTER_WORK, note)
}

/// What a command writes that needs nobody beside it, or nothing.
fn alone<'c>(case: &'c Case, command: &'c Command) -> Option<&'c [u8]> {
    let alone = command.steps.is_empty() && case.setting.peers.is_empty() && !case.setting.canary;
    let ends_well = command.expect.exit == ExitClass::Ok;
    let stdout = command.expect.stdout.as_ref()?;
    (alone && ends_well).then(|| stdout.bytes())
}

/// Memory of one instance in a resident host, by the growth of several.
fn tenants(
    lab: &mut Lab,
    instances: &mut dyn Hold,
    life: Life<'_>,
    count: u64,
    note: &'static str,
) -> Result<Vec<Reading>, ArmError> {
    // One instance first: what the host sets up once is the host's.
    let first = instances.grow(lab, 1, life)?;
    std::thread::sleep(SETTLE);
    let one = memory_of_all(&instances.charge_set()?)?;
    let rest = instances.grow(lab, 1 + count, life)?;
    let all = memory_of_all(&instances.charge_set()?)?;
    instances.release(lab)?;
    if let Some(stop) = first.stop.or(rest.stop) {
        return Err(ArmError::Runtime(stop.to_string()));
    }
    let share = |all: Bytes, one: Bytes| (all.0 as f64 - one.0 as f64) / count as f64;
    Ok(vec![
        (
            Metric::MEMORY_HOST_PSS,
            one.pss.0 as f64,
            "with one live instance".into(),
        ),
        (Metric::MEMORY_PSS, share(all.pss, one.pss), note.into()),
        (Metric::MEMORY_USS, share(all.uss, one.uss), note.into()),
        (Metric::MEMORY_RSS, share(all.rss, one.rss), note.into()),
    ])
}
