//! What the template is filled with.

use askama::Template;
use assay_model::{ArmClass, ArmId, Availability, CaseId, Metric, Unit};

use super::access::AccessView;
use super::architectures::ArchitecturesView;
use super::charges;
use super::coverage::CoverageView;
use super::data::{self, MetricGroup, Table};
use super::grid::{self, FamilyView};
use super::headline::{self, Fact, MainCell};
use super::not_taken::{NotTaken, not_taken};
use super::pairs::{self, PairsView};
use crate::ReportError;
use crate::analyse::Analysis;
use crate::anchor;
use crate::charts::{self, Chart};
use crate::claims::{self, Finding};
use crate::format;
use crate::summary;

/// A chart, if the record has its figures, with the tables beneath it.
pub(super) struct Figure {
    pub chart: Option<Chart>,
    pub tables: Vec<Table>,
}

/// A heading with figures under it.
pub(super) struct Section {
    pub id: &'static str,
    pub title: &'static str,
    pub figures: Vec<Figure>,
    pub nothing: &'static str,
    /// What makes a record that has it.
    pub command: &'static str,
}

/// An arm in the main table.
pub(super) struct MainRow {
    pub arm: String,
    pub class: &'static str,
    pub cell: MainCell,
}

/// A case in the main table.
pub(super) struct MainGroup {
    pub workload: String,
    pub rows: Vec<MainRow>,
    /// Arms without a figure and without a failure, by state.
    pub rest: String,
}

/// The ratio of an arm over all workloads.
pub(super) struct Mean {
    pub arm: String,
    pub class: &'static str,
    pub mean: String,
}

pub(super) struct ArmView {
    pub id: String,
    pub state: String,
    pub summary: String,
    pub labels: String,
    pub charge_set: String,
    pub config: Vec<(String, String)>,
}

pub(super) struct WorkloadView {
    pub row: String,
    pub id: String,
    pub world: String,
    pub language: String,
    pub component: String,
    pub size: String,
    pub expected: String,
    pub origin: String,
}

/// The page.
#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    style: &'static str,
    theme: &'static str,
    run_id: String,
    environment: String,
    started: String,
    complete: bool,
    facts: Vec<Fact>,
    ladder: Option<Chart>,
    classes: Option<Table>,
    groups: Vec<MainGroup>,
    groups_open: bool,
    means: Vec<Mean>,
    left_out_rows: usize,
    sections: Vec<Section>,
    pairs: Vec<PairsView>,
    beside: ArchitecturesView,
    code_size: Option<Chart>,
    access: AccessView,
    coverage: CoverageView,
    absent: Vec<Absent>,
    grid: Vec<FamilyView>,
    article: &'static str,
    findings: Vec<Finding>,
    skipped: Vec<(String, String, String)>,
    not_taken: Vec<NotTaken>,
    warnings: Vec<String>,
    left_out: String,
    quality: Vec<Table>,
    others: Option<Table>,
    machine: Vec<(String, String)>,
    arms: Vec<ArmView>,
    workloads: Vec<WorkloadView>,
    metrics: Vec<(&'static str, &'static str, &'static str)>,
}

impl Page {
    pub(super) fn of(analysis: &Analysis<'_>) -> Result<Self, ReportError> {
        let manifest = &analysis.record.manifest;
        let findings = claims::findings(analysis);
        let (workloads, arms) = summary::axes(analysis);
        let groups = main_groups(analysis, &workloads, &arms);
        let mut drawn = charts::all(analysis)?;
        let sections = sections(analysis, &mut drawn);
        let pairs = pairs::sections(analysis);
        let beside = ArchitecturesView::of(analysis);
        let access = AccessView::of(analysis);
        let coverage = CoverageView::of(analysis);
        let absent = absent(&sections, &pairs, &beside, &access, &coverage);
        Ok(Self {
            style: include_str!("../../templates/report.css"),
            theme: charts::STYLE,
            run_id: manifest.run_id.to_string(),
            environment: charts::environment(analysis),
            started: manifest.started_at.clone(),
            complete: manifest.complete,
            facts: headline::facts(analysis, &findings),
            classes: data::classes(analysis),
            ladder: take(&mut drawn, "classes"),
            code_size: take(&mut drawn, "code-size"),
            means: arms
                .iter()
                .map(|arm| Mean {
                    arm: arm.to_string(),
                    class: analysis.class(arm).map_or("", ArmClass::label),
                    mean: headline::mean_ratio(analysis, arm),
                })
                .filter(|mean| !mean.mean.is_empty())
                .collect(),
            left_out_rows: workloads.len() - groups.len(),
            groups_open: groups.iter().map(|group| group.rows.len()).sum::<usize>() <= MANY
                || analysis.grid.counts.failed > 0,
            groups,
            sections,
            pairs,
            beside,
            access,
            coverage,
            absent,
            grid: grid::families(analysis),
            article: claims::ARTICLE,
            findings,
            skipped: analysis
                .unavailable()
                .map(|(arm, reason, remedy)| {
                    (arm.to_string(), reason.to_owned(), remedy.to_owned())
                })
                .collect(),
            not_taken: not_taken(&analysis.record.manifest.plan.left_out),
            warnings: analysis.warnings(),
            left_out: left_out(analysis),
            quality: [data::floors(analysis), data::invalid(analysis)]
                .into_iter()
                .flatten()
                .collect(),
            others: data::summaries(analysis, MetricGroup::Others, "Figures that no chart shows"),
            machine: machine(analysis),
            arms: arm_views(analysis),
            workloads: manifest
                .workloads
                .iter()
                .map(|w| WorkloadView {
                    row: anchor::component(&w.id),
                    id: w.id.to_string(),
                    world: w.world.clone(),
                    language: w.language.clone(),
                    component: w.component.to_string(),
                    size: w.size.map_or_else(String::new, |size| {
                        format::value(Unit::Bytes, size.0 as f64)
                    }),
                    expected: w.expected.to_string(),
                    origin: w.source.clone(),
                })
                .collect(),
            metrics: Metric::ALL
                .iter()
                .map(|m| (m.name(), m.unit().as_str(), m.meaning()))
                .collect(),
        })
    }
}

/// A main table of more rows than these shows those that say more than the
/// conformance grid does.
const MANY: usize = 40;

/// The main table: each case with the arms that have a figure or failed.
fn main_groups(analysis: &Analysis<'_>, workloads: &[CaseId], arms: &[ArmId]) -> Vec<MainGroup> {
    let worth = |line: &summary::CellLine| {
        line.is_failure || line.cold_start.is_some() || line.pss_bytes.is_some()
    };
    workloads
        .iter()
        .filter_map(|workload| {
            let lines = arms.iter().filter_map(|arm| {
                let line = summary::cell(analysis, workload, arm)?;
                Some((arm, line))
            });
            let (shown, others): (Vec<_>, Vec<_>) = lines.partition(|(_, line)| worth(line));
            if workloads.len() > MANY && shown.is_empty() {
                return None;
            }
            let mut states: Vec<(String, Vec<&str>)> = Vec::new();
            for (arm, line) in &others {
                let state = line.outcome.replace('-', " ");
                match states.iter_mut().find(|(known, _)| *known == state) {
                    Some((_, arms)) => arms.push(arm.as_str()),
                    None => states.push((state, vec![arm.as_str()])),
                }
            }
            let rest = states.iter();
            let rest = rest.map(|(state, arms)| format!("{state}: {}", arms.join(", ")));
            Some(MainGroup {
                workload: workload.to_string(),
                rest: rest.collect::<Vec<_>>().join("; "),
                rows: shown
                    .iter()
                    .map(|(arm, line)| MainRow {
                        arm: arm.to_string(),
                        class: analysis.class(arm).map_or("", ArmClass::label),
                        cell: headline::main_cell(line),
                    })
                    .collect(),
            })
        })
        .collect()
}

/// Takes a chart out of those that were drawn.
fn take(drawn: &mut Vec<Chart>, id: &str) -> Option<Chart> {
    let at = drawn.iter().position(|chart| chart.id == id)?;
    Some(drawn.remove(at))
}

/// A section for which the record has no data.
pub(super) struct Absent {
    pub id: &'static str,
    pub title: &'static str,
    pub why: &'static str,
    pub command: &'static str,
}

fn absent(
    sections: &[Section],
    pairs: &[PairsView],
    beside: &ArchitecturesView,
    access: &AccessView,
    coverage: &CoverageView,
) -> Vec<Absent> {
    let empty = sections.iter().filter(|section| section.is_empty());
    let mut all: Vec<Absent> = empty
        .map(|section| Absent {
            id: section.id,
            title: section.title,
            why: section.nothing,
            command: section.command,
        })
        .collect();
    let empty = pairs.iter().filter(|section| section.pairs.is_empty());
    all.extend(empty.map(|section| Absent {
        id: section.id,
        title: section.title,
        why: section.nothing,
        command: section.command,
    }));
    if beside.machines.len() < 2 {
        all.push(Absent {
            id: "architectures",
            title: "Architectures",
            why: "This record is from one machine.",
            command: "assay merge RECORD RECORD…",
        });
    }
    if access.is_empty() {
        all.push(Absent {
            id: "capabilities",
            title: "Capabilities",
            why: "This record has no cells of the capability grid.",
            command: "assay verify --workloads 'capability/*'",
        });
    }
    if coverage.interfaces.is_empty() {
        all.push(Absent {
            id: "interfaces",
            title: "Interface coverage",
            why: "No arm of this record could tell which functions its cases call.",
            command: "assay verify",
        });
    }
    all
}

/// The charts with their tables, in the order of the page.
fn sections(analysis: &Analysis<'_>, drawn: &mut Vec<Chart>) -> Vec<Section> {
    let mut figure = |id: &str, tables: Vec<Option<Table>>| Figure {
        chart: take(drawn, id),
        tables: tables.into_iter().flatten().collect(),
    };
    let summaries = |of, caption| data::summaries(analysis, of, caption);
    let in_process = data::density(analysis, true).into_iter().map(Some);
    let per_process = data::density(analysis, false).into_iter().map(Some);
    vec![
        Section {
            id: "cold-start",
            title: "Cold start",
            figures: vec![figure(
                "cold-start",
                vec![summaries(MetricGroup::ColdStart, "Cold start")],
            )],
            nothing: "This record has no cold starts.",
            command: "assay measure cold-start",
        },
        Section {
            id: "phases",
            title: "Phases of a start",
            figures: vec![figure(
                "phases",
                vec![
                    data::phases(analysis),
                    summaries(MetricGroup::Phases, "Stamps since t0, and tear down"),
                ],
            )],
            nothing: "This record has no stamps.",
            command: "assay measure cold-start",
        },
        Section {
            id: "footprint",
            title: "Footprint",
            figures: vec![
                figure(
                    "memory",
                    vec![
                        charges::table(analysis),
                        charges::parts(analysis),
                        summaries(MetricGroup::Memory, "Memory at idle"),
                    ],
                ),
                figure(
                    "artifacts",
                    vec![data::artifacts(analysis), data::break_even(analysis)],
                ),
            ],
            nothing: "This record has no sizes and no memory readings.",
            command: "assay measure footprint",
        },
        Section {
            id: "density",
            title: "Density",
            figures: vec![
                figure("density-in-process", in_process.collect()),
                figure("density-per-process", per_process.collect()),
            ],
            nothing: "This record has no density runs.",
            command: "assay measure density",
        },
    ]
}

impl Section {
    pub(super) fn is_empty(&self) -> bool {
        self.figures
            .iter()
            .all(|f| f.chart.is_none() && f.tables.is_empty())
    }
}

fn left_out(analysis: &Analysis<'_>) -> String {
    let l = analysis.left_out;
    let mut parts = Vec::new();
    for (n, what) in [
        (l.warmup, "of warm-up launches"),
        (l.invalid, "invalid"),
        (l.emulated, "emulated"),
        (l.foreign, "of another machine"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    if parts.is_empty() {
        "Every row of samples.csv is in a figure.".to_owned()
    } else {
        format!(
            "Rows of samples.csv that are in no figure of times or sizes: {}.",
            parts.join(", ")
        )
    }
}

fn arm_views(analysis: &Analysis<'_>) -> Vec<ArmView> {
    analysis
        .record
        .manifest
        .arms
        .iter()
        .map(|arm| ArmView {
            id: arm.id.to_string(),
            state: match &arm.availability {
                Availability::Available { version } => version.clone(),
                Availability::Unavailable { reason, .. } => format!("not here: {reason}"),
            },
            summary: arm.summary.clone(),
            labels: arm.labels.join(", "),
            charge_set: arm.charge_set.clone(),
            config: arm
                .config
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        })
        .collect()
}

/// The fingerprint and the run, as key and value.
fn machine(analysis: &Analysis<'_>) -> Vec<(String, String)> {
    let manifest = &analysis.record.manifest;
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, value: Option<String>| {
        let value = value.unwrap_or_else(|| "unknown".to_owned());
        rows.push((key.to_owned(), value));
    };
    let tool = &manifest.tool;
    add("assay", Some(tool.version.clone()));
    add("commit", tool.commit.clone());
    add("uncommitted changes", tool.dirty.map(|d| d.to_string()));
    add("rustc", tool.rustc.clone());
    add(
        "Cargo.lock",
        tool.lockfile.as_ref().map(ToString::to_string),
    );
    add("profile", Some(manifest.plan.profile.to_string()));
    add("seed", Some(manifest.plan.seed.to_string()));
    add("started", Some(manifest.started_at.clone()));
    add("finished", manifest.finished_at.clone());
    add(
        "seconds, without builds",
        Some(format!("{:.1}", manifest.wall_seconds)),
    );
    add(
        "seconds of builds",
        Some(format!("{:.1}", manifest.build_seconds)),
    );
    // Every field of the fingerprint, under its own name: a hand-picked list
    // would leave out what the next reader needs.
    if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(&manifest.fingerprint) {
        flatten("", &fields, &mut rows);
    }
    rows
}

fn flatten(
    prefix: &str,
    fields: &serde_json::Map<String, serde_json::Value>,
    rows: &mut Vec<(String, String)>,
) {
    for (key, value) in fields {
        let name = format!("{prefix}{}", key.replace('_', " "));
        match value {
            serde_json::Value::Object(inner) => flatten(&format!("{name}: "), inner, rows),
            serde_json::Value::Null => rows.push((name, "unknown".to_owned())),
            serde_json::Value::String(text) => rows.push((name, text.clone())),
            other => rows.push((name, other.to_string())),
        }
    }
}
