//! Charts as SVG whose colours are variables of the page around them.
//!
//! A chart never shows an emulated row (the analysis has none), names its units
//! on the axes, and comes with a title, its definition, the environment, and a
//! data table (made by the page).

mod axis;
mod canvas;
mod chart;
mod classes;
mod code;
mod density;
mod dots;
mod footprint;
mod ladder;
mod mix;
mod phases;
mod theme;

use crate::ReportError;
use crate::analyse::Analysis;
pub(crate) use footprint::distinct;

pub use chart::Chart;
pub use mix::MIXED;
pub use theme::STYLE;

/// Every chart for which the record has figures, in the order of the report.
///
/// # Errors
/// When the drawing library fails; the chart is named.
pub fn all(analysis: &Analysis<'_>) -> Result<Vec<Chart>, ReportError> {
    let mut charts = Vec::new();
    charts.extend(classes::draw(analysis)?);
    charts.extend(ladder::draw(analysis)?);
    charts.extend(phases::draw(analysis)?);
    charts.extend(footprint::memory(analysis)?);
    charts.extend(footprint::artifacts(analysis)?);
    charts.extend(density::draw(analysis, true)?);
    charts.extend(density::draw(analysis, false)?);
    charts.extend(code::draw(analysis)?);
    Ok(charts)
}

/// The environment in one line, as it stands under every chart.
#[must_use]
pub fn environment(analysis: &Analysis<'_>) -> String {
    let manifest = &analysis.record.manifest;
    let virtualised = match manifest.fingerprint.virtualised {
        Some(true) => "",
        Some(false) => ", not virtualised",
        None => ", virtualisation unknown",
    };
    format!(
        "{}{virtualised} · profile {} · run {}",
        manifest.fingerprint, manifest.plan.profile, manifest.run_id
    )
}

/// A chart as a file of its own, with its title, definition and environment
/// in it: for a README. Light and dark follow the reader's preference.
#[must_use]
pub fn standalone(chart: &Chart, analysis: &Analysis<'_>) -> String {
    theme::standalone(chart, &environment(analysis))
}
