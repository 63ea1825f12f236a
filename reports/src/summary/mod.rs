//! The summary at the end of a run, in four formats.

mod brief;
mod digest;
mod form;
mod lines;
mod short;
mod text;

use std::path::Path;

use crate::ReportError;
use crate::analyse::Analysis;

pub use form::{Color, Detail, Form, Format};
pub(crate) use lines::access_line;
pub use short::{CellLine, ClaimLine, Counts, Figure, RatioFigure, Short, SkippedArm};
pub(crate) use short::{cell, table_axes as axes};

/// The summary of a record, ending in a line feed. `report` is the path that
/// the reader is pointed to.
///
/// # Errors
/// When the format's encoder fails.
pub fn render(
    analysis: &Analysis<'_>,
    form: Form,
    report: Option<&Path>,
) -> Result<String, ReportError> {
    let short = Short::of(analysis, report);
    match form.format {
        Format::Table if form.detail == Detail::Short => {
            Ok(brief::table(analysis, &short, form.color))
        }
        Format::Table => Ok(text::table(&short, form.color)),
        Format::Md => Ok(text::markdown(&short)),
        Format::Json => json(&short),
        Format::Csv => csv(&short),
    }
}

/// What a document shows of a record, in Markdown without a heading: one
/// sentence on outcomes, one on the machine, the classes of arms, and every
/// claim with the first sentence of its reason. No cell has a row of its own.
#[must_use]
pub fn digest(analysis: &Analysis<'_>) -> String {
    digest::markdown(analysis, &Short::of(analysis, None))
}

fn json(short: &Short) -> Result<String, ReportError> {
    serde_json::to_string_pretty(short)
        .map(|text| text + "\n")
        .map_err(|error| ReportError::Encode {
            format: "json",
            message: error.to_string(),
        })
}

/// Columns of the CSV form.
const COLUMNS: [&str; 12] = [
    "kind",
    "id",
    "arm",
    "state",
    "cold_start_ns",
    "cold_start_low_ns",
    "cold_start_high_ns",
    "launches",
    "ratio_to_native",
    "pss_bytes",
    "note",
    "remedy",
];

fn csv(short: &Short) -> Result<String, ReportError> {
    let failed = |message: String| ReportError::Encode {
        format: "csv",
        message,
    };
    let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut rows: Vec<[String; 12]> = vec![COLUMNS.map(str::to_owned)];
    for cell in &short.cells {
        let figure = cell.cold_start.as_ref();
        rows.push([
            "cell".to_owned(),
            cell.workload.clone(),
            cell.arm.clone(),
            cell.outcome.clone(),
            number(figure.map(|f| f.median)),
            number(figure.and_then(|f| f.low)),
            number(figure.and_then(|f| f.high)),
            figure.map_or(String::new(), |f| f.n.to_string()),
            number(cell.ratio_to_native.as_ref().map(|r| r.ratio)),
            number(cell.pss_bytes),
            cell.detail.clone(),
            String::new(),
        ]);
    }
    let blank = || std::array::from_fn::<String, 12, _>(|_| String::new());
    for claim in &short.claims {
        let mut row = blank();
        row[0] = "claim".to_owned();
        row[1].clone_from(&claim.id);
        row[3].clone_from(&claim.verdict);
        row[10].clone_from(&claim.reason);
        rows.push(row);
    }
    for arm in &short.skipped {
        let mut row = blank();
        row[0] = "skipped".to_owned();
        row[2].clone_from(&arm.arm);
        row[10].clone_from(&arm.reason);
        row[11].clone_from(&arm.remedy);
        rows.push(row);
    }
    for row in rows {
        writer
            .write_record(&row)
            .map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}
