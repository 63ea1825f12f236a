//! The conformance grid, counted against the plan: a row that is not there is
//! a failure, not a smaller total.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::{ArmId, CaseId, OutcomeRow, Record, State};

use crate::anchor;
use crate::arms::Arms;

/// What one cell of the grid says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellState {
    /// A row says so.
    Known(State),
    /// Planned, and the record has no row. Counts as a failure.
    Missing,
    /// Neither planned nor run.
    NotPlanned,
}

impl CellState {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CellState::Known(state) => state.as_str(),
            CellState::Missing => "missing",
            CellState::NotPlanned => "not-planned",
        }
    }

    /// Whether it makes the verification fail.
    #[must_use]
    pub fn is_failure(self) -> bool {
        match self {
            CellState::Known(state) => state.is_failure(),
            CellState::Missing => true,
            CellState::NotPlanned => false,
        }
    }
}

/// One workload on one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct GridCell {
    /// The arm.
    pub arm: ArmId,
    /// Its state.
    pub state: CellState,
    /// SHA-256 of the outcome, empty where there was none.
    pub digest: String,
    /// SHA-256 of the expected outcome.
    pub expected: String,
    /// The first difference, or the reason of the state.
    pub detail: String,
}

/// One workload on one architecture.
#[derive(Debug, Clone, PartialEq)]
pub struct GridRow {
    /// The case.
    pub workload: CaseId,
    /// The architecture.
    pub arch: String,
    /// Whether an emulator ran it.
    pub emulated: bool,
    /// One cell per arm of the grid, in its order.
    pub cells: Vec<GridCell>,
}

impl GridRow {
    /// The id of the case's line in the report, where what became of it on each
    /// machine and arm begins.
    #[must_use]
    pub fn anchor(&self) -> String {
        anchor::row("outcome", &self.workload, "case")
    }
}

/// How many planned cells are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GridCounts {
    /// Cells: planned ones, and rows beyond the plan.
    pub total: usize,
    /// Passed.
    pub pass: usize,
    /// Failed, crashed, timed out, passed unexpectedly, or missing.
    pub failed: usize,
    /// Of the failed, those without a row.
    pub missing: usize,
    /// The arm cannot do it. Never a pass.
    pub unsupported: usize,
    /// Not tried, with a reason. Never a pass.
    pub skipped: usize,
    /// Known, linked defects.
    pub expected_fail: usize,
}

/// The grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Columns, up the isolation ladder.
    pub arms: Vec<ArmId>,
    /// Rows, the record's own architecture first.
    pub rows: Vec<GridRow>,
    /// Counts over all cells.
    pub counts: GridCounts,
}

impl Grid {
    /// A cell of the record's own architecture.
    #[must_use]
    pub fn cell(&self, arch: &str, workload: &CaseId, arm: &ArmId) -> Option<&GridCell> {
        self.rows
            .iter()
            .find(|r| r.arch == arch && !r.emulated && r.workload == *workload)?
            .cells
            .iter()
            .find(|c| c.arm == *arm)
    }

    /// Whether every planned cell passed or is excused with a reason.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.counts.failed == 0 && self.counts.total > 0
    }
}

type RowKey = (bool, String, bool, CaseId);

pub(super) fn grid(record: &Record, arms: &Arms, own: &str) -> Grid {
    let key = |arch: &str, emulated: bool, workload: &CaseId| -> RowKey {
        // False sorts first: the record's own architecture leads.
        (arch != own, arch.to_owned(), emulated, workload.clone())
    };
    let mut planned: BTreeSet<(RowKey, ArmId)> = BTreeSet::new();
    for machine in record.manifest.machines() {
        let arch = machine.fingerprint.arch.as_deref().unwrap_or(own);
        for cell in &machine.plan.verify {
            // What an emulated record plans is emulated.
            let row = key(arch, machine.emulated(), &cell.workload);
            planned.insert((row, cell.arm.clone()));
        }
    }
    let mut known: BTreeMap<(RowKey, ArmId), &OutcomeRow> = BTreeMap::new();
    for row in &record.outcomes {
        let place = (key(&row.arch, row.emulated, &row.workload), row.arm.clone());
        // Of several rows for a cell the worst counts.
        let seen = known.entry(place).or_insert(row);
        if row.state.is_failure() && !seen.state.is_failure() {
            *seen = row;
        }
    }
    let all: BTreeSet<(RowKey, ArmId)> = planned.iter().chain(known.keys()).cloned().collect();
    let mut columns: Vec<ArmId> = all
        .iter()
        .map(|(_, arm)| arm.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    arms.sort(&mut columns);
    let row_keys: BTreeSet<RowKey> = all.into_iter().map(|(key, _)| key).collect();
    let rows: Vec<GridRow> = row_keys
        .into_iter()
        .map(|key| {
            let cells = columns
                .iter()
                .map(|arm| {
                    let place = (key.clone(), arm.clone());
                    cell(arm, known.get(&place).copied(), planned.contains(&place))
                })
                .collect();
            let (_, arch, emulated, workload) = key;
            GridRow {
                workload,
                arch,
                emulated,
                cells,
            }
        })
        .collect();
    Grid {
        counts: counts(&rows),
        arms: columns,
        rows,
    }
}

fn cell(arm: &ArmId, row: Option<&OutcomeRow>, planned: bool) -> GridCell {
    match row {
        Some(row) => GridCell {
            arm: arm.clone(),
            state: CellState::Known(row.state),
            digest: row.digest.clone(),
            expected: row.expected.clone(),
            detail: row.detail.clone(),
        },
        None => GridCell {
            arm: arm.clone(),
            state: if planned {
                CellState::Missing
            } else {
                CellState::NotPlanned
            },
            digest: String::new(),
            expected: String::new(),
            detail: if planned {
                "planned, but outcomes.csv has no row for it".to_owned()
            } else {
                String::new()
            },
        },
    }
}

fn counts(rows: &[GridRow]) -> GridCounts {
    let mut counts = GridCounts::default();
    for cell in rows.iter().flat_map(|row| &row.cells) {
        if cell.state == CellState::NotPlanned {
            continue;
        }
        counts.total += 1;
        if cell.state.is_failure() {
            counts.failed += 1;
        }
        match cell.state {
            CellState::Missing => counts.missing += 1,
            CellState::Known(State::Pass) => counts.pass += 1,
            CellState::Known(State::Unsupported) => counts.unsupported += 1,
            CellState::Known(State::Skipped) => counts.skipped += 1,
            CellState::Known(State::ExpectedFail) => counts.expected_fail += 1,
            CellState::Known(_) | CellState::NotPlanned => {}
        }
    }
    counts
}
