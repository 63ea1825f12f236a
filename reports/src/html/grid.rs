//! The conformance grid, as the template wants it: by family, folded where a
//! family is long and nothing in it failed, and a row for all cases of which the
//! same became on every arm.

use std::collections::{BTreeMap, BTreeSet};

use super::headline::state_class;
use crate::analyse::{Analysis, CellState, GridRow};

/// A grid of more rows than these is not read from top to bottom.
const MANY: usize = 40;

/// Arms on which the cases of a group came out alike.
#[derive(PartialEq)]
pub(super) struct StateView {
    pub state: String,
    pub class: &'static str,
    pub arms: String,
    pub detail: String,
}

/// A case of a group.
pub(super) struct CaseView {
    /// Empty where an earlier line of the case has it.
    pub id: String,
    pub name: String,
    /// First digits of the SHA-256 that is expected.
    pub expected: String,
    /// Arms with another outcome, and its first digits.
    pub others: String,
}

/// Cases of which the same became on every arm.
pub(super) struct GroupView {
    pub machine: String,
    pub states: Vec<StateView>,
    pub cases: Vec<CaseView>,
}

/// The cases of a family of workloads.
pub(super) struct FamilyView {
    pub name: String,
    pub counts: String,
    pub open: bool,
    pub groups: Vec<GroupView>,
}

/// Families in the order of names.
pub(super) fn families(analysis: &Analysis<'_>) -> Vec<FamilyView> {
    let rows = &analysis.grid.rows;
    let mut found: BTreeMap<&str, Vec<&GridRow>> = BTreeMap::new();
    for row in rows {
        found.entry(row.workload.family()).or_default().push(row);
    }
    found
        .into_iter()
        .map(|(name, of)| {
            let cells = || of.iter().flat_map(|row| &row.cells);
            let failed = cells().any(|cell| cell.state.is_failure());
            FamilyView {
                name: name.to_owned(),
                counts: counts(cells().map(|cell| cell.state)),
                open: failed || rows.len() <= MANY,
                groups: alike(groups(&of)),
            }
        })
        .collect()
}

/// Rows of one machine whose cells are in the same states for the same reasons,
/// in the order in which the first of each comes.
fn groups(rows: &[&GridRow]) -> Vec<GroupView> {
    type Alike<'a> = (&'a str, bool, Vec<(&'static str, &'a str)>);
    let mut places: BTreeMap<Alike<'_>, usize> = BTreeMap::new();
    let mut found: Vec<Vec<&GridRow>> = Vec::new();
    for row in rows {
        let cells = row.cells.iter();
        let cells = cells.map(|cell| (cell.state.as_str(), cell.detail.as_str()));
        let alike = (row.arch.as_str(), row.emulated, cells.collect());
        let place = *places.entry(alike).or_insert(found.len());
        match found.get_mut(place) {
            Some(group) => group.push(row),
            None => found.push(vec![row]),
        }
    }
    let groups = found.into_iter().filter_map(|group| {
        let first = group.first()?;
        let emulated = if first.emulated { ", emulated" } else { "" };
        Some(GroupView {
            machine: format!("{}{emulated}", first.arch),
            states: states(first),
            cases: group.iter().map(|row| case(row)).collect(),
        })
    });
    groups.collect()
}

/// Groups of several machines that say the same, as one. The first line of each
/// case keeps its id.
fn alike(groups: Vec<GroupView>) -> Vec<GroupView> {
    let same_cases = |a: &[CaseView], b: &[CaseView]| {
        let told = |case: &CaseView| {
            let CaseView {
                name,
                expected,
                others,
                ..
            } = case;
            [name, expected, others].map(Clone::clone)
        };
        a.len() == b.len() && a.iter().map(told).eq(b.iter().map(told))
    };
    let mut found: Vec<GroupView> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for mut group in groups {
        let same = found
            .iter_mut()
            .find(|known| known.states == group.states && same_cases(&known.cases, &group.cases));
        if let Some(known) = same {
            known.machine = format!("{}; {}", known.machine, group.machine);
            continue;
        }
        for case in &mut group.cases {
            if !seen.insert(case.id.clone()) {
                case.id = String::new();
            }
        }
        found.push(group);
    }
    found
}

/// The states of a row, each with its arms.
fn states(row: &GridRow) -> Vec<StateView> {
    let mut found: Vec<(CellState, &str, Vec<&str>)> = Vec::new();
    for cell in &row.cells {
        if cell.state == CellState::NotPlanned {
            continue;
        }
        let same = found
            .iter_mut()
            .find(|(state, detail, _)| *state == cell.state && *detail == cell.detail);
        match same {
            Some((_, _, arms)) => arms.push(cell.arm.as_str()),
            None => found.push((cell.state, &cell.detail, vec![cell.arm.as_str()])),
        }
    }
    found
        .into_iter()
        .map(|(state, detail, arms)| StateView {
            state: state.as_str().replace('-', " "),
            class: state_class(state.as_str(), state.is_failure()),
            arms: arms.join(", "),
            detail: detail.to_owned(),
        })
        .collect()
}

fn case(row: &GridRow) -> CaseView {
    let short = |digest: &str| digest.chars().take(8).collect::<String>();
    let expected = row.cells.iter().find(|cell| !cell.expected.is_empty());
    let others = row
        .cells
        .iter()
        .filter(|cell| !cell.digest.is_empty() && cell.digest != cell.expected)
        .map(|cell| format!("{} {}", cell.arm, short(&cell.digest)));
    CaseView {
        id: row.anchor(),
        name: row.workload.to_string(),
        expected: expected.map_or_else(String::new, |cell| short(&cell.expected)),
        others: others.collect::<Vec<_>>().join(", "),
    }
}

/// `40 of 52 pass, 12 unsupported`.
fn counts(states: impl Iterator<Item = CellState>) -> String {
    let mut found: Vec<(&str, usize)> = Vec::new();
    let mut all = 0;
    for state in states.filter(|state| *state != CellState::NotPlanned) {
        all += 1;
        match found.iter_mut().find(|(name, _)| *name == state.as_str()) {
            Some((_, n)) => *n += 1,
            None => found.push((state.as_str(), 1)),
        }
    }
    let passed = found.iter().find(|(name, _)| *name == "pass");
    let mut text = format!("{} of {all} pass", passed.map_or(0, |(_, n)| *n));
    found.sort_unstable();
    for (name, n) in found.iter().filter(|(name, _)| *name != "pass") {
        text.push_str(&format!(", {n} {}", name.replace('-', " ")));
    }
    text
}
