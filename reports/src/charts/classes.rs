//! The isolation ladder at a glance: a row for each class of arms, with the
//! range of its arms and the best of them.

use assay_model::{ArmClass, ArmId, Unit};

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, text_width};
use super::chart::Chart;
use super::mix::{Mix, mix, mix_caption};
use super::theme::Ink;
use crate::ReportError;
use crate::analyse::{Analysis, ClassRow, HEADLINE};

const WIDTH: u32 = 960;
const ROW: f64 = 24.0;
const HEADING: f64 = 34.0;
const FOOT: f64 = 34.0;
const LABELS: f64 = 220.0;
/// Width of the column of printed values.
const VALUES: f64 = 350.0;

struct Panel {
    heading: String,
    unit: Unit,
    rows: Vec<ClassRow>,
}

pub(super) fn draw(analysis: &Analysis<'_>) -> Result<Option<Chart>, ReportError> {
    let panels = [
        (
            format!("Cold start of {HEADLINE}"),
            Unit::Ns,
            analysis.starts_by_class(),
        ),
        (
            "Memory of one more instance (PSS)".to_owned(),
            Unit::Bytes,
            analysis.memory_by_class(),
        ),
    ];
    let (mut captioned, mut dropped) = (false, 0);
    let panels: Vec<Panel> = panels
        .into_iter()
        .map(|(heading, unit, mut rows)| {
            let shown: Vec<&ArmId> = rows
                .iter()
                .flat_map(|row| row.arms.iter().map(|(arm, _)| arm))
                .collect();
            let kinds = mix(&analysis.known, shown.into_iter());
            captioned |= kinds == Mix::Captioned;
            rows.retain(|row| {
                let keep = kinds != Mix::DropResident || row.class != ArmClass::ResidentWasm;
                dropped += usize::from(!keep);
                keep
            });
            Panel {
                heading,
                unit,
                rows,
            }
        })
        .filter(|panel| !panel.rows.is_empty())
        .collect();
    if panels.is_empty() {
        return Ok(None);
    }
    let of_panel = |panel: &Panel| HEADING + ROW * panel.rows.len() as f64 + FOOT;
    let height = panels.iter().map(of_panel).sum::<f64>().ceil() as u32;
    let title = "The isolation ladder, by class of arms".to_owned();
    let svg = canvas::draw("classes", &title, (WIDTH, height), |c| {
        let mut y = 0.0;
        for panel in &panels {
            paint(c, panel, y);
            y += of_panel(panel);
        }
    })?;
    Ok(Some(Chart {
        id: "classes",
        title,
        subtitle: "The mark shows the best arm of a class, and the bar extends to the worst. The \
                   axes are logarithmic. Memory is that of the case in the density run of each \
                   arm; the cases are small, but not the same for all arms. Cold start and Density \
                   list each arm with its interval."
            .to_owned(),
        caption: mix_caption(captioned, dropped),
        svg,
        width: WIDTH,
        height,
    }))
}

fn paint(c: &Canvas<'_>, panel: &Panel, top: f64) {
    let right = f64::from(WIDTH) - VALUES;
    let ends = panel
        .rows
        .iter()
        .flat_map(|row| [row.best().1, row.worst()]);
    let axis = Axis::log(panel.unit, ends, LABELS, right - 16.0);
    let body = top + HEADING;
    let bottom = body + ROW * panel.rows.len() as f64;
    c.bold(8.0, top + 16.0, Align::Left, Ink::Text, &panel.heading);
    axis.draw_horizontal(c, body, bottom, false);
    for (place, row) in panel.rows.iter().enumerate() {
        let y = body + ROW * (place as f64 + 0.5);
        let (arm, best) = row.best();
        let (from, to) = (axis.at(best), axis.at(row.worst()));
        c.text(20.0, y, Align::Left, Ink::Text, row.class.label());
        if to - from > 1.0 {
            c.rect((from, y - 2.0), (to, y + 2.0), Ink::Class(row.class));
        }
        c.mark(from, y, row.class);
        let range = row.range(panel.unit);
        c.text(right, y, Align::Left, Ink::Text, &range);
        // As much of the name as there is room for.
        let room = ((VALUES - 150.0) / text_width("x")) as usize;
        let name: String = arm.as_str().chars().take(room).collect();
        let name = match row.arms.len() {
            1 => name,
            _ => format!("best: {name}"),
        };
        c.text(right + 150.0, y, Align::Left, Ink::Muted, &name);
    }
}
