//! Pairs of workloads, as the template wants them.

use assay_model::{Shows, Unit};
use assay_stats::Estimate;

use super::data::{Row, Table};
use crate::analyse::{Analysis, Both, CellState, Pair, PairArm};
use crate::format;

/// Two figures and what stands beneath them.
pub(super) struct Change {
    pub text: String,
    pub notes: Vec<String>,
    pub class: &'static str,
}

/// A pair on one arm.
pub(super) struct PairRow {
    pub id: String,
    pub arm: String,
    pub cells: Vec<Change>,
}

/// A pair.
pub(super) struct PairView {
    pub of: String,
    pub with: String,
    pub size: String,
    pub least: String,
    pub rows: Vec<PairRow>,
}

/// All pairs that show the same thing.
pub(super) struct PairsView {
    pub id: &'static str,
    pub title: &'static str,
    pub lead: Vec<&'static str>,
    pub nothing: &'static str,
    /// What makes a record that has it.
    pub command: &'static str,
    pub headers: Vec<String>,
    pub pairs: Vec<PairView>,
    pub starts: Option<Table>,
}

const NOT_MEASURED: &str = "not measured";
const HALF_MEASURED: &str = "– not measured";

fn nothing() -> String {
    "–".to_owned()
}

/// Both sections, in the order of the page.
pub(super) fn sections(analysis: &Analysis<'_>) -> Vec<PairsView> {
    vec![
        section(
            analysis,
            Shows::Composition,
            "composition",
            "Composition",
            vec![
                "The same program as one component and composed of several: every arrow goes from \
                 the single program to the composed one, on the same arm. Outcomes are alike where \
                 both pass with the same SHA-256. Both are one instance per request or launch, \
                 under one engine config; what differs is where a call goes, and that each \
                 component has a memory and a standard library of its own. Where the languages \
                 differ, a figure includes the language's runtime; rust-rust shows the cost of the \
                 boundary itself.",
                "The cost of one unit is the cold start of a case that does it many times, minus \
                 that of a case that does everything else, divided by the number of units; the \
                 difference is taken within each block.",
            ],
            "This record has no composed workload.",
            "assay run --workloads 'compose/*'",
        ),
        section(
            analysis,
            Shows::Wasi03,
            "wasi-03",
            "WASI 0.2 and 0.3",
            vec![
                "The same source for either version: every arrow goes from 0.2 to 0.3, on the same \
                 arm. Equal in both: the program, the arm, and how often an instance is used (one \
                 request or launch each, though hosts of 0.3 may keep theirs). Not equal: 0.3 needs \
                 an engine with concurrency_support and wasm_component_model_async, which 0.2 runs \
                 without, so its machine code is compiled under another config and a ratio holds \
                 interface and engine together. Fresh-process arms do not run 0.3.",
            ],
            "This record has no pair of 0.2 and 0.3.",
            "assay run --workloads 'p3/*'",
        ),
    ]
}

fn section(
    analysis: &Analysis<'_>,
    shows: Shows,
    id: &'static str,
    title: &'static str,
    lead: Vec<&'static str>,
    nothing: &'static str,
    command: &'static str,
) -> PairsView {
    let pairs: Vec<&Pair> = analysis.pairs.iter().filter(|p| p.shows == shows).collect();
    // What is priced anywhere has a column.
    let mut units: Vec<&str> = Vec::new();
    let priced = pairs.iter().flat_map(|p| &p.arms).flat_map(|on| &on.units);
    for unit in priced {
        if !units.contains(&unit.unit.as_str()) {
            units.push(&unit.unit);
        }
    }
    units.sort_unstable_by_key(|unit| unit.to_lowercase());
    let mut headers: Vec<String> = ["outcomes", "compiled", "cold start", "PSS, one instance"]
        .map(str::to_owned)
        .to_vec();
    headers.extend(units.iter().map(|unit| format!("one {unit}")));
    PairsView {
        id,
        title,
        lead,
        nothing,
        command,
        headers,
        starts: starts(&pairs, title),
        pairs: pairs
            .iter()
            .map(|pair| PairView {
                of: pair.of.clone(),
                with: pair.with.clone(),
                size: {
                    let Change { text, notes, .. } = sizes(pair.wasm);
                    [vec![text], notes].concat().join(", ")
                },
                least: pair.least.clone(),
                rows: pair.arms.iter().map(|on| row(on, &units)).collect(),
            })
            .collect(),
    }
}

fn row(on: &PairArm, units: &[&str]) -> PairRow {
    let mut cells = vec![outcomes(on), sizes(on.compiled), start(on)];
    cells.push(estimates(Unit::Bytes, on.pss));
    for unit in units {
        let priced = on.units.iter().find(|priced| priced.unit == *unit);
        cells.push(match priced {
            Some(priced) => estimates(Unit::Ns, priced.cost),
            None => plain(NOT_MEASURED.to_owned()),
        });
    }
    PairRow {
        id: on.anchor.clone(),
        arm: on.arm.to_string(),
        cells,
    }
}

fn plain(text: String) -> Change {
    Change {
        class: if text == NOT_MEASURED { "none" } else { "" },
        text,
        notes: Vec::new(),
    }
}

fn outcomes(on: &PairArm) -> Change {
    let all = on.ran();
    let (passed, same) = (on.passed(), on.same());
    let others: Vec<String> = on
        .outcomes
        .iter()
        .filter(|o| o.ran() && !o.pass())
        .map(|o| {
            let name = |state: CellState| state.as_str().replace('-', " ");
            format!(
                "{}: {} → {}",
                o.case,
                name(o.states.with),
                name(o.states.of)
            )
        })
        .collect();
    let failed = on.outcomes.iter().any(|o| o.states.of.is_failure());
    Change {
        text: if same == all {
            format!("{all} of {all} alike")
        } else {
            format!("{passed} of {all} pass, {same} alike")
        },
        notes: others,
        class: match () {
            () if same == all => "good",
            () if failed => "bad",
            () => "warn",
        },
    }
}

/// `81.0 KiB → 140 KiB`, and `1.73×`.
fn sizes(of: Both<Option<f64>>) -> Change {
    if of.with.is_none() && of.of.is_none() {
        return plain(NOT_MEASURED.to_owned());
    }
    let size = |v: Option<f64>| v.map_or_else(nothing, |v| format::value(Unit::Bytes, v));
    Change {
        text: format!("{} → {}", size(of.with), size(of.of)),
        notes: match of.both() {
            Some((with, of)) if *with > 0.0 => vec![format::ratio(of / with)],
            Some(_) => Vec::new(),
            None => vec![HALF_MEASURED.to_owned()],
        },
        class: "",
    }
}

/// Of the case that does the least.
fn start(on: &PairArm) -> Change {
    let Some(start) = on.starts.first() else {
        return plain(NOT_MEASURED.to_owned());
    };
    Change {
        text: format!(
            "{} → {}",
            format::value(Unit::Ns, start.times.with.median),
            format::value(Unit::Ns, start.times.of.median)
        ),
        notes: vec![format::effect(&start.ratio)],
        class: "",
    }
}

fn estimates(unit: Unit, of: Both<Option<Estimate>>) -> Change {
    if of.with.is_none() && of.of.is_none() {
        return plain(NOT_MEASURED.to_owned());
    }
    let centre = |e: Option<Estimate>| e.map_or_else(nothing, |e| format::value(unit, e.median));
    let around = |e: Option<Estimate>, before: &str| {
        e.filter(|e| e.n > 1)
            .map(|e| format!("{before}{}", format::interval(unit, e.median, e.p95)))
    };
    let mut notes: Vec<String> = [around(of.with, ""), around(of.of, "→ ")]
        .into_iter()
        .flatten()
        .collect();
    if of.both().is_none() {
        notes.push(HALF_MEASURED.to_owned());
    }
    // A difference can come out at nothing; a size cannot.
    let lost = |e: &Estimate| e.p95.low <= 0.0;
    if [of.with, of.of].iter().flatten().any(lost) {
        notes.push("not above noise".to_owned());
    }
    Change {
        text: format!("{} → {}", centre(of.with), centre(of.of)),
        notes,
        class: "",
    }
}

/// Cold starts of every case of every pair.
fn starts(pairs: &[&Pair], title: &str) -> Option<Table> {
    let mut rows = Vec::new();
    for pair in pairs {
        for on in &pair.arms {
            rows.extend(on.starts.iter().map(|start| Row {
                id: start.anchor.clone(),
                also: Vec::new(),
                cells: vec![
                    pair.of.clone(),
                    pair.with.clone(),
                    start.case.clone(),
                    on.arm.to_string(),
                    format::estimate(Unit::Ns, &start.times.with),
                    format::estimate(Unit::Ns, &start.times.of),
                    format::effect(&start.ratio),
                    start.ratio.n.to_string(),
                ],
            }));
        }
    }
    (!rows.is_empty()).then(|| Table {
        caption: format!("{title}: cold starts of every case, paired by block"),
        headers: vec![
            "workload",
            "compared with",
            "case",
            "arm",
            "compared with [95 %]",
            "workload [95 %]",
            "workload / compared with [95 %]",
            "n",
        ],
        words: 4,
        rows,
    })
}
