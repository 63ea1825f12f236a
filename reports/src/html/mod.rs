//! The report: one page that opens offline, needs no script and prints.

mod data;
mod headline;
mod view;

use askama::Template as _;

use crate::ReportError;
use crate::analyse::Analysis;

/// Renders the page.
pub(crate) fn render(analysis: &Analysis<'_>) -> Result<String, ReportError> {
    Ok(view::Page::of(analysis)?.render()?)
}
