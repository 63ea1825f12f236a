//! The cold-start ladder: one row per arm, grouped by workload.

use assay_model::{Metric, Unit};

use super::chart::Chart;
use super::dots::{self, Dots, Group, Row};
use super::mix::{Mix, mix, mix_caption};
use crate::ReportError;
use crate::analyse::{Analysis, Summary};
use crate::arms;

pub(super) fn draw(analysis: &Analysis<'_>) -> Result<Option<Chart>, ReportError> {
    let mut groups: Vec<Group> = Vec::new();
    let (mut captioned, mut dropped) = (false, 0);
    let summaries: Vec<&Summary> = analysis.of_metric(Metric::COLD_START).collect();
    for of_workload in summaries.chunk_by(|a, b| a.key.workload == b.key.workload) {
        let kinds = mix(&analysis.known, of_workload.iter().map(|s| &s.key.arm));
        captioned |= kinds == Mix::Captioned;
        let rows: Vec<Row> = of_workload
            .iter()
            .filter(|s| {
                let resident = analysis.is(&s.key.arm, arms::is_resident);
                let keep = kinds != Mix::DropResident || !resident;
                dropped += usize::from(!keep);
                keep
            })
            .filter_map(|s| {
                Some(Row {
                    label: s.key.arm.to_string(),
                    class: analysis.class(&s.key.arm)?,
                    value: s.estimate.median,
                    interval: (s.estimate.n > 1).then_some(s.estimate.p95),
                    text: s.text(),
                })
            })
            .collect();
        groups.extend(of_workload.first().map(|first| Group {
            heading: first.key.workload.to_string(),
            rows,
        }));
    }
    if groups.is_empty() {
        return Ok(None);
    }
    let title = "Cold start, up the isolation ladder".to_owned();
    let (svg, height) = dots::draw(&Dots {
        chart: "cold-start",
        title: title.clone(),
        unit: Unit::Ns,
        axis_label: "cold start, logarithmic axis".to_owned(),
        value_label: "median [95 % interval]",
        labels: 172.0,
        values: dots::VALUES,
        groups,
    })?;
    let launches = summaries.iter().map(|s| s.estimate.n);
    let (fewest, most) = (launches.clone().min(), launches.max());
    let n = match (fewest, most) {
        (Some(a), Some(b)) if a == b => format!("{a}"),
        (Some(a), Some(b)) => format!("{a} to {b}"),
        _ => "no".to_owned(),
    };
    Ok(Some(Chart {
        id: "cold-start",
        title,
        subtitle: format!(
            "{} Fresh process or container: t0 is the instant before spawn or create. Resident \
             host: t0 is the instant before the store is created, the engine is already up. Pages \
             are warm. Median over {n} blocks with its 95 % bootstrap interval; names that end in \
             ~aa are a second launch of the same arm and show the noise.",
            Metric::COLD_START.meaning()
        ),
        caption: mix_caption(captioned, dropped),
        svg,
        width: dots::WIDTH,
        height,
    }))
}
