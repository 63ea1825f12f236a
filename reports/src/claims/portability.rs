//! Claims 6, 7 and 9c: the same program everywhere.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::{ArmId, CaseId, EngineName, State, Verdict};

use super::claim::{Claim, Judgement, list, outcome_row};
use crate::analyse::{Analysis, CellState};
use crate::anchor::RowRef;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "6",
        quote: "“runs identically on an ARM-based edge device as it does on an x86 cloud server”",
        test: "outcome digests of the same components on at least two architectures",
        by_figures: false,
        decide: identical_on_arm,
    },
    Claim {
        id: "7",
        quote: "“any host runtime that supports that contract, such as Wasmtime, can execute the \
                binary without modification”",
        test: "the same component hashes on engines that are independent of each other",
        by_figures: false,
        decide: any_host,
    },
    Claim {
        id: "9c",
        quote: "Wasmtime has “full support for the 0.2 specifications”",
        test: "how much of the fixed set of 0.2 interfaces the workloads call and pass",
        by_figures: false,
        decide: full_support,
    },
];

/// Whether an architecture's name is one of ARM's.
fn is_arm(arch: &str) -> bool {
    arch.starts_with("aarch64") || arch.starts_with("arm")
}

fn is_x86(arch: &str) -> bool {
    arch.starts_with("x86") || arch == "i686"
}

/// What one architecture made of a workload on an arm.
struct Seen<'a> {
    arch: &'a str,
    emulated: bool,
    digest: &'a str,
    row: RowRef,
}

/// More rows than these are not listed: the section on architectures sums them
/// up.
const LISTED: usize = 60;

/// Claim 6.
fn identical_on_arm(analysis: &Analysis<'_>) -> Judgement {
    let mut cells: BTreeMap<(&CaseId, &ArmId), Vec<Seen<'_>>> = BTreeMap::new();
    // Meant to differ, or not the same program.
    let receipts = &analysis.record.manifest.workloads;
    let controls = receipts.iter().filter(|receipt| receipt.control);
    let apart: BTreeSet<&CaseId> = controls
        .map(|receipt| &receipt.id)
        .chain(&analysis.architectures.other_bytes)
        .collect();
    let rows = analysis.grid.rows.iter();
    for row in rows.filter(|row| is_arm(&row.arch) || is_x86(&row.arch)) {
        for cell in row
            .cells
            .iter()
            .filter(|c| analysis.is(&c.arm, |facts| facts.kind.is_wasm()))
        {
            let CellState::Known(state) = cell.state else {
                continue;
            };
            if !state.compares() || apart.contains(&row.workload) {
                continue;
            }
            cells
                .entry((&row.workload, &cell.arm))
                .or_default()
                .push(Seen {
                    arch: &row.arch,
                    emulated: row.emulated,
                    digest: &cell.digest,
                    row: RowRef {
                        anchor: row.anchor(),
                        label: format!("outcome · {} · {} · {}", row.workload, cell.arm, row.arch),
                    },
                });
        }
    }
    let real: BTreeSet<&str> = of_archs(&cells, |s| !s.emulated);
    let emulated: BTreeSet<&str> = of_archs(&cells, |s| s.emulated);
    let all: BTreeSet<&str> = real.union(&emulated).copied().collect();
    if !(all.iter().any(|a| is_arm(a)) && all.iter().any(|a| is_x86(a))) {
        let names: Vec<String> = all.iter().map(|a| (*a).to_owned()).collect();
        let names = if names.is_empty() {
            "no architecture".to_owned()
        } else {
            list(&names)
        };
        return Judgement::not_measured(format!(
            "This record holds outcomes of {names}; both an ARM and an x86 machine are needed. \
             Run on the other one and merge the two records."
        ));
    }
    let shared: Vec<&Vec<Seen<'_>>> = cells
        .values()
        .filter(|seen| seen.iter().map(|s| s.arch).collect::<BTreeSet<_>>().len() > 1)
        .collect();
    let differing: Vec<&&Vec<Seen<'_>>> = shared
        .iter()
        .filter(|seen| seen.iter().any(|s| s.digest != seen[0].digest))
        .collect();
    let hardware = real.iter().any(|a| is_arm(a)) && real.iter().any(|a| is_x86(a));
    let (verdict, words) = verdict_on_identical(shared.len(), differing.len(), hardware);
    let shown = if differing.is_empty() {
        shared.iter().copied().flatten().collect::<Vec<_>>()
    } else {
        differing.iter().flat_map(|seen| seen.iter()).collect()
    };
    let rests_on = match shown.len() {
        0..=LISTED => shown.iter().map(|s| s.row.clone()).collect(),
        many => vec![RowRef {
            anchor: "architectures".to_owned(),
            label: format!("{many} rows, summarised under Architectures"),
        }],
    };
    let names: Vec<String> = all.iter().map(|a| (*a).to_owned()).collect();
    Judgement::new(
        verdict,
        format!(
            "{words} {} of {} outcomes that {} share are the same, by SHA-256.",
            shared.len() - differing.len(),
            shared.len(),
            list(&names)
        ),
        rests_on,
    )
}

fn of_archs<'a>(
    cells: &BTreeMap<(&CaseId, &ArmId), Vec<Seen<'a>>>,
    pick: impl Fn(&Seen<'_>) -> bool,
) -> BTreeSet<&'a str> {
    let seen = cells.values().flatten();
    seen.filter(|s| pick(s)).map(|s| s.arch).collect()
}

fn verdict_on_identical(
    shared: usize,
    differing: usize,
    hardware: bool,
) -> (Verdict, &'static str) {
    match (shared, differing, hardware) {
        (0, _, _) => (
            Verdict::NotMeasured,
            "The architectures of this record share no workload and arm.",
        ),
        (_, 0, true) => (Verdict::Confirmed, "Identical outcomes on real hardware."),
        (_, 0, false) => (
            Verdict::Depends,
            "Identical outcomes, but one side was emulated, which tests the instruction set and \
             not a device.",
        ),
        (_, _, _) => (Verdict::Refuted, "Some outcomes differ."),
    }
}

/// Cells of an engine that had a say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ran {
    passed: usize,
    of: usize,
}

/// Claim 7. What is wrapped around an engine shows the defects of that engine, so
/// engines are counted and not arms.
fn any_host(analysis: &Analysis<'_>) -> Judgement {
    let mut engines: BTreeMap<&EngineName, Ran> = BTreeMap::new();
    let mut arms: BTreeMap<&ArmId, Ran> = BTreeMap::new();
    let mut rows = Vec::new();
    let tested = analysis.known.engine_under_test();
    for row in &analysis.grid.rows {
        for cell in &row.cells {
            let Some(facts) = analysis.facts(&cell.arm).filter(|f| f.kind.is_wasm()) else {
                continue;
            };
            let CellState::Known(state) = cell.state else {
                continue;
            };
            if state == State::Skipped {
                continue;
            }
            for ran in [
                engines.entry(&facts.engine).or_default(),
                arms.entry(&cell.arm).or_default(),
            ] {
                ran.of += 1;
                ran.passed += usize::from(state == State::Pass);
            }
            if Some(&facts.engine) != tested {
                rows.push(outcome_row(row, cell));
            }
        }
    }
    let others: Vec<Ran> = engines
        .iter()
        .filter(|(engine, _)| Some(**engine) != tested)
        .map(|(_, ran)| *ran)
        .collect();
    let (verdict, words) = verdict_on_hosts(engines.len(), &others);
    if verdict == Verdict::NotMeasured {
        return Judgement::not_measured(format!("{words}{}", second_engine(analysis, &engines)));
    }
    let parts: Vec<String> = arms
        .iter()
        .filter_map(|(arm, ran)| {
            let engine = &analysis.facts(arm)?.engine;
            let other = Some(engine) != tested;
            other.then(|| format!("{arm} ({engine}) passed {} of {}", ran.passed, ran.of))
        })
        .collect();
    Judgement::new(verdict, format!("{words} {}.", list(&parts)), rows)
}

/// Which engine is there, and how to get one beside it.
fn second_engine(analysis: &Analysis<'_>, engines: &BTreeMap<&EngineName, Ran>) -> String {
    let Some(only) = engines.keys().next() else {
        return String::new();
    };
    let missing = analysis
        .unavailable()
        .find(|(arm, ..)| analysis.is(arm, |facts| facts.kind.is_wasm() && facts.engine != **only));
    match missing {
        Some((arm, reason, remedy)) => {
            format!(" It is {only}. {arm} embeds another one and did not run: {reason}; {remedy}.")
        }
        None => format!(
            " It is {only}, whatever is wrapped around it. Run an arm that embeds another engine; \
             harness/ARCHITECTURE.md says under “Where to add what” how to add one."
        ),
    }
}

/// `others` are engines beside the one under test.
fn verdict_on_hosts(engines: usize, others: &[Ran]) -> (Verdict, &'static str) {
    let whole = others.iter().filter(|ran| ran.passed == ran.of).count();
    match (engines, whole) {
        (0, _) => (
            Verdict::NotMeasured,
            "No engine ran a component in this record.",
        ),
        (1, _) => (
            Verdict::NotMeasured,
            "Only one engine ran components in this record; deciding the claim takes a second one.",
        ),
        (_, all) if all == others.len() => (
            Verdict::Confirmed,
            "Every other engine in this record ran the same bytes with the same outcomes.",
        ),
        (_, 0) => (
            Verdict::Refuted,
            "No other engine in this record ran all of the same components.",
        ),
        _ => (Verdict::Depends, "It depends on the engine."),
    }
}

/// Claim 9c.
fn full_support(analysis: &Analysis<'_>) -> Judgement {
    let coverage = &analysis.record.manifest.coverage;
    let mut cases: BTreeMap<&CaseId, State> = BTreeMap::new();
    let mut differing = Vec::new();
    for row in &analysis.grid.rows {
        for cell in row
            .cells
            .iter()
            .filter(|c| analysis.known.is_under_test(&c.arm))
        {
            let CellState::Known(state) = cell.state else {
                continue;
            };
            // One arm that differs is a case that differs.
            let worst = cases.entry(&row.workload).or_insert(state);
            if matches!(state, State::Fail | State::ExpectedFail) {
                *worst = state;
                differing.push(outcome_row(row, cell));
            }
        }
    }
    let called = coverage.iter().filter(|covered| covered.cases > 0).count();
    let different = cases
        .values()
        .filter(|state| matches!(state, State::Fail | State::ExpectedFail))
        .count();
    let verdict = verdict_on_support(called, coverage.len(), different);
    let counted = format!(
        "The verified cases call {called} of the {} functions of WASI 0.2, and {different} of {} \
         cases differ from the specification",
        coverage.len(),
        cases.len()
    );
    let reason = match verdict {
        Verdict::NotMeasured if coverage.is_empty() => {
            "No arm of this run could tell which functions its cases call.".to_owned()
        }
        Verdict::NotMeasured => {
            format!("{counted}. “Full” covers every function: verify the whole fixed set.")
        }
        Verdict::Confirmed => format!("{counted}."),
        _ => format!(
            "{counted}; each is linked to a report or to the code. Every function exists and \
             answers, so it depends on whether “full” means every function or every sentence of \
             the specification."
        ),
    };
    Judgement::new(verdict, reason, differing)
}

fn verdict_on_support(called: usize, of: usize, different: usize) -> Verdict {
    match (called, different) {
        (called, _) if called == 0 || called < of => Verdict::NotMeasured,
        (_, 0) => Verdict::Confirmed,
        _ => Verdict::Depends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_support_is_judged_where_every_function_was_called() {
        assert_eq!(verdict_on_support(0, 0, 0), Verdict::NotMeasured);
        assert_eq!(verdict_on_support(176, 177, 0), Verdict::NotMeasured);
        assert_eq!(verdict_on_support(177, 177, 0), Verdict::Confirmed);
        assert_eq!(verdict_on_support(177, 177, 3), Verdict::Depends);
    }

    #[test]
    fn engines_beside_the_one_under_test_decide() {
        let (good, bad) = (Ran { passed: 4, of: 4 }, Ran { passed: 3, of: 4 });
        for (engines, others, expected) in [
            (0, &[][..], Verdict::NotMeasured),
            (1, &[], Verdict::NotMeasured),
            (2, &[good], Verdict::Confirmed),
            (2, &[bad], Verdict::Refuted),
            (3, &[bad, good], Verdict::Depends),
        ] {
            assert_eq!(verdict_on_hosts(engines, others).0, expected, "{engines}");
        }
    }

    #[test]
    fn emulation_does_not_stand_for_a_device() {
        assert_eq!(verdict_on_identical(10, 0, true).0, Verdict::Confirmed);
        assert_eq!(verdict_on_identical(10, 0, false).0, Verdict::Depends);
        assert_eq!(verdict_on_identical(10, 1, true).0, Verdict::Refuted);
        assert_eq!(verdict_on_identical(0, 0, true).0, Verdict::NotMeasured);
    }
}
