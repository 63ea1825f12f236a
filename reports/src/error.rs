use std::path::PathBuf;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A chart could not be drawn.
    #[error(
        "chart '{chart}' cannot be drawn: {message}; this is a defect of the report, please report it with the record"
    )]
    Chart {
        /// Which chart.
        chart: String,
        /// What the drawing library said.
        message: String,
    },
    /// The page could not be filled in.
    #[error(
        "the report page cannot be rendered: {0}; this is a defect of the report, please report it with the record"
    )]
    Page(#[from] askama::Error),
    /// A summary could not be written in the wanted format.
    #[error(
        "the {format} form cannot be written: {message}; try --format table, and report this with the record"
    )]
    Encode {
        /// The format.
        format: &'static str,
        /// What the encoder said.
        message: String,
    },
    /// A file could not be written.
    #[error("{path}: {source}; choose a directory that can be written with --out")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
