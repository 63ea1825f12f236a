use super::{Manifest, Record, SCHEMA, file};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The manifest is not what the schema says.
    #[error("{path}:{line}:{column}: {message}")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The record has another schema version.
    #[error(
        "{path}: the record has schema version {found}, this program reads {SCHEMA}; use the version of assay that made it, or run again"
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: u64,
    },
    /// A row is not what the schema says.
    #[error("{path}:{line}: {message}")]
    Row {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: u64,
        /// What is wrong.
        message: String,
    },
}

impl RecordError {
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> RecordError {
        let path = path.to_owned();
        move |source| RecordError::Io { path, source }
    }
}

impl Record {
    /// Reads a record's directory.
    ///
    /// # Errors
    /// Names the file and line that is missing or malformed.
    pub fn read(dir: &Path) -> Result<Record, RecordError> {
        Ok(Record {
            manifest: read_manifest(&dir.join(file::MANIFEST))?,
            samples: read_rows(&dir.join(file::SAMPLES))?,
            outcomes: read_rows(&dir.join(file::OUTCOMES))?,
        })
    }
}

fn read_manifest(path: &Path) -> Result<Manifest, RecordError> {
    let text = std::fs::read_to_string(path).map_err(RecordError::io(path))?;
    let malformed = |error: serde_json::Error| RecordError::Manifest {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
        message: error.to_string(),
    };
    // The version first: a record of another version must be named as such,
    // not as one with a missing key.
    let value: serde_json::Value = serde_json::from_str(&text).map_err(malformed)?;
    match value.get("schema").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(SCHEMA) => {}
        Some(found) => {
            return Err(RecordError::Schema {
                path: path.to_owned(),
                found,
            });
        }
        None => {
            return Err(RecordError::Manifest {
                path: path.to_owned(),
                line: 1,
                column: 1,
                message: "there is no key 'schema' with a number: this is not a record of assay"
                    .to_owned(),
            });
        }
    }
    serde_json::from_str(&text).map_err(malformed)
}

fn read_rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, RecordError> {
    let file = std::fs::File::open(path).map_err(RecordError::io(path))?;
    let mut reader = csv::Reader::from_reader(file);
    let mut rows = Vec::new();
    for row in reader.deserialize() {
        rows.push(row.map_err(|error| RecordError::Row {
            path: path.to_owned(),
            line: error.position().map_or(1, csv::Position::line),
            message: error.to_string(),
        })?);
    }
    Ok(rows)
}
