//! The conformance grid, as the template wants it: by family, folded where a
//! family is long and nothing in it failed.

use std::collections::BTreeMap;

use super::headline::state_class;
use crate::analyse::{Analysis, CellState, GridRow};

/// A grid of more rows than these is not read from top to bottom.
const MANY: usize = 40;

pub(super) struct GridView {
    pub row: String,
    pub cells: Vec<GridCellView>,
}

pub(super) struct GridCellView {
    pub id: String,
    pub state: String,
    pub class: &'static str,
    pub digest: String,
    pub title: String,
}

/// The rows of a family of workloads.
pub(super) struct FamilyView {
    pub name: String,
    pub counts: String,
    pub open: bool,
    pub rows: Vec<GridView>,
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
                rows: of.into_iter().map(grid_view).collect(),
            }
        })
        .collect()
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

fn grid_view(row: &GridRow) -> GridView {
    let emulated = if row.emulated { ", emulated" } else { "" };
    GridView {
        row: format!("{} ({}{emulated})", row.workload, row.arch),
        cells: row
            .cells
            .iter()
            .map(|cell| {
                let state = cell.state.as_str();
                let mut title = format!("{} on {}: {state}", row.workload, cell.arm);
                for (name, text) in [
                    ("digest", &cell.digest),
                    ("expected", &cell.expected),
                    ("detail", &cell.detail),
                ] {
                    if !text.is_empty() {
                        title.push_str(&format!("\n{name}: {text}"));
                    }
                }
                GridCellView {
                    id: row.anchor(&cell.arm),
                    class: state_class(state, cell.state.is_failure()),
                    state: state.replace('-', " "),
                    digest: cell.digest.chars().take(8).collect(),
                    title,
                }
            })
            .collect(),
    }
}
