//! What a claim is, and what the files of several claims use.

use crate::analyse::{Analysis, GridCell, GridRow};
use crate::anchor::RowRef;
use assay_model::Verdict;

/// What a judging function returns; the words around it are added by the list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) reason: String,
    pub(super) rows: Vec<RowRef>,
}

impl Judgement {
    pub(super) fn new(verdict: Verdict, reason: impl Into<String>, rows: Vec<RowRef>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            rows,
        }
    }

    pub(super) fn not_measured(reason: impl Into<String>) -> Self {
        Self::new(Verdict::NotMeasured, reason, Vec::new())
    }
}

/// A published sentence, how it is tested, and what decides on it.
pub(super) struct Claim {
    pub(super) id: &'static str,
    pub(super) quote: &'static str,
    pub(super) test: &'static str,
    /// Whether it is tested by times, sizes or memory of the programs, which
    /// have to be as they are measured for that.
    pub(super) by_figures: bool,
    pub(super) decide: fn(&Analysis<'_>) -> Judgement,
}

/// The smallest program of each family: what claims about starts are tested
/// on, as no larger program can start sooner.
pub(super) const SMALLEST: [&str; 2] = ["cli/hello", "http/hello"];

/// The outcome of a cell, as a row that a claim rests on.
pub(super) fn outcome_row(row: &GridRow, cell: &GridCell) -> RowRef {
    RowRef {
        anchor: row.anchor(),
        label: format!(
            "outcome · {} · {}: {}",
            row.workload,
            cell.arm,
            cell.state.as_str()
        ),
    }
}

/// Joins parts with commas and "and".
pub(super) fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
