//! Live instances against memory. A row for each arm says what one more
//! instance takes, how many were alive and what ended the run; beneath, the
//! fitted lines, a panel for each class. Tenants of one process and units of the
//! kernel have charts of their own: they are different things.

use assay_model::{ArmClass, Unit};

use super::axis::Axis;
use super::canvas::{self, Align, Canvas, text_width};
use super::chart::Chart;
use super::dots::{self, Dots, Group, Row};
use super::theme::Ink;
use crate::ReportError;
use crate::analyse::{Analysis, DensitySeries};
use crate::format;

/// Panels side by side.
const ACROSS: usize = 2;
const PANEL: f64 = dots::WIDTH as f64 / ACROSS as f64;
const PLOT: f64 = 200.0;
const LEFT: f64 = 76.0;
const HEAD: f64 = 34.0;
const FOOT: f64 = 56.0;
const LEGEND_ROW: f64 = 20.0;

pub(super) fn draw(
    analysis: &Analysis<'_>,
    in_process: bool,
) -> Result<Option<Chart>, ReportError> {
    let series: Vec<&DensitySeries> = analysis
        .density
        .iter()
        .filter(|d| d.in_process == in_process && d.points.iter().any(|p| p.pss.is_some()))
        .collect();
    let rows: Vec<Row> = series.iter().filter_map(|s| row(analysis, s)).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let (id, title, what) = if in_process {
        (
            "density-in-process",
            "Density: tenants of one host process",
            "Every instance lives in one process; the runtime isolates them.",
        )
    } else {
        (
            "density-per-process",
            "Density: one process or container each",
            "Every instance is a process or container of its own; the kernel isolates them.",
        )
    };
    let panels = panels(analysis, &series);
    let dots = Dots {
        chart: id,
        title: title.to_owned(),
        unit: Unit::Bytes,
        axis_label: "memory of one more instance, logarithmic axis".to_owned(),
        value_label: "slope [95 % interval] · live",
        labels: 240.0,
        values: 330.0,
        groups: vec![Group {
            heading: "memory of one more instance".to_owned(),
            rows,
        }],
    };
    let rows_of_panels: Vec<&[Panel<'_>]> = panels.chunks(ACROSS).collect();
    let layout = dots::layout(&dots);
    let tall = |of: &[Panel<'_>]| of.iter().map(Panel::height).fold(0.0, f64::max);
    let below: f64 = rows_of_panels.iter().map(|of| tall(of)).sum();
    let height = (layout.height + below).ceil() as u32;
    let svg = canvas::draw(id, title, (dots::WIDTH, height), |c| {
        dots::paint(&dots, &layout, c);
        let mut y = layout.height;
        for of in &rows_of_panels {
            for (column, panel) in of.iter().enumerate() {
                panel.paint(c, PANEL * column as f64, y);
            }
            y += tall(of);
        }
    })?;
    Ok(Some(Chart {
        id,
        title: title.to_owned(),
        subtitle: format!(
            "{what} Rows: the marginal memory of one instance, which is the slope of a Theil–Sen \
             fit, and how many instances were alive at the end. Panels: PSS summed over all charge \
             sets and the host, at each number of live, proven instances, with the fitted line. \
             Each panel has its own axes."
        ),
        caption: "≥ N: stopped at the budget declared in advance; this is not a capacity. The \
                  table has the reason of each stop."
            .to_owned(),
        svg,
        width: dots::WIDTH,
        height,
    }))
}

/// What one more instance takes; nothing without a fit.
fn row(analysis: &Analysis<'_>, s: &DensitySeries) -> Option<Row> {
    let line = s.pss.as_ref()?;
    let interval = line.slope_p95.map_or_else(String::new, |interval| {
        format!(" {}", format::interval(Unit::Bytes, line.slope, interval))
    });
    Some(Row {
        label: format!("{} · {}", s.arm, s.workload),
        class: analysis.class(&s.arm)?,
        value: line.slope,
        interval: line.slope_p95,
        text: format!(
            "{}{interval} · {}{}",
            format::value(Unit::Bytes, line.slope),
            s.count_text(),
            match (s.by_wall, s.by_budget) {
                (true, _) => ", wall",
                (_, true) => ", budget",
                _ => "",
            }
        ),
    })
}

/// The lines of a class.
struct Panel<'a> {
    class: ArmClass,
    series: Vec<&'a DensitySeries>,
}

fn panels<'a>(analysis: &Analysis<'_>, series: &[&'a DensitySeries]) -> Vec<Panel<'a>> {
    let of = |class: ArmClass| {
        let is = move |s: &&&DensitySeries| analysis.class(&s.arm) == Some(class);
        series.iter().filter(is).copied().collect::<Vec<_>>()
    };
    ArmClass::ALL
        .into_iter()
        .map(|class| Panel {
            class,
            series: of(class),
        })
        .filter(|panel| !panel.series.is_empty())
        .collect()
}

impl Panel<'_> {
    fn legend(&self) -> f64 {
        LEGEND_ROW * self.series.len() as f64
    }

    fn height(&self) -> f64 {
        HEAD + self.legend() + PLOT + FOOT
    }

    /// Shape and ink of a line: those of its class where it is the only one.
    fn look(&self, place: usize) -> (ArmClass, Ink) {
        match self.series.len() {
            1 => (self.class, Ink::Class(self.class)),
            _ => (
                ArmClass::ALL[place % ArmClass::ALL.len()],
                Ink::Series(place),
            ),
        }
    }

    fn paint(&self, c: &Canvas<'_>, x0: f64, y0: f64) {
        let (left, right) = (x0 + LEFT, x0 + PANEL - 20.0);
        c.bold(
            x0 + 8.0,
            y0 + 20.0,
            Align::Left,
            Ink::Text,
            self.class.label(),
        );
        let widest = ((PANEL - 50.0) / text_width("x")) as usize;
        for (place, s) in self.series.iter().enumerate() {
            let y = y0 + HEAD + LEGEND_ROW * (place as f64 + 0.5);
            let (shape, ink) = self.look(place);
            c.line((x0 + 8.0, y), (x0 + 32.0, y), ink, 2);
            c.shape(x0 + 20.0, y, shape, ink);
            let name: String = format!("{} · {}", s.arm, s.workload);
            let name: String = name.chars().take(widest).collect();
            c.text(x0 + 40.0, y, Align::Left, Ink::Text, &name);
        }
        let top = y0 + HEAD + self.legend() + 10.0;
        let bottom = top + PLOT - 10.0;
        let points = || self.series.iter().flat_map(|s| &s.points);
        let most = points().map(|p| p.n).fold(0.0, f64::max);
        let largest = points().filter_map(|p| p.pss).fold(0.0, f64::max);
        let x = Axis::linear(Unit::Count, most, left, right);
        let y = Axis::linear(Unit::Bytes, largest, bottom, top);
        x.draw_horizontal(c, top, bottom, false);
        y.draw_vertical(c, left, right);
        for (place, s) in self.series.iter().enumerate() {
            let (shape, ink) = self.look(place);
            let last = s.points.iter().map(|p| p.n).fold(0.0, f64::max);
            let line = s.pss.as_ref();
            let ends = line.and_then(|line| Some((line.at(0.0)?, line.at(last)?)));
            if let Some((from, to)) = ends {
                c.line(
                    (x.at(0.0), y.at(from.max(0.0))),
                    (x.at(last), y.at(to.max(0.0))),
                    ink,
                    2,
                );
            }
            for point in &s.points {
                if let Some(pss) = point.pss {
                    c.shape(x.at(point.n), y.at(pss), shape, ink);
                }
            }
        }
        c.text(
            (left + right) / 2.0,
            bottom + 34.0,
            Align::Middle,
            Ink::Muted,
            "PSS over live instances",
        );
    }
}
