//! The report: one page that opens offline, needs no script and prints.

mod access;
mod architectures;
mod charges;
mod coverage;
mod data;
mod grid;
mod headline;
mod not_taken;
mod pairs;
mod view;

use askama::Template as _;

use crate::ReportError;
use crate::analyse::Analysis;

/// Renders the page.
pub(crate) fn render(analysis: &Analysis<'_>) -> Result<String, ReportError> {
    Ok(view::Page::of(analysis)?.render()?)
}
