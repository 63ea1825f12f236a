//! Claim 12: the tooling of languages other than Rust.

use std::collections::BTreeMap;

use assay_model::{State, Unit, Verdict};

use super::claim::{Claim, Judgement, list, outcome_row};
use crate::analyse::{Analysis, CellState};
use crate::anchor::{self, RowRef};
use crate::format;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[Claim {
    id: "12",
    quote: "Go and Python tooling is “still catching up”",
    test: "components built from Go and Python sources, conformance and size",
    by_figures: false,
    decide: catching_up,
}];

/// The family that holds the same programs in several languages.
const FAMILY: &str = "lang";

/// What the sizes of the others are set beside.
const REFERENCE: &str = "rust";

/// The languages that the sentence names.
const NAMED: [&str; 2] = ["go", "python"];

/// Ten times the size of the same program in Rust: another order of magnitude,
/// which nobody would call level. A language that brings a runtime is larger
/// in any tooling; up to here that is not held against it.
const ANOTHER_ORDER: f64 = 10.0;

/// What the record shows of a language.
#[derive(Debug, Clone, Default, PartialEq)]
struct Language {
    passed: usize,
    ran: usize,
    /// Size of each program over that of the same in Rust.
    ratios: Vec<f64>,
    sizes: Vec<f64>,
}

impl Language {
    fn worst(&self) -> Option<f64> {
        self.ratios.iter().copied().reduce(f64::max)
    }
}

/// Claim 12.
fn catching_up(analysis: &Analysis<'_>) -> Judgement {
    let mut languages: BTreeMap<&str, Language> = BTreeMap::new();
    let mut rows = Vec::new();
    for receipt in &analysis.record.manifest.workloads {
        if receipt.id.family() == FAMILY && !receipt.language.is_empty() {
            languages.entry(&receipt.language).or_default();
        }
    }
    for (name, language) in &mut languages {
        outcomes(analysis, name, language, &mut rows);
        sizes(analysis, name, language, &mut rows);
    }
    let named = NAMED.map(|name| languages.get(name).cloned().unwrap_or_default());
    let (verdict, words) = verdict_on(&named);
    let parts: Vec<String> = languages
        .iter()
        .filter(|(_, language)| language.ran > 0)
        .map(|(name, language)| described(name, language))
        .collect();
    if parts.is_empty() {
        return Judgement::not_measured(words);
    }
    Judgement::new(
        verdict,
        format!(
            "{words} {}. How each toolchain gets there, with adapters or a snapshot of its \
             interpreter, is described in the definitions.",
            parts.join("; ")
        ),
        rows,
    )
}

/// Cases of a language on the arms of the engine under test.
fn outcomes(analysis: &Analysis<'_>, name: &str, into: &mut Language, rows: &mut Vec<RowRef>) {
    let receipts = &analysis.record.manifest.workloads;
    for row in analysis
        .grid
        .rows
        .iter()
        .filter(|r| r.arch == analysis.arch)
    {
        let mut of = receipts.iter().filter(|w| w.id == row.workload);
        if row.workload.family() != FAMILY || !of.any(|w| w.language == name) {
            continue;
        }
        for cell in row
            .cells
            .iter()
            .filter(|c| analysis.known.is_under_test(&c.arm))
        {
            let state = match cell.state {
                CellState::NotPlanned | CellState::Known(State::Unsupported | State::Skipped) => {
                    continue;
                }
                state => state,
            };
            into.ran += 1;
            into.passed += usize::from(state == CellState::Known(State::Pass));
            rows.push(outcome_row(row, cell));
        }
    }
}

/// Sizes of a language's components, each once, and over the one in Rust.
fn sizes(analysis: &Analysis<'_>, name: &str, into: &mut Language, rows: &mut Vec<RowRef>) {
    let mut seen: Vec<&str> = Vec::new();
    for receipt in &analysis.record.manifest.workloads {
        let workload = receipt.id.workload();
        if receipt.id.family() != FAMILY || receipt.language != name || seen.contains(&workload) {
            continue;
        }
        seen.push(workload);
        let Some(size) = receipt.size.map(|size| size.0 as f64) else {
            continue;
        };
        into.sizes.push(size);
        rows.push(RowRef {
            anchor: anchor::component(&receipt.id),
            label: format!(
                "component of {workload}: {}",
                format::value(Unit::Bytes, size)
            ),
        });
        let reference = workload
            .strip_suffix(name)
            .map(|program| format!("{program}{REFERENCE}"))
            .and_then(|id| {
                let mut all = analysis.record.manifest.workloads.iter();
                all.find(|w| w.id.workload() == id)?.size
            });
        if let Some(reference) = reference.filter(|size| size.0 > 0) {
            into.ratios.push(size / reference.0 as f64);
        }
    }
}

fn described(name: &str, language: &Language) -> String {
    let sizes: Vec<String> = language
        .sizes
        .iter()
        .map(|size| format::value(Unit::Bytes, *size))
        .collect();
    let sizes = match sizes.is_empty() {
        true => "sizes not in this record".to_owned(),
        false => list(&sizes),
    };
    let ratio = match language.worst() {
        Some(worst) if name != REFERENCE => {
            format!(", up to {} the same in Rust", format::ratio(worst))
        }
        _ => String::new(),
    };
    format!(
        "{name}: {} of {} cells pass, {sizes}{ratio}",
        language.passed, language.ran
    )
}

fn verdict_on(named: &[Language]) -> (Verdict, &'static str) {
    let any = |pick: &dyn Fn(&Language) -> bool| named.iter().any(pick);
    if any(&|l| l.ran == 0) {
        (
            Verdict::NotMeasured,
            "The claim is about Go and Python, but this record does not have components in both.",
        )
    } else if any(&|l| l.passed < l.ran) {
        (Verdict::Confirmed, "Some programs give wrong outcomes.")
    } else if any(&|l| l.ratios.is_empty()) {
        (
            Verdict::NotMeasured,
            "Every program gives the right outcomes, but this record lacks the sizes of the \
             components, which decide the claim.",
        )
    } else if any(&|l| l.worst().is_some_and(|worst| worst > ANOTHER_ORDER)) {
        (
            Verdict::Depends,
            "It depends on what matters: every program in Go and Python gives the right outcomes, \
             but some are more than ten times as large as the same program in Rust.",
        )
    } else {
        (
            Verdict::Refuted,
            "Every program in Go and Python gives the right outcomes, and none is more than \
             ten times as large as in Rust.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(passed: usize, ran: usize, ratios: &[f64]) -> Language {
        Language {
            passed,
            ran,
            ratios: ratios.to_vec(),
            sizes: Vec::new(),
        }
    }

    #[test]
    fn both_languages_decide_and_weight_is_named() {
        let good = language(40, 40, &[3.0, 4.0]);
        let heavy = language(40, 40, &[3.0, 170.0]);
        for (go, python, expected) in [
            (&good, &good, Verdict::Refuted),
            (&good, &heavy, Verdict::Depends),
            (&language(39, 40, &[3.0]), &good, Verdict::Confirmed),
            (&good, &Language::default(), Verdict::NotMeasured),
            (&good, &language(40, 40, &[]), Verdict::NotMeasured),
        ] {
            let found = verdict_on(&[go.clone(), python.clone()]).0;
            assert_eq!(found, expected, "{go:?} {python:?}");
        }
    }
}
