//! Conformance: the same outcome everywhere.
//!
//! Nothing here is timed, so cases run beside each other, a workload at a time
//! in each of several labs. The rows of a record come in the order in which
//! cells ended; verdicts come in the order of the plan.

use crate::cell_result::{self, CellResult};
use crate::recorder::{Cancelled, MeasureError, Recorder, Row};
use crate::{Arms, definition};
use assay_arms::{ArmError, Lab, Prepared};
use assay_model::{ArmId, Availability, Bytes, CaseId, Cell, Metric, Plan, Profile, State};
use assay_workloads::{Case, Catalog, World};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

/// What verification found, cell by cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// What each cell came to, in the order of the plan.
    pub cells: Vec<(Cell, State, String)>,
    /// How many cases called each function of the host, as far as an arm told.
    pub calls: BTreeMap<String, u64>,
}

impl Verdicts {
    /// Cells that make the run fail.
    pub fn failures(&self) -> impl Iterator<Item = &(Cell, State, String)> {
        self.cells.iter().filter(|(_, state, _)| state.is_failure())
    }
}

/// Verifies every cell of the plan, `jobs` workloads at a time. Arms in
/// `unavailable` are recorded as skipped with their reason.
///
/// # Errors
/// On Ctrl-C, or when the record cannot be written. What arms do is recorded.
pub fn verify(
    lab: &mut Lab,
    arms: &Arms<'_>,
    unavailable: &BTreeMap<ArmId, Availability>,
    plan: &Plan,
    recorder: &mut Recorder,
    jobs: NonZeroUsize,
) -> Result<Verdicts, MeasureError> {
    recorder.progress.begin("verify", plan.verify.len() as u64);
    lab.set_verifying(true);
    let tasks = tasks(&plan.verify, lab.catalog());
    let mut labs = Vec::new();
    for _ in 1..jobs.get().min(tasks.len()) {
        labs.push(lab.beside()?);
    }
    // Whose sizes the footprint measure takes.
    let sized: BTreeSet<(&str, &ArmId)> = plan
        .footprint
        .iter()
        .map(|cell| (cell.workload.workload(), &cell.arm))
        .collect();
    let crew = Crew {
        nightly: plan.profile == Profile::Nightly,
        sized,
        arms,
        unavailable,
        cells: &plan.verify,
        tasks: &tasks,
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    };
    let mut found: BTreeMap<usize, (State, String)> = BTreeMap::new();
    let mut calls: BTreeMap<String, u64> = BTreeMap::new();
    let mut compiled = 0;
    let mut durations = Durations::default();
    let mut write = |recorder: &mut Recorder, event: Event| -> Result<(), MeasureError> {
        match event {
            Event::Begun(index) => {
                let Cell { workload, arm } = &plan.verify[index];
                recorder.check()?;
                recorder.progress.step(&format!("{workload} on {arm}"));
            }
            Event::Ended(index, ended) => {
                let Cell { workload, arm } = &plan.verify[index];
                let CellResult {
                    state,
                    digest,
                    detail,
                } = ended.found;
                found.insert(index, (state, detail.clone()));
                recorder.outcome(workload, arm, state, (digest, ended.expected), detail)?;
                for call in ended.calls {
                    *calls.entry(call).or_default() += 1;
                }
            }
            Event::Compiled(index, size) => {
                let Cell { workload, arm } = &plan.verify[index];
                let row = Row {
                    workload,
                    arm,
                    block: 0,
                    seq: compiled,
                    warmup: false,
                    valid: true,
                    note: "verification",
                };
                recorder.values(&row, [(Metric::ARTIFACT_CWASM, size.0 as f64)])?;
                compiled += 1;
            }
            Event::Left(index, took) => durations.add(&plan.verify[index], took),
            Event::Broken(error) => return Err(error),
        }
        Ok(())
    };
    let done = std::thread::scope(|scope| {
        let (sender, events) = channel();
        for lab in std::iter::once(&mut *lab).chain(&mut labs) {
            let (crew, sender) = (&crew, sender.clone());
            scope.spawn(move || crew.work(lab, &sender));
        }
        // With the last worker's, the last sender is gone and this loop ends.
        drop(sender);
        for event in events {
            if let Err(error) = write(recorder, event) {
                crew.stop.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    });
    lab.set_verifying(false);
    done?;
    recorder.check()?;
    recorder.progress.end();
    for line in durations.lines() {
        recorder.progress.note(&line);
    }
    let cells = found.into_iter();
    Ok(Verdicts {
        cells: cells
            .map(|(index, (state, detail))| (plan.verify[index].clone(), state, detail))
            .collect(),
        calls,
    })
}

/// All cells of one workload, by arm: what is compiled once for it serves all
/// of them.
struct Task<'p> {
    by_arm: Vec<(&'p ArmId, Vec<usize>)>,
}

/// The plan's cells by workload. Those with the largest components come first,
/// as they take longest to compile and nothing should wait for one at the end.
fn tasks<'p>(cells: &'p [Cell], catalog: &Catalog) -> Vec<Task<'p>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tasks: Vec<(u64, Task<'p>)> = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let place = *places.entry(cell.workload.workload()).or_insert_with(|| {
            let selected = catalog.case(cell.workload.as_str());
            let size = selected.map_or(0, |selected| catalog.pin(selected.workload).bytes.0);
            tasks.push((size, Task { by_arm: Vec::new() }));
            tasks.len() - 1
        });
        let by_arm = &mut tasks[place].1.by_arm;
        match by_arm.iter_mut().find(|(arm, _)| **arm == cell.arm) {
            Some((_, indices)) => indices.push(index),
            None => by_arm.push((&cell.arm, vec![index])),
        }
    }
    tasks.sort_by_key(|(size, _)| Reverse(*size));
    tasks.into_iter().map(|(_, task)| task).collect()
}

/// What a lab tells the thread that writes the record.
enum Event {
    /// A cell is about to be run.
    Begun(usize),
    /// Its component is machine code of this size.
    Compiled(usize, Bytes),
    /// It was.
    Ended(usize, Outcome),
    /// All cases of its workload on its arm took so long, with preparation.
    Left(usize, Duration),
    /// The harness cannot go on.
    Broken(MeasureError),
}

struct Outcome {
    found: CellResult,
    expected: String,
    calls: Vec<String>,
}

/// Where the time of a verification went, for whoever waited for it.
#[derive(Debug, Default)]
struct Durations {
    by_arm: BTreeMap<ArmId, Duration>,
    of_workloads: Vec<(Duration, String)>,
}

/// Who waited less is told nothing.
const LONG: Duration = Duration::from_secs(60);
/// How many of the longest are named.
const NAMED: usize = 10;

impl Durations {
    fn add(&mut self, first: &Cell, took: Duration) {
        let Cell { workload, arm } = first;
        *self.by_arm.entry(arm.clone()).or_default() += took;
        let name = format!("{} on {arm}", workload.workload());
        self.of_workloads.push((took, name));
    }

    fn lines(mut self) -> Vec<String> {
        if self.by_arm.values().sum::<Duration>() < LONG {
            return Vec::new();
        }
        let seconds = |took: Duration, what: &str| format!("{what} {:.0} s", took.as_secs_f64());
        let arms = self.by_arm.iter();
        let arms: Vec<String> = arms
            .map(|(arm, took)| seconds(*took, arm.as_str()))
            .collect();
        self.of_workloads.sort_by_key(|(took, _)| Reverse(*took));
        let longest = self.of_workloads.iter().take(NAMED);
        let longest: Vec<String> = longest.map(|(took, name)| seconds(*took, name)).collect();
        vec![
            format!("time of all jobs together: {}", arms.join(", ")),
            format!("longest: {}", longest.join(", ")),
        ]
    }
}

/// What all labs of a verification see.
struct Crew<'p> {
    arms: &'p Arms<'p>,
    unavailable: &'p BTreeMap<ArmId, Availability>,
    /// Whether what takes minutes where programs are slow is done too.
    nightly: bool,
    /// Workloads whose machine code another measure sizes.
    sized: BTreeSet<(&'p str, &'p ArmId)>,
    cells: &'p [Cell],
    tasks: &'p [Task<'p>],
    next: AtomicUsize,
    stop: AtomicBool,
}

impl Crew<'_> {
    /// Takes tasks until none is left.
    fn work(&self, lab: &mut Lab, events: &Sender<Event>) {
        while let Some(task) = self.tasks.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            for (arm, indices) in &task.by_arm {
                let began = Instant::now();
                if let Err(error) = self.prepared(lab, arm, indices, events) {
                    // Nobody listens any more when the reader has stopped.
                    let _ = events.send(Event::Broken(error));
                    return;
                }
                if let Some(&index) = indices.first() {
                    let _ = events.send(Event::Left(index, began.elapsed()));
                }
            }
        }
    }

    /// The cells of one workload on one arm, which is prepared once for them.
    fn prepared(
        &self,
        lab: &mut Lab,
        arm: &ArmId,
        indices: &[usize],
        events: &Sender<Event>,
    ) -> Result<(), MeasureError> {
        let catalog = Arc::clone(lab.catalog());
        let facts = self.arms.of(arm)?.facts();
        let skipped = self.unavailable.get(arm).map(reason);
        let mut prepared: Option<Result<Box<dyn Prepared>, ArmError>> = None;
        for &index in indices {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Cancelled.into());
            }
            let _ = events.send(Event::Begun(index));
            let id: &CaseId = &self.cells[index].workload;
            let (workload, case) = definition(&catalog, id)?;
            let mut calls = Vec::new();
            let found = match &skipped {
                Some(reason) => CellResult::of(State::Skipped, reason.clone()),
                None => {
                    if prepared.is_none() {
                        let mut made = self.arms.prepare(lab, arm, workload)?;
                        if let (Ok(made), true) = (&mut made, facts.traces) {
                            made.trace();
                        }
                        if let (Ok(made), false) =
                            (&made, self.sized.contains(&(id.workload(), arm)))
                        {
                            let sizes = made.artifacts().into_iter();
                            let code = sizes.filter(|one| one.metric == Metric::ARTIFACT_CWASM);
                            for one in code {
                                let _ = events.send(Event::Compiled(index, one.size));
                            }
                        }
                        prepared = Some(made);
                    }
                    match &mut prepared {
                        Some(Ok(prepared)) => match self.heavy(lab, prepared.as_ref(), case) {
                            Some(what) => CellResult::of(State::Skipped, what),
                            None => {
                                let found =
                                    cell_result::compare(lab, prepared.as_mut(), workload, case);
                                calls = called(prepared.calls(), workload.world);
                                found
                            }
                        },
                        Some(Err(error)) => CellResult::of_error(error),
                        None => CellResult::of(State::Crash, format!("{id} was not prepared")),
                    }
                }
            };
            let found = found
                .with_control(workload, lab.binaries.architecture())
                .with_known_defects(workload, case, facts, &lab.binaries);
            let outcome = Outcome {
                found,
                expected: case.expected().digest().to_string(),
                calls,
            };
            let _ = events.send(Event::Ended(index, outcome));
        }
        Ok(())
    }

    /// Why a case is left to the nightly profile.
    fn heavy(&self, lab: &Lab, prepared: &dyn Prepared, case: &Case) -> Option<String> {
        let what = case.heavy.as_ref().filter(|_| !self.nightly)?;
        let slow = match (lab.binaries.emulator(), prepared.patience()) {
            (Some(_), _) => "under an emulator",
            (None, 1) => return None,
            (None, _) => "when interpreted",
        };
        Some(format!(
            "{what}, which takes minutes {slow}; the nightly profile verifies it"
        ))
    }
}

/// The calls of a case, with the one that the host made itself.
fn called(mut calls: Vec<String>, world: World) -> Vec<String> {
    match world {
        _ if calls.is_empty() => {}
        World::Command => calls.push("cli/run#run".to_owned()),
        World::Proxy => calls.push("http/incoming-handler#handle".to_owned()),
        // The fixed set of functions is that of 0.2.
        World::AsyncCommand | World::AsyncService => calls.clear(),
    }
    calls
}

fn reason(availability: &Availability) -> String {
    match availability {
        Availability::Available { version } => version.clone(),
        Availability::Unavailable { reason, remedy } => format!("{reason}; {remedy}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn who_waited_is_told_for_what() {
        let cell = |name: &str, arm: &str| Cell {
            workload: name.parse().unwrap(),
            arm: arm.parse().unwrap(),
        };
        let mut durations = Durations::default();
        durations.add(&cell("cli/exit#ok", "native"), Duration::from_secs(2));
        assert!(durations.lines().is_empty());
        let mut durations = Durations::default();
        durations.add(&cell("cli/exit#ok", "native"), Duration::from_secs(2));
        durations.add(&cell("cli/hello", "native"), Duration::from_secs(3));
        durations.add(&cell("cli/hello", "youki"), Duration::from_secs(70));
        assert_eq!(
            durations.lines(),
            [
                "time of all jobs together: native 5 s, youki 70 s",
                "longest: cli/hello on youki 70 s, cli/hello on native 3 s, \
                 cli/exit on native 2 s",
            ]
        );
    }

    #[test]
    fn a_workload_is_one_task_and_the_largest_component_comes_first() {
        let catalog = Catalog::load(Catalog::default_directory()).unwrap();
        let names = ["cli/exit#ok", "lang/hello-python#line", "cli/exit#trap"];
        let cells: Vec<Cell> = names
            .iter()
            .flat_map(|name| {
                ["native", "wasmtime/aot"].map(|arm| Cell {
                    workload: name.parse().unwrap(),
                    arm: arm.parse().unwrap(),
                })
            })
            .collect();
        let tasks: Vec<Vec<Vec<usize>>> = tasks(&cells, &catalog)
            .into_iter()
            .map(|task| task.by_arm.into_iter().map(|(_, cells)| cells).collect())
            .collect();
        assert_eq!(
            tasks,
            [vec![vec![2], vec![3]], vec![vec![0, 4], vec![1, 5]]]
        );
    }
}
