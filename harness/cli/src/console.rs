//! What every verb prints.

use crate::args::Format;
use crate::exit::Failure;
use assay_model::Record;
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

/// Prints the summary of a record.
pub fn summary(record: &Record, format: Format, report: &Path) -> Result<(), Failure> {
    let color = std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let text = assay_reports::summary::render(record, format.into(), color.into(), Some(report))
        .map_err(Failure::internal)?;
    put(&text)
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
