//! The capability grid: what was granted, what was denied, and what was tried
//! to get outside of both.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::{Access, ArmId, CaseId, Manifest, State};

use super::grid::{CellState, Grid};
use crate::anchor::RowRef;

/// What came of a question of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// What the specification says: it worked, was denied with the specified
    /// error or a trap, or the way out was refused.
    AsSpecified,
    /// Something else. Of an attempt to escape: it got there.
    Differs,
    /// The arm broke, took too long, or has no row: nothing was seen.
    Broke,
    /// The arm has no such interface, or was not there.
    NotRun,
}

impl Found {
    fn of(state: CellState) -> Self {
        match state {
            // A known defect that is gone is no defect.
            CellState::Known(State::Pass | State::UnexpectedPass) => Found::AsSpecified,
            CellState::Known(State::Fail | State::ExpectedFail) => Found::Differs,
            CellState::Known(State::Crash | State::Timeout) | CellState::Missing => Found::Broke,
            CellState::Known(State::Unsupported | State::Skipped) | CellState::NotPlanned => {
                Found::NotRun
            }
        }
    }
}

/// One case of the grid on one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessCell {
    /// The case.
    pub case: CaseId,
    /// The arm.
    pub arm: ArmId,
    /// What it asks.
    pub access: Access,
    /// Whether some interfaces are not linked in it; otherwise it shows what a
    /// program has that was given nothing more.
    pub withheld: bool,
    /// Its state.
    pub state: CellState,
    /// What came of it.
    pub found: Found,
    /// The first difference, or the reason of the state.
    pub detail: String,
    /// The id of its cell in the conformance grid.
    pub anchor: String,
}

impl AccessCell {
    /// The name of the case within its group.
    #[must_use]
    pub fn name(&self) -> &str {
        self.case.case().unwrap_or("(only case)")
    }

    /// The group of interfaces: the workload without its family.
    #[must_use]
    pub fn group(&self) -> &str {
        group(&self.case)
    }

    /// Whether a row or a plan says that it was to be run here, and it could be.
    #[must_use]
    pub fn ran(&self) -> bool {
        self.found != Found::NotRun
    }

    /// A link to its cell.
    #[must_use]
    pub fn row(&self) -> RowRef {
        RowRef {
            anchor: self.anchor.clone(),
            label: format!(
                "{} · {} · {}: {}",
                self.access,
                self.case,
                self.arm,
                self.state.as_str()
            ),
        }
    }
}

fn group(case: &CaseId) -> &str {
    let workload = case.workload();
    workload.split_once('/').map_or(workload, |(_, rest)| rest)
}

/// How many of the cells of a place came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// As specified.
    pub as_specified: usize,
    /// Otherwise.
    pub differs: usize,
    /// Nothing was seen.
    pub broke: usize,
}

impl Tally {
    /// Cells that ran.
    #[must_use]
    pub fn ran(self) -> usize {
        self.as_specified + self.differs + self.broke
    }

    /// Whether all that ran came out as specified, and something ran.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.ran() > 0 && self.as_specified == self.ran()
    }
}

/// Every cell of the record's own architecture that asks for access.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccessGrid {
    /// The cells, by case and then up the ladder of arms.
    pub cells: Vec<AccessCell>,
    /// Columns of the conformance grid, up the ladder.
    order: Vec<ArmId>,
}

impl AccessGrid {
    pub(super) fn of(manifest: &Manifest, grid: &Grid, own: &str) -> Self {
        let asked: BTreeMap<&CaseId, (Access, bool)> = manifest
            .workloads
            .iter()
            .filter_map(|w| Some((&w.id, (w.access?, !w.withheld.is_empty()))))
            .collect();
        let emulated = manifest.fingerprint.emulated == Some(true);
        let mut cells = Vec::new();
        for row in &grid.rows {
            if row.arch != own || row.emulated != emulated {
                continue;
            }
            let Some(&(access, withheld)) = asked.get(&row.workload) else {
                continue;
            };
            for cell in row.cells.iter().filter(|c| !c.arm.is_twin()) {
                cells.push(AccessCell {
                    case: row.workload.clone(),
                    arm: cell.arm.clone(),
                    access,
                    withheld,
                    state: cell.state,
                    found: Found::of(cell.state),
                    detail: cell.detail.clone(),
                    anchor: row.anchor(),
                });
            }
        }
        Self {
            cells,
            order: grid.arms.clone(),
        }
    }

    /// The cells that ask one of these questions.
    pub fn asking<'a>(&'a self, asks: &'a [Access]) -> impl Iterator<Item = &'a AccessCell> {
        self.cells.iter().filter(|c| asks.contains(&c.access))
    }

    /// Arms that ran something of this, up the ladder.
    #[must_use]
    pub fn arms(&self, asks: &[Access]) -> Vec<ArmId> {
        let ran = self.asking(asks).filter(|c| c.ran());
        let all: BTreeSet<&ArmId> = ran.map(|c| &c.arm).collect();
        let order = self.order.iter().filter(|arm| all.contains(arm));
        order.cloned().collect()
    }

    /// Groups of interfaces with such questions, in the order of names.
    #[must_use]
    pub fn groups(&self, asks: &[Access]) -> Vec<String> {
        let all: BTreeSet<&str> = self.asking(asks).map(AccessCell::group).collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// Counts the cells that a predicate picks.
    #[must_use]
    pub fn tally(&self, pick: impl Fn(&AccessCell) -> bool) -> Tally {
        let mut tally = Tally::default();
        for cell in self.cells.iter().filter(|c| pick(c)) {
            match cell.found {
                Found::AsSpecified => tally.as_specified += 1,
                Found::Differs => tally.differs += 1,
                Found::Broke => tally.broke += 1,
                Found::NotRun => {}
            }
        }
        tally
    }

    /// Groups for which denying is only a matter of not linking: of all that is
    /// denied in them, nothing is denied to a program that was merely given
    /// nothing.
    #[must_use]
    pub fn open_by_default(&self) -> Vec<String> {
        let of = |group: &str, pick: &dyn Fn(&AccessCell) -> bool| {
            self.cells.iter().any(|c| c.group() == group && pick(c))
        };
        let denied = |c: &AccessCell| c.access == Access::Denied;
        self.groups(&[Access::Denied])
            .into_iter()
            .filter(|group| !of(group, &|c| denied(c) && !c.withheld))
            .filter(|group| of(group, &|c| c.access == Access::Granted && c.ran()))
            .collect()
    }
}
