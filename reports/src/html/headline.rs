//! What stands first: the verdict in a few lines, and the main table.

use std::collections::BTreeSet;

use assay_model::{Unit, Verdict};

use crate::analyse::Analysis;
use crate::claims::Finding;
use crate::format;
use crate::summary::{self, CellLine};

/// One line of the headline.
pub(super) struct Fact {
    pub label: &'static str,
    pub text: String,
    pub class: &'static str,
}

pub(super) fn facts(analysis: &Analysis<'_>, findings: &[Finding]) -> Vec<Fact> {
    let c = analysis.grid.counts;
    let mut same = beside(analysis);
    same.push_str(&format!("{} of {} planned cells pass", c.pass, c.total));
    if c.failed > 0 {
        same.push_str(&format!(
            "; {} failed, of which {} have no row",
            c.failed, c.missing
        ));
    }
    for (n, what) in [
        (c.unsupported, "unsupported"),
        (c.skipped, "skipped"),
        (c.expected_fail, "known defects"),
    ] {
        if n > 0 {
            same.push_str(&format!("; {n} {what}"));
        }
    }
    let verdicts: Vec<String> = [
        Verdict::Confirmed,
        Verdict::Depends,
        Verdict::Refuted,
        Verdict::NotMeasured,
    ]
    .into_iter()
    .map(|verdict| {
        let n = findings.iter().filter(|f| f.verdict == verdict).count();
        format!("{n} {}", verdict.as_str().replace('-', " "))
    })
    .collect();
    let mut facts = vec![
        Fact {
            label: "Same outcome everywhere?",
            text: same,
            class: if analysis.grid.is_green() {
                "good"
            } else {
                "bad"
            },
        },
        Fact {
            label: "Published claims",
            text: format!("{} of {}", verdicts.join(", "), findings.len()),
            class: "",
        },
        Fact {
            label: "Noise floor",
            text: analysis.worst_floor().map_or_else(
                || "unknown: the run has no A/A arm, so small differences mean nothing".to_owned(),
                |share| {
                    format!(
                        "an arm and its A/A twin differ by up to {}; smaller differences mean \
                         nothing here",
                        format::percent(share)
                    )
                },
            ),
            class: "",
        },
    ];
    facts.extend(summary::access_line(analysis).map(|text| Fact {
        label: "Access",
        text,
        class: "",
    }));
    facts
}

/// What a record of several machines answers before anything else; empty of one.
fn beside(analysis: &Analysis<'_>) -> String {
    let all = &analysis.architectures;
    if all.machines.len() < 2 {
        return String::new();
    }
    format!(
        "{} outcomes compared between {} machines, {} differ; ",
        all.all.compared,
        all.machines.len(),
        all.all.differing
    )
}

/// One cell of the main table.
pub(super) struct MainCell {
    pub state: String,
    pub class: &'static str,
    pub detail: String,
    pub start: String,
    pub interval: String,
    pub ratio: String,
    pub pss: String,
}

pub(super) fn main_cell(line: &CellLine) -> MainCell {
    MainCell {
        state: line.outcome.replace('-', " "),
        class: state_class(&line.outcome, line.is_failure),
        detail: line.detail.clone(),
        start: line
            .cold_start
            .as_ref()
            .map(|f| format::value(Unit::Ns, f.median))
            .unwrap_or_default(),
        interval: line
            .cold_start
            .as_ref()
            .and_then(|f| f.text.split_once('[').map(|(_, rest)| format!("[{rest}")))
            .unwrap_or_default(),
        ratio: line
            .ratio_to_native
            .as_ref()
            .map(|r| format::ratio(r.ratio))
            .unwrap_or_default(),
        pss: line
            .pss_bytes
            .map(|v| format::value(Unit::Bytes, v))
            .unwrap_or_default(),
    }
}

/// The class of a state: colour never stands alone, the word is beside it.
pub(super) fn state_class(state: &str, failed: bool) -> &'static str {
    match state {
        _ if failed => "bad",
        "pass" => "good",
        "not-planned" => "none",
        _ => "warn",
    }
}

/// Geometric mean of an arm's ratios to native, with how many workloads.
pub(super) fn mean_ratio(analysis: &Analysis<'_>, arm: &assay_model::ArmId) -> String {
    let ratios: Vec<f64> = analysis
        .effects
        .iter()
        .filter(|e| e.arm == *arm)
        .map(|e| e.effect.ratio)
        .collect();
    let all: BTreeSet<_> = analysis.effects.iter().map(|e| &e.workload).collect();
    match assay_stats::geometric_mean(&ratios) {
        Some(mean) => format!(
            "{} over {} of {}",
            format::ratio(mean),
            ratios.len(),
            all.len()
        ),
        None if analysis.known.baseline() == Some(arm) && !all.is_empty() => "1".to_owned(),
        None => String::new(),
    }
}
