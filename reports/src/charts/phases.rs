//! Stacked phases of a start.

use assay_model::Unit;

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, text_width};
use super::chart::Chart;
use super::mix::{Mix, mix, mix_caption};
use super::theme::Ink;
use crate::ReportError;
use crate::analyse::{Analysis, PhaseRow, SEGMENTS};
use crate::arms;
use crate::format;

const WIDTH: u32 = 960;
const ROW: f64 = 28.0;
const LABELS: f64 = 240.0;
const VALUES: f64 = 90.0;
const PANEL_HEAD: f64 = 12.0;
const PANEL_FOOT: f64 = 44.0;
const LEGEND_ROW: f64 = 22.0;

/// The workloads that are drawn: the smallest program of each family. The
/// table beneath holds all of them.
const DRAWN: [&str; 2] = ["cli/hello", "http/hello"];

/// Rows whose totals differ by more than this do not share an axis: the
/// shorter bars would be slivers.
const SPAN: f64 = 8.0;

pub(super) fn draw(analysis: &Analysis<'_>) -> Result<Option<Chart>, ReportError> {
    let (mut captioned, mut dropped) = (false, 0);
    let mut rows: Vec<&PhaseRow> = Vec::new();
    for workload in DRAWN {
        let of_workload: Vec<&PhaseRow> = analysis
            .phases
            .iter()
            .filter(|r| r.workload.as_str() == workload && !r.arm.is_twin())
            .collect();
        let kinds = mix(&analysis.known, of_workload.iter().map(|r| &r.arm));
        captioned |= kinds == Mix::Captioned;
        for row in of_workload {
            if kinds == Mix::DropResident && analysis.is(&row.arm, arms::is_resident) {
                dropped += 1;
            } else {
                rows.push(row);
            }
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let panels = panels(rows);
    let used: Vec<usize> = (0..SEGMENTS.len())
        .filter(|&place| {
            let mut phases = panels.iter().flatten().flat_map(|r| &r.phases);
            phases.any(|p| p.segment == place)
        })
        .collect();
    let legend = legend_places(&used);
    let legend_rows = legend.last().map_or(0.0, |l| l.2 + 1.0);
    let legend_height = legend_rows * LEGEND_ROW + 8.0;
    let body: f64 = panels
        .iter()
        .map(|p| PANEL_HEAD + ROW * p.len() as f64 + PANEL_FOOT)
        .sum();
    let height = (legend_height + body).ceil() as u32;
    let title = "Where a start spends its time".to_owned();
    let svg = canvas::draw("phases", &title, (WIDTH, height), |c| {
        for &(segment, x, row) in &legend {
            let y = 12.0 + row * LEGEND_ROW;
            c.rect((x, y - 6.0), (x + 12.0, y + 6.0), Ink::Series(segment));
            let label = SEGMENTS.get(segment).map_or("", |s| s.label);
            c.text(x + 18.0, y, Align::Left, Ink::Text, label);
        }
        let mut y = legend_height;
        for panel in &panels {
            y = paint(c, panel, y);
        }
    })?;
    let mixed = mix_caption(captioned, dropped);
    Ok(Some(Chart {
        id: "phases",
        title,
        subtitle: "Median over launches of the difference of neighbouring stamps. The first \
                   segment of an arm includes everything before its first stamp: native processes \
                   and containers have no stamps inside, and the clock of a resident host starts \
                   when its engine is up."
            .to_owned(),
        caption: format!(
            "Each panel has its own axis. Phases explain one arm from the inside; between kinds of \
             arms, only cold start and tear-down can be compared. {mixed}"
        )
        .trim_end()
        .to_owned(),
        svg,
        width: WIDTH,
        height,
    }))
}

/// Parts the rows, from short to long, wherever one axis would not do.
fn panels(mut rows: Vec<&PhaseRow>) -> Vec<Vec<&PhaseRow>> {
    rows.sort_by(|a, b| a.total().total_cmp(&b.total()));
    let mut panels: Vec<Vec<&PhaseRow>> = Vec::new();
    for row in rows {
        match panels.last_mut() {
            Some(panel)
                if panel
                    .first()
                    .is_some_and(|first| row.total() <= SPAN * first.total()) =>
            {
                panel.push(row);
            }
            _ => panels.push(vec![row]),
        }
    }
    panels
}

/// (segment, x, row) of each legend entry, wrapped to the width.
fn legend_places(used: &[usize]) -> Vec<(usize, f64, f64)> {
    let mut found = Vec::new();
    let (mut x, mut row) = (8.0, 0.0);
    for &segment in used {
        let label = SEGMENTS.get(segment).map_or("", |s| s.label);
        let width = 18.0 + text_width(label) + 22.0;
        if x > 8.0 && x + width > f64::from(WIDTH) {
            x = 8.0;
            row += 1.0;
        }
        found.push((segment, x, row));
        x += width;
    }
    found
}

/// Draws a panel from `top`; returns where the next one begins.
fn paint(c: &Canvas<'_>, panel: &[&PhaseRow], top: f64) -> f64 {
    let right = f64::from(WIDTH) - VALUES;
    let (top, bottom) = (
        top + PANEL_HEAD,
        top + PANEL_HEAD + ROW * panel.len() as f64,
    );
    let largest = panel.iter().map(|r| r.total()).fold(0.0, f64::max);
    let axis = Axis::linear(Unit::Ns, largest, LABELS, right);
    axis.draw_horizontal(c, top, bottom, false);
    for (place, row) in panel.iter().enumerate() {
        let middle = top + ROW * (place as f64 + 0.5);
        let label = format!("{} · {}", row.workload, row.arm);
        c.text(8.0, middle, Align::Left, Ink::Text, &label);
        let mut start = 0.0;
        for phase in &row.phases {
            let (a, b) = (axis.at(start), axis.at(start + phase.median));
            if b - a >= 0.5 {
                c.rect(
                    (a, middle - 8.0),
                    (b, middle + 8.0),
                    Ink::Series(phase.segment),
                );
                // A hair of paper parts neighbours for those who do not see
                // their hues differ.
                c.line((b, middle - 8.0), (b, middle + 8.0), Ink::Paper, 1);
            }
            start += phase.median;
        }
        c.text(
            axis.at(start) + 8.0,
            middle,
            Align::Left,
            Ink::Text,
            &format::value(Unit::Ns, start),
        );
    }
    c.text(
        (LABELS + right) / 2.0,
        bottom + 32.0,
        Align::Middle,
        Ink::Muted,
        "time since t0",
    );
    bottom + PANEL_FOOT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Phase;

    #[test]
    fn slivers_get_a_panel_of_their_own() {
        let row = |arm: &str, total: f64| PhaseRow {
            workload: "cli/hello".parse().unwrap(),
            arm: arm.parse().unwrap(),
            phases: vec![Phase {
                segment: 0,
                median: total,
            }],
            n: 10,
        };
        let rows = [
            row("jit", 90e6),
            row("native", 0.6e6),
            row("aot", 1.8e6),
            row("pooled", 3e4),
        ];
        let panels = panels(rows.iter().collect());
        let names: Vec<Vec<&str>> = panels
            .iter()
            .map(|p| p.iter().map(|r| r.arm.as_str()).collect())
            .collect();
        assert_eq!(names, [vec!["pooled"], vec!["native", "aot"], vec!["jit"]]);
    }
}
