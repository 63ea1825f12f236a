//! Rows of one dot each with its interval, in groups, on a logarithmic axis.

use assay_model::{ArmClass, Unit};
use assay_stats::Interval;

use super::axis::Axis;
use super::canvas::{self, Align, Canvas};
use super::theme::Ink;
use crate::ReportError;

/// One dot.
pub(super) struct Row {
    pub label: String,
    pub class: ArmClass,
    pub value: f64,
    pub interval: Option<Interval>,
    pub text: String,
}

/// Rows under a heading.
pub(super) struct Group {
    pub heading: String,
    pub rows: Vec<Row>,
}

/// What is drawn.
pub(super) struct Dots {
    pub chart: &'static str,
    pub title: String,
    pub unit: Unit,
    pub axis_label: String,
    pub value_label: &'static str,
    /// Width of the column of row labels.
    pub labels: f64,
    /// Width of the column of printed values.
    pub values: f64,
    pub groups: Vec<Group>,
}

pub(super) const WIDTH: u32 = 960;
const ROW: f64 = 20.0;
const HEADING: f64 = 26.0;
/// From the last row of the legend to the first group.
const TOP: f64 = 56.0;
const BOTTOM: f64 = 46.0;
/// Width of a column of values with their intervals.
pub(super) const VALUES: f64 = 188.0;

/// Where the parts of a drawing lie.
pub(super) struct Layout {
    legend: Vec<(ArmClass, f64, f64)>,
    top: f64,
    bottom: f64,
    pub height: f64,
}

/// Measures the rows.
pub(super) fn layout(dots: &Dots) -> Layout {
    let rows: usize = dots.groups.iter().map(|g| g.rows.len()).sum();
    let body = HEADING * dots.groups.len() as f64 + ROW * rows as f64;
    let all = || dots.groups.iter().flat_map(|g| &g.rows);
    let used = |class: &ArmClass| all().any(|row| row.class == *class);
    let classes: Vec<ArmClass> = ArmClass::ALL.into_iter().filter(used).collect();
    let legend = canvas::legend_places(&classes, f64::from(WIDTH));
    let top = legend.last().map_or(0.0, |place| place.2) + TOP;
    Layout {
        legend,
        top,
        bottom: top + body,
        height: top + body + BOTTOM,
    }
}

/// Draws the rows; returns the drawing and its height.
pub(super) fn draw(dots: &Dots) -> Result<(String, u32), ReportError> {
    let layout = layout(dots);
    let height = layout.height.ceil() as u32;
    let svg = canvas::draw(dots.chart, &dots.title, (WIDTH, height), |c| {
        paint(dots, &layout, c);
    })?;
    Ok((svg, height))
}

/// Draws the rows at the top of a surface.
pub(super) fn paint(dots: &Dots, layout: &Layout, c: &Canvas<'_>) {
    let (top, bottom) = (layout.top, layout.bottom);
    c.legend(&layout.legend);
    let right = f64::from(WIDTH) - dots.values;
    let all = || dots.groups.iter().flat_map(|g| &g.rows);
    let ends = all().flat_map(|r| {
        let interval = r.interval.map(|i| [i.low, i.high]);
        std::iter::once(r.value).chain(interval.into_iter().flatten())
    });
    let axis = Axis::log(dots.unit, ends, dots.labels, right - 20.0);
    c.text(
        f64::from(WIDTH) - 8.0,
        top - 12.0,
        Align::Right,
        Ink::Muted,
        dots.value_label,
    );
    axis.draw_horizontal(c, top, bottom, true);
    c.text(
        (dots.labels + right) / 2.0,
        bottom + 34.0,
        Align::Middle,
        Ink::Text,
        &dots.axis_label,
    );
    let mut y = top;
    for group in &dots.groups {
        // The heading has the paper behind it, so that grid lines do not run
        // through its letters.
        c.rect(
            (0.0, y + 3.0),
            (
                (16.0 + canvas::text_width(&group.heading) * 1.1).max(dots.labels),
                y + HEADING - 2.0,
            ),
            Ink::Paper,
        );
        c.bold(
            8.0,
            y + HEADING / 2.0 + 1.0,
            Align::Left,
            Ink::Text,
            &group.heading,
        );
        y += HEADING;
        for row in &group.rows {
            let middle = y + ROW / 2.0;
            c.text(20.0, middle, Align::Left, Ink::Text, &row.label);
            c.line((dots.labels, middle), (right - 20.0, middle), Ink::Grid, 1);
            if let Some(i) = row.interval {
                let (low, high) = (axis.at(i.low), axis.at(i.high));
                let ink = Ink::Class(row.class);
                c.line((low, middle), (high, middle), ink, 2);
                c.line((low, middle - 4.0), (low, middle + 4.0), ink, 2);
                c.line((high, middle - 4.0), (high, middle + 4.0), ink, 2);
            }
            c.mark(axis.at(row.value), middle, row.class);
            c.text(
                f64::from(WIDTH) - 8.0,
                middle,
                Align::Right,
                Ink::Text,
                &row.text,
            );
            y += ROW;
        }
    }
}
