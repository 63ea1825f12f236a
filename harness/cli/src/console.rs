//! What every verb prints.

use crate::args::Format;
use crate::exit::Failure;
use assay_reports::analyse::Analysis;
use assay_reports::summary::{self, Detail, Form};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

/// Writes data to stdout; a reader that left early (`| head`) is no failure.
pub fn put(text: &str) -> Result<(), Failure> {
    put_bytes(text.as_bytes())
}

/// The same for data that is not ours, and need not be text.
pub fn put_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::internal(error))
        }
        _ => Ok(()),
    }
}

/// The summary of a record for stdout, in colours where a terminal has them.
pub fn summary(
    analysis: &Analysis<'_>,
    format: Format,
    verbose: bool,
    report: &Path,
) -> Result<String, Failure> {
    let color = std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let form = Form {
        format: format.into(),
        color: color.into(),
        detail: match verbose {
            true => Detail::All,
            false => Detail::Short,
        },
    };
    summary::render(analysis, form, Some(report)).map_err(Failure::internal)
}

/// Puts texts into a document, each between the markers of its name.
///
/// # Errors
/// A document without the markers is usage, and then left as it was.
pub fn splice(document: &Path, texts: &[(&str, &str)]) -> Result<(), Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: {error}", document.display()));
    let mut whole = std::fs::read_to_string(document).map_err(|error| wrong(&error))?;
    for (name, text) in texts {
        whole = assay_reports::splice::splice(&whole, name, text).map_err(|error| wrong(&error))?;
    }
    std::fs::write(document, whole).map_err(|error| wrong(&error))
}
