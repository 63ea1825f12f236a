//! Live instances against memory, with the fitted line. Tenants of one process
//! and units of the kernel have charts of their own: they are different things.

use assay_model::{ArmClass, Unit};

use super::Chart;
use super::axis::Axis;
use super::canvas::{self, Align, Canvas, text_width};
use super::theme::Ink;
use crate::ReportError;
use crate::analyse::{Analysis, DensitySeries, slope_text};
use crate::format;

const WIDTH: u32 = 960;
const LEFT: f64 = 84.0;
const PLOT: f64 = 300.0;
const LEGEND_ROW: f64 = 22.0;

pub(super) fn draw(
    analysis: &Analysis<'_>,
    in_process: bool,
) -> Result<Option<Chart>, ReportError> {
    let series: Vec<&DensitySeries> = analysis
        .density
        .iter()
        .filter(|d| d.in_process == in_process && d.points.iter().any(|p| p.pss.is_some()))
        .collect();
    if series.is_empty() {
        return Ok(None);
    }
    let (id, title, what) = if in_process {
        (
            "density-in-process",
            "Density: tenants of one host process",
            "Every instance lives in one process; the runtime parts them.",
        )
    } else {
        (
            "density-per-process",
            "Density: one process or container each",
            "Every instance is a process or container of its own; the kernel parts them.",
        )
    };
    let legend: Vec<(usize, Vec<String>)> = series
        .iter()
        .enumerate()
        .map(|(place, s)| (place, legend_lines(s)))
        .collect();
    let legend_rows: usize = legend.iter().map(|l| l.1.len()).sum();
    let top = 16.0 + LEGEND_ROW * legend_rows as f64;
    let height = (top + PLOT + 52.0).ceil() as u32;
    let svg = canvas::draw(id, title, (WIDTH, height), |c| {
        let mut y = 14.0;
        for (place, lines) in &legend {
            if let Some(s) = series.get(*place) {
                let (kind, ink) = look(analysis, &series, *place, s);
                c.line((4.0, y), (32.0, y), ink, 2);
                c.shape(18.0, y, kind, ink);
            }
            for line in lines {
                c.text(40.0, y, Align::Left, Ink::Text, line);
                y += LEGEND_ROW;
            }
        }
        paint(analysis, c, &series, top, top + PLOT);
    })?;
    Ok(Some(Chart {
        id,
        title: title.to_owned(),
        subtitle: format!(
            "{what} Points: PSS summed over all charge sets and the host, at each number of live, \
             proven instances. Line: Theil–Sen fit; its slope is the marginal memory of one \
             instance, its intercept the fixed cost."
        ),
        caption: "≥ N: stopped at the budget that was declared before, which is not a capacity."
            .to_owned(),
        svg,
        width: WIDTH,
        height,
    }))
}

/// What the legend says of a series, wrapped.
fn legend_lines(s: &DensitySeries) -> Vec<String> {
    let fit = s.pss.as_ref().map_or_else(
        || "fewer than five points: no fit".to_owned(),
        |line| {
            format!(
                "{}, fixed {}",
                slope_text(line),
                format::value(Unit::Bytes, line.intercept)
            )
        },
    );
    // A budget's note begins with the count, which stands before it already.
    let stop = match s.stop.split_once(": ") {
        Some((_, budget)) if s.by_budget => budget,
        _ if s.stop.is_empty() => "no reason recorded",
        _ => &s.stop,
    };
    let whole = format!(
        "{} · {}: {fit}; {} live, {stop}",
        s.arm,
        s.workload,
        s.count_text(),
    );
    let widest = ((f64::from(WIDTH) - 48.0) / text_width("x")) as usize;
    format::wrap(&whole, widest)
}

/// Shape and ink of a series: those of its kind where that tells all series
/// apart, else one after the other.
fn look(
    analysis: &Analysis<'_>,
    series: &[&DensitySeries],
    place: usize,
    s: &DensitySeries,
) -> (ArmClass, Ink) {
    let kind = analysis.class(&s.arm).unwrap_or(ArmClass::Native);
    let of_kind = series
        .iter()
        .filter(|o| analysis.class(&o.arm) == Some(kind));
    if of_kind.count() == 1 {
        return (kind, Ink::Class(kind));
    }
    let shape = ArmClass::ALL.get(place % ArmClass::ALL.len());
    (shape.copied().unwrap_or(kind), Ink::Series(place + 1))
}

fn paint(
    analysis: &Analysis<'_>,
    c: &Canvas<'_>,
    series: &[&DensitySeries],
    top: f64,
    bottom: f64,
) {
    let right = f64::from(WIDTH) - 24.0;
    let points = || series.iter().flat_map(|s| &s.points);
    let counts = || points().map(|p| p.n);
    let sizes = || points().filter_map(|p| p.pss);
    let apart = far_apart(series);
    let (x, y) = if apart {
        (
            Axis::log(Unit::Count, counts(), LEFT, right),
            Axis::log(Unit::Bytes, sizes(), bottom, top + 8.0),
        )
    } else {
        let most = counts().fold(0.0, f64::max);
        let largest = sizes().fold(0.0, f64::max);
        (
            Axis::linear(Unit::Count, most, LEFT, right),
            Axis::linear(Unit::Bytes, largest, bottom, top + 8.0),
        )
    };
    x.draw_horizontal(c, top + 8.0, bottom, false);
    y.draw_vertical(c, LEFT, right);
    for (place, s) in series.iter().enumerate() {
        let (kind, ink) = look(analysis, series, place, s);
        if let Some(line) = &s.pss {
            // What is straight on linear axes is not on logarithmic ones, which
            // have no zero either.
            let zero = (!apart).then_some(0.0);
            let bends = zero.into_iter().chain(s.points.iter().map(|p| p.n));
            let bends: Vec<(f64, f64)> = bends
                .filter_map(|n| line.at(n).map(|v| (x.at(n), y.at(v))))
                .collect();
            for ends in bends.windows(2) {
                c.line(ends[0], ends[1], ink, 2);
            }
        }
        for point in &s.points {
            if let Some(pss) = point.pss {
                c.shape(x.at(point.n), y.at(pss), kind, ink);
            }
        }
    }
    let (memory, live) = match apart {
        true => ("PSS, logarithmic axis", "live instances, logarithmic axis"),
        false => ("PSS", "live instances"),
    };
    c.text(8.0, top - 4.0, Align::Left, Ink::Text, memory);
    c.text(
        (LEFT + right) / 2.0,
        bottom + 38.0,
        Align::Middle,
        Ink::Text,
        live,
    );
}

/// Whether most series would lie on the axis if it were linear.
fn far_apart(series: &[&DensitySeries]) -> bool {
    const TIMES: f64 = 16.0;
    let most = |s: &&DensitySeries| s.points.iter().filter_map(|p| p.pss).fold(0.0, f64::max);
    let (mut least, mut largest) = (f64::INFINITY, 0.0_f64);
    for size in series.iter().map(most).filter(|&size| size > 0.0) {
        least = least.min(size);
        largest = largest.max(size);
    }
    largest > TIMES * least
}
