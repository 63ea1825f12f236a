//! Charts, tables, HTML and claim verdicts from a record.
//!
//! Everything here starts from an [`assay_model::Record`] and nothing else: the
//! same record gives the same bytes, on any machine, without an engine.
//!
//! | want | call |
//! | --- | --- |
//! | the report as one HTML page | [`render_html`] |
//! | the report and `junit.xml` in a record's directory | [`write_all`] |
//! | the short table at the end of a run | [`summary::render`] |
//! | the conformance grid for a CI system | [`junit::render`] |
//! | charts as files of their own, for a README | [`charts::standalone`] |
//! | the figures behind all of these | [`analyse::Analysis::of`] |
//! | the verdicts | [`claims::findings`] |
//!
//! How figures are made is described in `METHODOLOGY.md` beside this crate, and
//! what could make them unfair in `BIAS.md`.

pub mod analyse;
pub mod anchor;
pub mod arms;
pub mod charts;
pub mod claims;
mod error;
pub mod format;
mod html;
pub mod junit;
pub mod splice;
pub mod summary;

use std::path::{Path, PathBuf};

use assay_model::Record;
use assay_model::record::file;

pub use error::ReportError;

/// The report: one HTML page that asks for nothing from anywhere.
///
/// # Errors
/// When a chart or the page cannot be rendered.
pub fn render_html(record: &Record) -> Result<String, ReportError> {
    html::render(&analyse::Analysis::of(record))
}

/// Name of the JUnit file beside the report.
pub const JUNIT: &str = "junit.xml";

/// Writes `report.html` and `junit.xml` into a directory, normally the
/// record's own, and returns the path of the report.
///
/// # Errors
/// When something cannot be rendered, or a file cannot be written; it is named.
pub fn write_all(dir: &Path, analysis: &analyse::Analysis<'_>) -> Result<PathBuf, ReportError> {
    let report = dir.join(file::REPORT);
    write(&report, &html::render(analysis)?)?;
    write(&dir.join(JUNIT), &junit::render(analysis)?)?;
    Ok(report)
}

fn write(path: &Path, text: &str) -> Result<(), ReportError> {
    std::fs::write(path, text).map_err(|source| ReportError::Write {
        path: path.to_owned(),
        source,
    })
}
