//! The data tables beneath the charts. Every summary of the record stands in
//! exactly one of them, under the id that verdicts link to.

use assay_model::{Metric, Unit};

use crate::analyse::{Analysis, HEADLINE, SEGMENTS, Summary, slope_text};
use crate::anchor;
use crate::charts;
use crate::format;

/// A table: the first `words` columns are text, the others figures.
pub(super) struct Table {
    pub caption: String,
    pub headers: Vec<&'static str>,
    pub words: usize,
    pub rows: Vec<Row>,
}

pub(super) struct Row {
    pub id: String,
    /// Further ids that lead to it.
    pub also: Vec<String>,
    pub cells: Vec<String>,
}

impl Table {
    /// Columns with their place, for the template.
    pub(super) fn is_word(&self, column: &usize) -> bool {
        *column < self.words
    }
}

/// Metrics whose summaries are shown together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MetricGroup {
    ColdStart,
    Phases,
    Memory,
    Artifacts,
    Others,
}

fn group_of(metric: Metric) -> MetricGroup {
    let name = metric.name();
    if metric == Metric::COLD_START {
        MetricGroup::ColdStart
    } else if name.starts_with("stamp.") || metric == Metric::TEARDOWN {
        MetricGroup::Phases
    } else if name.starts_with("memory.") {
        MetricGroup::Memory
    } else if name.starts_with("artifact.") {
        MetricGroup::Artifacts
    } else {
        MetricGroup::Others
    }
}

/// The summaries of one group.
pub(super) fn summaries(analysis: &Analysis<'_>, of: MetricGroup, caption: &str) -> Option<Table> {
    let metrics = Metric::ALL.iter().filter(|m| group_of(**m) == of);
    let rows: Vec<Row> = metrics
        .flat_map(|metric| analysis.of_metric(*metric))
        .map(|s| Row {
            id: s.anchor(),
            also: Vec::new(),
            cells: summary_cells(analysis, s, of == MetricGroup::ColdStart),
        })
        .collect();
    let mut headers = vec!["metric", "workload", "arm", "median [95 %]"];
    if of == MetricGroup::ColdStart {
        headers.push("× native [95 %]");
    }
    headers.extend(["smallest", "largest", "n", "outliers", "invalid"]);
    (!rows.is_empty()).then(|| Table {
        caption: caption.to_owned(),
        headers,
        words: 3,
        rows,
    })
}

fn summary_cells(analysis: &Analysis<'_>, s: &Summary, with_effect: bool) -> Vec<String> {
    let (least, most) = s.range();
    let mut cells = vec![
        s.key.metric.to_string(),
        s.key.workload.to_string(),
        s.key.arm.to_string(),
        s.text(),
    ];
    if with_effect {
        let effect = analysis.effect(&s.key.workload, &s.key.arm);
        cells.push(effect.map_or_else(String::new, |e| format::effect(&e.effect)));
    }
    cells.extend([
        format::value(s.unit, least),
        format::value(s.unit, most),
        s.estimate.n.to_string(),
        s.outliers.to_string(),
        s.invalid.to_string(),
    ]);
    cells
}

/// The figures of the ladder by class, with the arms of each.
pub(super) fn classes(analysis: &Analysis<'_>) -> Option<Table> {
    let measures = [
        ("cold start", Unit::Ns, analysis.starts_by_class()),
        (
            "memory of one more instance",
            Unit::Bytes,
            analysis.memory_by_class(),
        ),
    ];
    let mut rows = Vec::new();
    for (measure, unit, classes) in measures {
        rows.extend(classes.iter().map(|row| {
            let arms = row.arms.iter();
            let arms = arms.map(|(arm, value)| format!("{arm} {}", format::value(unit, *value)));
            Row {
                id: String::new(),
                also: Vec::new(),
                cells: vec![
                    measure.to_owned(),
                    row.class.label().to_owned(),
                    row.range(unit),
                    arms.collect::<Vec<_>>().join(", "),
                ],
            }
        }));
    }
    (!rows.is_empty()).then(|| Table {
        caption: format!("Classes of arms: cold start of {HEADLINE}, and marginal PSS"),
        headers: vec!["measure", "class", "range", "arms, best first"],
        words: 4,
        rows,
    })
}

/// Sizes, a row for each artifact with the arms that use it.
pub(super) fn artifacts(analysis: &Analysis<'_>) -> Option<Table> {
    let metrics = Metric::ALL
        .iter()
        .filter(|m| group_of(**m) == MetricGroup::Artifacts);
    let rows: Vec<Row> = metrics
        .flat_map(|metric| charts::distinct(analysis.of_metric(*metric)))
        .map(|artifact| {
            let s = artifact.summary;
            let arms: Vec<String> = artifact.arms.iter().map(ToString::to_string).collect();
            let mut anchors = artifact.anchors.into_iter();
            Row {
                id: anchors.next().unwrap_or_default(),
                also: anchors.collect(),
                cells: vec![
                    s.key.metric.to_string(),
                    s.key.workload.to_string(),
                    arms.join(", "),
                    s.text(),
                ],
            }
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: "Artifact sizes, one row for each artifact; arms with the same size share a row"
            .to_owned(),
        headers: vec!["metric", "workload", "used by", "size"],
        words: 3,
        rows,
    })
}

/// The phases that the chart stacks, of every workload.
pub(super) fn phases(analysis: &Analysis<'_>) -> Option<Table> {
    let rows: Vec<Row> = analysis
        .phases
        .iter()
        .flat_map(|row| {
            row.phases.iter().map(|phase| {
                let segment = SEGMENTS.get(phase.segment);
                let until = segment.map_or("", |s| s.until.name());
                Row {
                    id: anchor::row(format!("phase-{until}"), &row.workload, &row.arm),
                    also: Vec::new(),
                    cells: vec![
                        row.workload.to_string(),
                        row.arm.to_string(),
                        segment.map_or("", |s| s.label).to_owned(),
                        format::value(Unit::Ns, phase.median),
                        row.n.to_string(),
                    ],
                }
            })
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: "Phases: medians of differences of neighbouring stamps".to_owned(),
        headers: vec!["workload", "arm", "phase", "median", "n"],
        words: 3,
        rows,
    })
}

/// After how many starts compiling ahead has paid for itself.
pub(super) fn break_even(analysis: &Analysis<'_>) -> Option<Table> {
    let rows: Vec<Row> = analysis
        .break_even
        .iter()
        .map(|b| Row {
            id: b.row().anchor,
            also: Vec::new(),
            cells: vec![
                b.workload.to_string(),
                b.ahead.to_string(),
                b.each.to_string(),
                format::value(Unit::Ns, b.build_cost),
                format::value(Unit::Ns, b.saved_per_start),
                b.starts
                    .map_or_else(|| "never here".to_owned(), format::count),
            ],
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: "Break-even of compiling ahead: build_cost of the arm that loads compiled code, \
                  over what each start then saves against the arm of the same engine that \
                  compiles (difference of median cold starts)"
            .to_owned(),
        headers: vec![
            "workload",
            "compiled ahead",
            "at each start",
            "build cost",
            "saved per start",
            "starts to break even",
        ],
        words: 3,
        rows,
    })
}

/// Fits and points of the density runs of one sort.
pub(super) fn density(analysis: &Analysis<'_>, in_process: bool) -> Vec<Table> {
    let series: Vec<_> = analysis
        .density
        .iter()
        .filter(|d| d.in_process == in_process)
        .collect();
    let size = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format::value(Unit::Bytes, v));
    let fits: Vec<Row> = series
        .iter()
        .map(|d| Row {
            id: d.anchor(),
            also: Vec::new(),
            cells: vec![
                d.workload.to_string(),
                d.arm.to_string(),
                if d.stop.is_empty() {
                    "not recorded".to_owned()
                } else {
                    d.stop.clone()
                },
                d.count_text(),
                d.working_set
                    .map_or_else(|| "–".to_owned(), |b| b.to_string()),
                d.pss.as_ref().map_or_else(|| "–".to_owned(), slope_text),
                size(d.pss.as_ref().map(|line| line.intercept)),
                size(d.available.as_ref().map(|line| line.slope)),
            ],
        })
        .collect();
    let points: Vec<Row> = series
        .iter()
        .flat_map(|d| {
            d.points.iter().map(|p| Row {
                id: format!("{}-{}", d.anchor(), p.n),
                also: Vec::new(),
                cells: vec![
                    d.workload.to_string(),
                    d.arm.to_string(),
                    format::count(p.n),
                    size(p.pss),
                    size(p.available),
                    p.maps.map_or_else(|| "–".to_owned(), format::count),
                    p.first_response
                        .map_or_else(|| "–".to_owned(), |v| format::value(Unit::Ns, v)),
                ],
            })
        })
        .collect();
    let mut tables = Vec::new();
    if !fits.is_empty() {
        tables.push(Table {
            caption: "Density runs: why each stopped, and the fitted lines".to_owned(),
            headers: vec![
                "workload",
                "arm",
                "stopped by",
                "live",
                "working set",
                "marginal PSS [95 %]",
                "fixed PSS",
                "marginal MemAvailable",
            ],
            words: 3,
            rows: fits,
        });
    }
    if !points.is_empty() {
        tables.push(Table {
            caption: "Density points".to_owned(),
            headers: vec![
                "workload",
                "arm",
                "live",
                "PSS",
                "MemAvailable",
                "maps",
                "first response",
            ],
            words: 2,
            rows: points,
        });
    }
    tables
}

/// A/A pairs.
pub(super) fn floors(analysis: &Analysis<'_>) -> Option<Table> {
    let rows: Vec<Row> = analysis
        .floors
        .iter()
        .map(|f| Row {
            id: anchor::row("floor", &f.workload, &f.twin),
            also: Vec::new(),
            cells: vec![
                f.workload.to_string(),
                f.twin.to_string(),
                if f.floor.is_biased() {
                    "differs from its original beyond chance (99 %)".to_owned()
                } else {
                    "as expected".to_owned()
                },
                format::effect(&f.floor.effect),
                format::percent(f.floor.share()),
            ],
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: "A/A pairs: the same arm under two names".to_owned(),
        headers: vec![
            "workload",
            "twin",
            "verdict",
            "twin / original [95 %]",
            "floor",
        ],
        words: 3,
        rows,
    })
}

/// Rows that are kept but in no figure because they are invalid.
pub(super) fn invalid(analysis: &Analysis<'_>) -> Option<Table> {
    let mut counted: std::collections::BTreeMap<[String; 4], usize> = Default::default();
    for s in analysis.record.samples.iter().filter(|s| !s.valid) {
        let key = [
            s.metric.to_string(),
            s.workload.to_string(),
            s.arm.to_string(),
            s.note.clone(),
        ];
        *counted.entry(key).or_default() += 1;
    }
    let rows: Vec<Row> = counted
        .into_iter()
        .map(|(key, n)| Row {
            id: String::new(),
            also: Vec::new(),
            cells: key.into_iter().chain([n.to_string()]).collect(),
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: "Invalid rows: kept in samples.csv, used in no figure".to_owned(),
        headers: vec!["metric", "workload", "arm", "why", "rows"],
        words: 4,
        rows,
    })
}
