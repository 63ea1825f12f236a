//! Claim 11: components where containers are.

use assay_model::{ArmFacts, ArmId, ArmKind, Metric, State, Verdict};

use super::claim::{Claim, Judgement, SMALLEST, list, outcome_row};
use crate::analyse::{Analysis, CellState};

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[Claim {
    id: "11",
    quote: "“treat Wasm workloads just like any other container” (Spin, wasmCloud, SpinKube \
                on Kubernetes)",
    test: "the same workloads as images that a container engine starts",
    by_figures: true,
    decide: like_any_container,
}];

/// Components that start within twice the time of the container are treated
/// alike by whoever waits for them; beyond it a scheduler, a probe and a bill
/// tell the two apart.
const ALIKE: f64 = 2.0;

/// What the cells of such arms came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cells {
    passed: usize,
    failed: usize,
    known: usize,
}

/// Components that a container engine starts.
fn is_packed(facts: &ArmFacts) -> bool {
    facts.kind.is_wasm() && facts.stack.is_engine()
}

/// The container arm that is asked in the same way for the same sort of image on
/// the same sort of network: of several the one with the least around it.
fn beside<'a>(analysis: &'a Analysis<'_>, packed: &ArmFacts) -> Option<&'a ArmId> {
    let alike = |facts: &ArmFacts| {
        facts.kind == ArmKind::Container
            && facts.stack == packed.stack
            && facts.tier == packed.tier
            && facts.network == packed.network
            && facts.untimed.is_none()
    };
    analysis.known.select(alike).next()
}

/// Claim 11.
fn like_any_container(analysis: &Analysis<'_>) -> Judgement {
    let mut cells = Cells::default();
    let mut rows = Vec::new();
    let here = analysis.grid.rows.iter();
    for row in here.filter(|row| row.arch == analysis.arch) {
        for cell in row.cells.iter().filter(|c| analysis.is(&c.arm, is_packed)) {
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
    for packed in analysis.known.select(is_packed) {
        let facts = analysis.facts(packed);
        let timed = facts.filter(|facts| facts.untimed.is_none());
        let Some(other) = timed.and_then(|facts| beside(analysis, facts)) else {
            continue;
        };
        for workload in SMALLEST {
            let of = |arm: &ArmId| analysis.summary(Metric::COLD_START, workload, arm.as_str());
            let (Some(component), Some(container)) = (of(packed), of(other)) else {
                continue;
            };
            ratios.push(component.estimate.median / container.estimate.median);
            starts.push(format!(
                "{workload} starts in {} as a component ({packed}) and in {} as a container \
                 ({other})",
                component.text(),
                container.text()
            ));
            rows.extend([component.row(), container.row()]);
        }
    }
    let (verdict, words) = verdict_on(cells, &ratios);
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
            "{words} Started by a container engine, {} of {total} cells pass{known}.{starts} What \
             a cluster does with pods beyond starting them is not tested.",
            cells.passed
        ),
        rows,
    )
}

fn verdict_on(cells: Cells, ratios: &[f64]) -> (Verdict, &'static str) {
    if cells.passed + cells.failed == 0 {
        (
            Verdict::NotMeasured,
            "No container engine started a component in this record.",
        )
    } else if cells.failed > 0 {
        (
            Verdict::Refuted,
            "Some components give wrong outcomes through containerd.",
        )
    } else if ratios.is_empty() {
        (
            Verdict::NotMeasured,
            "Components give the right outcomes under a container engine, but this record does not \
             compare their start with that of a container, which decides the claim.",
        )
    } else if ratios.iter().any(|ratio| *ratio > ALIKE) {
        (
            Verdict::Depends,
            "It depends on whether start time matters: outcomes are right, and a start takes more \
             than twice as long as the same program in a container.",
        )
    } else {
        (
            Verdict::Confirmed,
            "Components are started, given input, read and stopped like containers.",
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
            assert_eq!(
                verdict_on(cells, ratios).0,
                expected,
                "{cells:?} {ratios:?}"
            );
        }
    }
}
