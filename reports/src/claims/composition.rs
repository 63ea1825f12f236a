//! Claim 8: a component in Python calls one in Rust.

use assay_model::{State, Unit, Verdict};

use super::claim::{Claim, Judgement, list, outcome_row};
use crate::analyse::{Analysis, CellState, Pair, PairArm};
use crate::format;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[Claim {
    id: "8",
    quote: "“a component written in Python to call a component written in Rust seamlessly”",
    test: "a composed Python and Rust component: outcome, and cost of a call",
    by_figures: true,
    decide: python_calls_rust,
}];

/// The composition that the sentence is about.
const PYTHON_RUST: &str = "compose/python-rust";

/// The one that costs what the boundary itself costs.
const RUST_RUST: &str = "compose/rust-rust";

/// Claim 8.
fn python_calls_rust(analysis: &Analysis<'_>) -> Judgement {
    let mut passed = 0;
    let mut rows = Vec::new();
    let mut why_not: Option<&str> = None;
    let mut seen: Vec<&str> = Vec::new();
    for row in &analysis.grid.rows {
        if row.arch != analysis.arch || row.workload.workload() != PYTHON_RUST {
            continue;
        }
        for cell in row
            .cells
            .iter()
            .filter(|c| analysis.known.is_under_test(&c.arm))
        {
            match cell.state {
                CellState::NotPlanned => continue,
                CellState::Known(State::Unsupported | State::Skipped) => {
                    why_not.get_or_insert(&cell.detail);
                    continue;
                }
                state => passed += usize::from(state == CellState::Known(State::Pass)),
            }
            if !seen.contains(&cell.arm.as_str()) {
                seen.push(cell.arm.as_str());
            }
            rows.push(outcome_row(row, cell));
        }
    }
    let (verdict, words) = verdict_on(passed, rows.len());
    if verdict == Verdict::NotMeasured {
        return Judgement::not_measured(match why_not {
            Some(why) => format!("{words} {why}"),
            None => words.to_owned(),
        });
    }
    let arms: Vec<String> = seen.iter().map(|arm| (*arm).to_owned()).collect();
    let mut reason = format!(
        "{words} {passed} of {} cells pass, on {}.",
        rows.len(),
        list(&arms)
    );
    if let Some(pair) = pair(analysis, PYTHON_RUST) {
        reason.push_str(&costs(analysis, pair));
        rows.extend(pair.arms.iter().map(|on| on.row(pair)));
    }
    Judgement::new(verdict, reason, rows)
}

fn verdict_on(passed: usize, ran: usize) -> (Verdict, &'static str) {
    match passed {
        _ if ran == 0 => (
            Verdict::NotMeasured,
            "No Python component that calls a Rust one ran in this record.",
        ),
        0 => (
            Verdict::Refuted,
            "The Python component gets wrong results from the Rust one.",
        ),
        all if all == ran => (
            Verdict::Confirmed,
            "In every case, the Python component gets the specified results from the Rust one.",
        ),
        _ => (
            Verdict::Depends,
            "It depends on the case or the arm: some outcomes differ.",
        ),
    }
}

fn pair<'a>(analysis: &'a Analysis<'_>, of: &str) -> Option<&'a Pair> {
    analysis.pairs.iter().find(|pair| pair.of == of)
}

/// What composing costs here: size, memory, a start and a call.
fn costs(analysis: &Analysis<'_>, pair: &Pair) -> String {
    let size =
        |v: Option<f64>| v.map_or_else(|| "unknown".to_owned(), |v| format::value(Unit::Bytes, v));
    let mut text = format!(
        " Its component has {}, the same in one Rust program {}.",
        size(pair.wasm.of),
        size(pair.wasm.with)
    );
    let calls: Vec<String> = pair
        .arms
        .iter()
        .filter_map(|on| Some(format!("{} on {}", priced(analysis, on)?, on.arm)))
        .collect();
    text.push_str(&if calls.is_empty() {
        " The cost of a call is not in this record.".to_owned()
    } else {
        format!(" One call costs {}.", list(&calls))
    });
    let memory: Vec<String> = pair
        .arms
        .iter()
        .filter_map(|on| {
            let of = on.pss.of?;
            Some(format!(
                "{} on {}",
                format::value(Unit::Bytes, of.median),
                on.arm
            ))
        })
        .collect();
    text.push_str(&if memory.is_empty() {
        " Its memory is not in this record.".to_owned()
    } else {
        format!(" PSS of one instance: {}.", list(&memory))
    });
    text
}

/// `8.9 µs [8.8–9.0] (Rust to Rust 31 ns, inside one program 4 ns)`.
fn priced(analysis: &Analysis<'_>, on: &PairArm) -> Option<String> {
    let call = |on: &PairArm| {
        let mut units = on.units.iter();
        units.find(|unit| unit.unit == "call").map(|unit| unit.cost)
    };
    let cost = call(on)?;
    let mut beside = Vec::new();
    let rust = pair(analysis, RUST_RUST)
        .and_then(|pair| pair.arms.iter().find(|other| other.arm == on.arm))
        .and_then(call);
    if let Some(of) = rust.and_then(|cost| cost.of) {
        beside.push(format!(
            "Rust to Rust {}",
            format::value(Unit::Ns, of.median)
        ));
    }
    if let Some(with) = cost.with {
        let with = format::value(Unit::Ns, with.median);
        beside.push(format!("inside one Rust program {with}"));
    }
    let own = format::estimate(Unit::Ns, &cost.of?);
    Some(match beside.is_empty() {
        true => own,
        false => format!("{own} ({})", beside.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_must_pass() {
        assert_eq!(verdict_on(28, 28).0, Verdict::Confirmed);
        assert_eq!(verdict_on(27, 28).0, Verdict::Depends);
        assert_eq!(verdict_on(0, 28).0, Verdict::Refuted);
        assert_eq!(verdict_on(0, 0).0, Verdict::NotMeasured);
    }
}
