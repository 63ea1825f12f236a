//! The same components on several machines: a merged record, cell by cell.
//!
//! Two machines differ in a cell if its outcomes do. Negative controls are
//! meant to differ and are counted, not compared. What a machine fails as a
//! known defect predicts is not compared either: a defect that does not show
//! everywhere is one of its emulator, or else the other machines fail as its
//! entry is stale; and where its outcomes do not vary from run to run its
//! definition names them, and each record was held to that. Without an outcome
//! there is nothing to compare.

mod code;

use std::collections::{BTreeMap, BTreeSet};

use assay_model::record::Manifest;
use assay_model::{ArmId, CaseId, OutcomeRow, Record, RunId, State};

use crate::arms::Arms;
pub use code::CodeSize;

/// One record of a merged one.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its run.
    pub run: RunId,
    /// Architecture of its programs.
    pub arch: String,
    /// What emulated them.
    pub emulator: Option<String>,
    /// `aarch64, emulated`, with what else tells it from the others.
    pub label: String,
    /// Processor, kernel, engine: a line for tables.
    pub about: String,
}

impl Machine {
    /// Whether an emulator ran its programs.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.emulator.is_some()
    }
}

/// Cells on one machine by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Passed; a control that was caught counts as passed.
    pub passed: usize,
    /// Failed, or planned and not in the record.
    pub failed: usize,
    /// Failed as a known, linked defect predicts.
    pub expected: usize,
    /// The arm cannot do it, and says why.
    pub unsupported: usize,
    /// Not tried, and says why.
    pub skipped: usize,
}

impl Count {
    fn add(&mut self, state: Option<State>) {
        match state {
            Some(State::Pass) => self.passed += 1,
            Some(State::ExpectedFail) => self.expected += 1,
            Some(State::Unsupported) => self.unsupported += 1,
            Some(State::Skipped) => self.skipped += 1,
            Some(State::Fail | State::Crash | State::Timeout | State::UnexpectedPass) | None => {
                self.failed += 1;
            }
        }
    }
}

impl std::fmt::Display for Count {
    /// What there is none of is left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pass", self.passed)?;
        let others = [
            (self.failed, "FAIL"),
            (self.expected, "expected fail"),
            (self.unsupported, "unsupported"),
            (self.skipped, "skipped"),
        ];
        for (count, what) in others {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// One group of cells on every machine: a family of workloads, or an arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// One for each machine.
    pub counts: Vec<Count>,
    /// Cells that several machines have an outcome of.
    pub compared: usize,
    /// Of these, those that are not the same everywhere.
    pub differing: usize,
}

/// What one machine made of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// [`Machine::label`].
    pub machine: String,
    /// What verification said.
    pub state: State,
    /// SHA-256 of the outcome.
    pub digest: String,
    /// The first byte that is not the expected one, with both values.
    pub detail: String,
}

/// A cell that is not the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The case.
    pub workload: CaseId,
    /// The arm.
    pub arm: ArmId,
    /// One for each machine that has it.
    pub ends: Vec<End>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "differs: {} on {}", self.workload, self.arm)?;
        for end in &self.ends {
            let digest: String = end.digest.chars().take(SHOWN).collect();
            write!(f, "\n  {}: {} {digest}", end.machine, end.state)?;
            if !end.detail.is_empty() {
                write!(f, " {}", end.detail)?;
            }
        }
        Ok(())
    }
}

/// Digits of a digest that tell it from others.
const SHOWN: usize = 12;

/// Several machines beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Architectures {
    /// The machines: columns.
    pub machines: Vec<Machine>,
    /// By family of workloads, in the order of names.
    pub families: Vec<Group>,
    /// By arm, up the ladder.
    pub arms: Vec<Group>,
    /// Everything.
    pub all: Group,
    /// Cells that are not the same everywhere.
    pub differences: Vec<Difference>,
    /// Cases whose components are not the same bytes everywhere: not compared.
    pub other_bytes: Vec<CaseId>,
    /// Machine code by machine and arm, of components that all of them have.
    pub code: Vec<CodeSize>,
}

impl Architectures {
    /// The machines of a record; one, if it was not merged.
    #[must_use]
    pub fn of(record: &Record) -> Architectures {
        let manifest = &record.manifest;
        let machines = machines(manifest);
        let known = Arms::of(manifest);
        let places: BTreeMap<&RunId, usize> = (0..)
            .zip(manifest.machines())
            .map(|(i, m)| (&m.run_id, i))
            .collect();
        let other_bytes = manifest.of_other_bytes();
        let mut cells: BTreeMap<(&CaseId, &ArmId), Vec<Option<&OutcomeRow>>> = BTreeMap::new();
        let mut planned: BTreeSet<(&CaseId, &ArmId, usize)> = BTreeSet::new();
        let none = || vec![None; machines.len()];
        for (index, machine) in manifest.machines().enumerate() {
            for cell in &machine.plan.verify {
                planned.insert((&cell.workload, &cell.arm, index));
                cells
                    .entry((&cell.workload, &cell.arm))
                    .or_insert_with(none);
            }
        }
        for row in &record.outcomes {
            let Some(&place) = places.get(&row.run_id) else {
                continue;
            };
            let of = cells.entry((&row.workload, &row.arm)).or_insert_with(none);
            of[place] = Some(row);
        }
        let controls: BTreeSet<&CaseId> = manifest
            .machines()
            .flat_map(|machine| manifest.workloads_of(machine))
            .filter(|receipt| receipt.control)
            .map(|receipt| &receipt.id)
            .collect();
        let mut families = Groups::new(machines.len());
        let mut arms = Groups::new(machines.len());
        let mut all = Groups::new(machines.len());
        let mut differences = Vec::new();
        for ((workload, arm), rows) in &cells {
            let comparable = !controls.contains(workload) && !other_bytes.contains(workload);
            let compared = comparable
                && rows
                    .iter()
                    .flatten()
                    .filter(|row| outcome(row).is_some())
                    .count()
                    > 1;
            let differs = compared && differ(rows);
            for (groups, name) in [
                (&mut families, workload.family()),
                (&mut arms, arm.as_str()),
                (&mut all, ALL),
            ] {
                let group = groups.group(name);
                for (place, row) in rows.iter().enumerate() {
                    if row.is_some() || planned.contains(&(*workload, *arm, place)) {
                        group.counts[place].add(row.map(|row| row.state));
                    }
                }
                group.compared += usize::from(compared);
                group.differing += usize::from(differs);
            }
            if differs {
                differences.push(Difference {
                    workload: (*workload).clone(),
                    arm: (*arm).clone(),
                    ends: ends(&machines, rows),
                });
            }
        }
        let mut arms = arms.finish();
        arms.sort_by_cached_key(|group| {
            group
                .name
                .parse::<ArmId>()
                .ok()
                .map(|id| known.sort_key(&id))
        });
        Architectures {
            code: code::sizes(record, &known, &places),
            machines,
            families: families.finish(),
            arms,
            all: all.group(ALL).clone(),
            differences,
            other_bytes: other_bytes.into_iter().cloned().collect(),
        }
    }

    /// Headings and rows of every cell of every machine.
    #[must_use]
    pub fn cells(record: &Record) -> (Vec<String>, Vec<Vec<String>>) {
        let headings = [
            "workload", "arm", "arch", "emulated", "profile", "run_id", "state", "digest",
            "expected", "detail",
        ];
        let profiles: BTreeMap<&RunId, String> = record
            .manifest
            .machines()
            .map(|machine| (&machine.run_id, machine.plan.profile.to_string()))
            .collect();
        let mut rows: Vec<&OutcomeRow> = record.outcomes.iter().collect();
        rows.sort_by_key(|row| (&row.workload, &row.arm, &row.arch, &row.run_id));
        let rows = rows.into_iter().map(|row| {
            vec![
                row.workload.to_string(),
                row.arm.to_string(),
                row.arch.clone(),
                row.emulated.to_string(),
                profiles.get(&row.run_id).cloned().unwrap_or_default(),
                row.run_id.to_string(),
                row.state.to_string(),
                row.digest.clone(),
                row.expected.clone(),
                row.detail.clone(),
            ]
        });
        (headings.map(str::to_owned).into(), rows.collect())
    }

    /// Headings and rows of the short grid: families by machine.
    #[must_use]
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let mut headings = vec!["family".to_owned()];
        headings.extend(self.machines.iter().map(|machine| machine.label.clone()));
        headings.extend(["compared".to_owned(), "differ".to_owned()]);
        let groups = self.families.iter().chain(std::iter::once(&self.all));
        let rows = groups.map(|group| {
            let mut row = vec![group.name.clone()];
            row.extend(group.counts.iter().map(Count::to_string));
            row.extend([group.compared.to_string(), group.differing.to_string()]);
            row
        });
        (headings, rows.collect())
    }
}

/// The name of the group of everything; no family is called so.
const ALL: &str = "(all)";

struct Groups {
    machines: usize,
    found: BTreeMap<String, Group>,
}

impl Groups {
    fn new(machines: usize) -> Groups {
        Groups {
            machines,
            found: BTreeMap::new(),
        }
    }

    fn group(&mut self, name: &str) -> &mut Group {
        let machines = self.machines;
        self.found.entry(name.to_owned()).or_insert_with(|| Group {
            name: name.to_owned(),
            counts: vec![Count::default(); machines],
            compared: 0,
            differing: 0,
        })
    }

    fn finish(self) -> Vec<Group> {
        self.found.into_values().collect()
    }
}

fn machines(manifest: &Manifest) -> Vec<Machine> {
    let label = |machine: &Manifest| match machine.emulated() {
        true => format!("{}, emulated", machine.arch()),
        false => machine.arch().to_owned(),
    };
    let with_profile = |machine: &Manifest| format!("{}, {}", label(machine), machine.plan.profile);
    let is_alone = |machine: &Manifest, name: &dyn Fn(&Manifest) -> String| {
        manifest
            .machines()
            .filter(|other| name(other) == name(machine))
            .count()
            == 1
    };
    manifest
        .machines()
        .map(|machine| Machine {
            run: machine.run_id.clone(),
            arch: machine.arch().to_owned(),
            emulator: machine.emulated().then(|| {
                machine
                    .fingerprint
                    .emulator
                    .clone()
                    .unwrap_or_else(|| "an emulator".to_owned())
            }),
            label: if is_alone(machine, &label) {
                label(machine)
            } else if is_alone(machine, &with_profile) {
                with_profile(machine)
            } else {
                format!("{}, run {}", with_profile(machine), machine.run_id)
            },
            about: about(machine),
        })
        .collect()
}

fn about(machine: &Manifest) -> String {
    format!(
        "{} · profile {} · {}",
        machine.fingerprint, machine.plan.profile, machine.started_at
    )
}

/// What of a row compares; nothing where nothing came out by design. An arm
/// that broke or did not end has an outcome too: not that of the others.
fn outcome(row: &OutcomeRow) -> Option<&str> {
    match row.digest.as_str() {
        _ if !row.state.compares() => None,
        "" => Some(row.state.as_str()),
        digest => Some(digest),
    }
}

fn differ(rows: &[Option<&OutcomeRow>]) -> bool {
    let rows = rows.iter().flatten();
    let outcomes: BTreeSet<&str> = rows.filter_map(|row| outcome(row)).collect();
    outcomes.len() > 1
}

fn ends(machines: &[Machine], rows: &[Option<&OutcomeRow>]) -> Vec<End> {
    let both = machines.iter().zip(rows);
    both.filter_map(|(machine, row)| {
        let row = (*row)?;
        Some(End {
            machine: machine.label.clone(),
            state: row.state,
            digest: row.digest.clone(),
            detail: row.detail.clone(),
        })
    })
    .collect()
}
