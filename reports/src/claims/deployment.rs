//! Claim 11: components where containers are.

use assay_model::{Metric, State, Verdict};

use super::{Judgement, SMALLEST, list, outcome_row};
use crate::analyse::{Analysis, CellState};

/// The arm that starts components through containerd.
const SHIM: &str = "containerd-shim";

/// The arm that starts their native twins through the same containerd, with the
/// same client.
const CONTAINER: &str = "ctr";

/// Components that start within twice the time of the container are treated
/// alike by whoever waits for them; beyond it a scheduler, a probe and a bill
/// tell the two apart.
const ALIKE: f64 = 2.0;

/// What the cells of the shim came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cells {
    passed: usize,
    failed: usize,
    known: usize,
}

/// Claim 11.
pub(super) fn like_any_container(analysis: &Analysis<'_>) -> Judgement {
    let mut cells = Cells::default();
    let mut rows = Vec::new();
    let here = analysis.grid.rows.iter();
    for row in here.filter(|row| row.arch == analysis.arch) {
        for cell in row.cells.iter().filter(|cell| cell.arm.engine() == SHIM) {
            match cell.state {
                CellState::NotPlanned | CellState::Known(State::Unsupported | State::Skipped) => {
                    continue;
                }
                CellState::Known(State::Pass) => cells.passed += 1,
                CellState::Known(State::ExpectedFail) => cells.known += 1,
                _ => cells.failed += 1,
            }
            rows.push(outcome_row(row, cell));
        }
    }
    let mut ratios = Vec::new();
    let mut starts = Vec::new();
    for workload in SMALLEST {
        let of = |arm| analysis.summary(Metric::COLD_START, workload, arm);
        let (Some(component), Some(container)) = (of(SHIM), of(CONTAINER)) else {
            continue;
        };
        ratios.push(component.estimate.median / container.estimate.median);
        starts.push(format!(
            "{workload} starts in {} as a component and in {} as a container",
            component.text(),
            container.text()
        ));
        rows.extend([component.row(), container.row()]);
    }
    let (verdict, words) = judge(cells, &ratios);
    if verdict == Verdict::NotMeasured {
        return Judgement::not_measured(words);
    }
    let known = match cells.known {
        0 => String::new(),
        known => format!(", {known} fail as a known defect predicts"),
    };
    let total = cells.passed + cells.failed + cells.known;
    let starts = match starts.is_empty() {
        true => String::new(),
        false => format!(" {}.", list(&starts)),
    };
    Judgement::new(
        verdict,
        format!(
            "{words} Through the same containerd, client and image format, {} of {total} cells \
             pass{known}.{starts} What a cluster does with pods beyond starting them is not tested.",
            cells.passed
        ),
        rows,
    )
}

fn judge(cells: Cells, ratios: &[f64]) -> (Verdict, &'static str) {
    if cells.passed + cells.failed == 0 {
        (
            Verdict::NotMeasured,
            "No component was started through containerd in this record.",
        )
    } else if cells.failed > 0 {
        (
            Verdict::Refuted,
            "Not every component does through containerd what it has to.",
        )
    } else if ratios.is_empty() {
        (
            Verdict::NotMeasured,
            "Components do through containerd what they have to; what starting one costs beside \
             a container, which decides, is not in this record.",
        )
    } else if ratios.iter().any(|ratio| *ratio > ALIKE) {
        (
            Verdict::Depends,
            "It depends on who treats them: outcomes are right, and a start takes more than twice \
             as long as the same program in a container.",
        )
    } else {
        (
            Verdict::Confirmed,
            "Components are started, fed, read and ended the way containers are.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_decide_first_and_then_what_a_start_costs() {
        let cells = |passed, failed| Cells {
            passed,
            failed,
            known: 1,
        };
        for (cells, ratios, expected) in [
            (cells(0, 0), &[1.0][..], Verdict::NotMeasured),
            (cells(40, 1), &[1.0], Verdict::Refuted),
            (cells(40, 0), &[], Verdict::NotMeasured),
            (cells(40, 0), &[1.0, 1.9], Verdict::Confirmed),
            (cells(40, 0), &[1.0, 2.1], Verdict::Depends),
        ] {
            assert_eq!(judge(cells, ratios).0, expected, "{cells:?} {ratios:?}");
        }
    }
}
