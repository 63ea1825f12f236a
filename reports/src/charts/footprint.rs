//! What an idle instance keeps, and what must be shipped.

use std::collections::BTreeSet;

use assay_model::{ArmId, CaseId, Metric, Unit};

use super::axis::Axis;
use super::canvas::{self, Align, Canvas};
use super::chart::Chart;
use super::dots::{self, Dots, Group, Row};
use super::mix::{Mix, mix, mix_caption};
use super::theme::Ink;
use crate::ReportError;
use crate::analyse::{Analysis, Summary};
use crate::arms;
use crate::format;

const WIDTH: u32 = 960;
const ROW: f64 = 34.0;
const HEADING: f64 = 26.0;
const LABELS: f64 = 172.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 46.0;

struct Bars<'a> {
    arm: &'a ArmId,
    pss: Option<f64>,
    uss: Option<f64>,
}

/// PSS and USS per arm, grouped by workload.
pub(super) fn memory(analysis: &Analysis<'_>) -> Result<Option<Chart>, ReportError> {
    let cells: BTreeSet<&CaseId> = analysis
        .of_metric(Metric::MEMORY_PSS)
        .chain(analysis.of_metric(Metric::MEMORY_USS))
        .map(|s| &s.key.workload)
        .collect();
    let (mut captioned, mut dropped) = (false, 0);
    let mut groups: Vec<(&CaseId, Vec<Bars<'_>>)> = Vec::new();
    for workload in cells {
        let median = |metric, arm: &ArmId| {
            let summary = analysis.summary(metric, workload.as_str(), arm.as_str());
            summary.map(|s| s.estimate.median)
        };
        let mut of_arms: BTreeSet<&ArmId> = BTreeSet::new();
        for metric in [Metric::MEMORY_PSS, Metric::MEMORY_USS] {
            let here = analysis.of_metric(metric);
            of_arms.extend(
                here.filter(|s| s.key.workload == *workload)
                    .map(|s| &s.key.arm),
            );
        }
        let kinds = mix(&analysis.known, of_arms.iter().copied());
        captioned |= kinds == Mix::Captioned;
        let mut bars: Vec<Bars<'_>> = Vec::new();
        for arm in of_arms {
            if kinds == Mix::DropResident && analysis.is(arm, arms::is_resident) {
                dropped += 1;
                continue;
            }
            bars.push(Bars {
                arm,
                pss: median(Metric::MEMORY_PSS, arm),
                uss: median(Metric::MEMORY_USS, arm),
            });
        }
        bars.sort_by_cached_key(|b| analysis.known.sort_key(b.arm));
        groups.push((workload, bars));
    }
    if groups.is_empty() {
        return Ok(None);
    }
    let rows: usize = groups.iter().map(|g| g.1.len()).sum();
    let body = HEADING * groups.len() as f64 + ROW * rows as f64;
    let height = (TOP + body + BOTTOM).ceil() as u32;
    let title = "Memory of one idle instance".to_owned();
    let svg = canvas::draw("memory", &title, (WIDTH, height), |c| {
        paint(c, &groups, TOP + body);
    })?;
    Ok(Some(Chart {
        id: "memory",
        title,
        subtitle: "Sum over the charge set (every process that exists because of this instance) \
                   at idle, from /proc/PID/smaps_rollup. PSS: private pages plus a share of the \
                   shared ones. USS: private pages alone. The table shows the cost of a resident \
                   host without instances as memory.host.pss."
            .to_owned(),
        caption: mix_caption(captioned, dropped),
        svg,
        width: WIDTH,
        height,
    }))
}

fn paint(c: &Canvas<'_>, groups: &[(&CaseId, Vec<Bars<'_>>)], bottom: f64) {
    let right = f64::from(WIDTH) - 110.0;
    let all = groups.iter().flat_map(|g| &g.1);
    let largest = all
        .flat_map(|b| [b.pss, b.uss])
        .flatten()
        .fold(0.0, f64::max);
    let axis = Axis::linear(Unit::Bytes, largest, LABELS, right);
    axis.draw_horizontal(c, TOP, bottom, false);
    for (x, ink, label) in [(8.0, Ink::Series(2), "PSS"), (78.0, Ink::Series(5), "USS")] {
        c.rect((x, 10.0), (x + 12.0, 22.0), ink);
        c.text(x + 18.0, 16.0, Align::Left, Ink::Text, label);
    }
    let mut y = TOP;
    for (workload, bars) in groups {
        c.rect(
            (0.0, y + 3.0),
            (LABELS - 1.0, y + HEADING - 2.0),
            Ink::Paper,
        );
        c.bold(
            8.0,
            y + HEADING / 2.0,
            Align::Left,
            Ink::Text,
            workload.as_str(),
        );
        y += HEADING;
        for bar in bars {
            c.text(
                20.0,
                y + ROW / 2.0,
                Align::Left,
                Ink::Text,
                bar.arm.as_str(),
            );
            for (value, top, ink) in [
                (bar.pss, y + 2.0, Ink::Series(2)),
                (bar.uss, y + 17.0, Ink::Series(5)),
            ] {
                let Some(value) = value else { continue };
                let x = axis.at(value.max(0.0));
                c.rect((LABELS, top), (x.max(LABELS + 1.0), top + 13.0), ink);
                let text = format::value(Unit::Bytes, value);
                c.text(x + 6.0, top + 7.0, Align::Left, Ink::Text, &text);
            }
            y += ROW;
        }
    }
    c.text(
        (LABELS + right) / 2.0,
        bottom + 34.0,
        Align::Middle,
        Ink::Text,
        "memory",
    );
}

/// What a deployment ships or installs, smallest program of each family.
const ARTIFACTS: [(Metric, &str); 7] = [
    (Metric::ARTIFACT_WASM, "component"),
    (Metric::ARTIFACT_WASM_ZSTD, "component, zstd"),
    (Metric::ARTIFACT_CWASM, "compiled component"),
    (Metric::ARTIFACT_NATIVE, "native twin"),
    (Metric::ARTIFACT_IMAGE, "image, compressed"),
    (Metric::ARTIFACT_IMAGE_UNPACKED, "image, unpacked"),
    (Metric::ARTIFACT_RUNTIME, "runtime to install"),
];

const DRAWN: [&str; 2] = ["cli/hello", "http/hello"];

/// An artifact with the arms that use it: those whose sizes of it are the same
/// are taken to use the same bytes.
pub(crate) struct Artifact<'a> {
    pub summary: &'a Summary,
    /// Never empty.
    pub arms: Vec<&'a ArmId>,
    /// Of every arm, the first one's included.
    pub anchors: Vec<String>,
}

/// The distinct artifacts of one metric and workload, in the order given.
pub(crate) fn distinct<'a>(summaries: impl Iterator<Item = &'a Summary>) -> Vec<Artifact<'a>> {
    let mut found: Vec<Artifact<'a>> = Vec::new();
    for s in summaries {
        let same = |known: &&mut Artifact<'_>| {
            known.summary.estimate.median == s.estimate.median
                && known.summary.key.metric == s.key.metric
                && known.summary.key.workload == s.key.workload
        };
        match found.iter_mut().find(same) {
            Some(artifact) => {
                artifact.arms.push(&s.key.arm);
                artifact.anchors.push(s.anchor());
            }
            None => found.push(Artifact {
                summary: s,
                arms: vec![&s.key.arm],
                anchors: vec![s.anchor()],
            }),
        }
    }
    found
}

/// `crun, ctr`, `crun and 5 more`.
fn short_list(arms: &[&ArmId]) -> String {
    match arms {
        [] => String::new(),
        [one] => one.to_string(),
        [one, two] => format!("{one}, {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}

/// Artifact sizes on a logarithmic axis.
pub(super) fn artifacts(analysis: &Analysis<'_>) -> Result<Option<Chart>, ReportError> {
    let mut groups = Vec::new();
    for workload in DRAWN {
        let mut rows = Vec::new();
        for (metric, label) in ARTIFACTS {
            let here = analysis
                .of_metric(metric)
                .filter(|s| s.key.workload.as_str() == workload && !s.key.arm.is_twin());
            for artifact in distinct(here) {
                let Some(class) = analysis.class(artifact.arms[0]) else {
                    continue;
                };
                rows.push(Row {
                    label: format!("{label} · {}", short_list(&artifact.arms)),
                    class,
                    value: artifact.summary.estimate.median,
                    interval: None,
                    text: artifact.summary.text(),
                });
            }
        }
        if !rows.is_empty() {
            groups.push(Group {
                heading: workload.to_owned(),
                rows,
            });
        }
    }
    if groups.is_empty() {
        return Ok(None);
    }
    let title = "Artifact sizes".to_owned();
    let (svg, height) = dots::draw(&Dots {
        chart: "artifacts",
        title: title.clone(),
        unit: Unit::Bytes,
        axis_label: "size, logarithmic axis".to_owned(),
        value_label: "size",
        labels: 330.0,
        values: 110.0,
        groups,
    })?;
    Ok(Some(Chart {
        id: "artifacts",
        title,
        subtitle:
            "Files shipped for one program, and files to install once for the arm to work at \
                   all. Neither a component nor a container image runs without its runtime. One \
                   row for each artifact; the table names every arm that uses it."
                .to_owned(),
        caption: match analysis.of_metric(Metric::ARTIFACT_IMAGE).next() {
            Some(_) => "The image here is the static twin on an empty root file system, smaller \
                        than most images in use; other tiers are arms of their own."
                .to_owned(),
            None => String::new(),
        },
        svg,
        width: dots::WIDTH,
        height,
    }))
}
