use super::{Manifest, Record, SCHEMA, file, upgrade};
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
        "{path}: the record has schema version {found}, but this version of assay reads 1 to {SCHEMA}; read it with the version that made it, or run again"
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: u64,
    },
    /// A record of an older schema has an arm that no release of its time had.
    #[error(
        "{path}: the record has schema version 1, but no release with that schema had an arm '{arm}'; read it with the version of assay that made it"
    )]
    UnknownArm {
        /// The file.
        path: PathBuf,
        /// The arm's id.
        arm: String,
    },
    /// An arm has rows or is planned, and the manifest does not say what it is.
    #[error(
        "{path}: arm '{arm}' is used in this record but has no entry in 'arms': the record is incomplete or was edited; run again"
    )]
    NoReceipt {
        /// The file.
        path: PathBuf,
        /// The arm's id.
        arm: String,
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
        let path = dir.join(file::MANIFEST);
        let (schema, manifest) = read_manifest(&path)?;
        let mut record = Record {
            manifest,
            samples: read_rows(&dir.join(file::SAMPLES))?,
            outcomes: read_rows(&dir.join(file::OUTCOMES))?,
        };
        if schema == 1 {
            for sample in &mut record.samples {
                upgrade::note_from_schema_1(&mut sample.note);
            }
        }
        match record.without_receipt() {
            None => Ok(record),
            Some(arm) => Err(RecordError::NoReceipt {
                path,
                arm: arm.to_string(),
            }),
        }
    }
}

/// The manifest, and the version of the schema that it was written with.
fn read_manifest(path: &Path) -> Result<(u64, Manifest), RecordError> {
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
        Some(version) if version == u64::from(SCHEMA) => {
            let manifest = serde_json::from_str(&text).map_err(malformed)?;
            Ok((version, manifest))
        }
        Some(1) => Ok((1, upgraded(path, value)?)),
        Some(found) => Err(RecordError::Schema {
            path: path.to_owned(),
            found,
        }),
        None => Err(RecordError::Manifest {
            path: path.to_owned(),
            line: 1,
            column: 1,
            message: "no numeric key 'schema': this is not a record of assay".to_owned(),
        }),
    }
}

fn upgraded(path: &Path, mut value: serde_json::Value) -> Result<Manifest, RecordError> {
    upgrade::from_schema_1(&mut value).map_err(|arm| RecordError::UnknownArm {
        path: path.to_owned(),
        arm,
    })?;
    serde_json::from_value(value).map_err(|error| RecordError::Manifest {
        path: path.to_owned(),
        // Positions are those of the text, which this is no longer.
        line: 1,
        column: 1,
        message: error.to_string(),
    })
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
