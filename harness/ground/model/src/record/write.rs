use super::{Manifest, Record, RecordError, file};
use crate::sample::{OutcomeRow, Sample};
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Writes a record row by row, so that an interrupted run leaves what it had.
#[derive(Debug)]
pub struct RecordWriter {
    dir: PathBuf,
    samples: csv::Writer<File>,
    outcomes: csv::Writer<File>,
}

const SAMPLE_COLUMNS: [&str; 13] = [
    "run_id", "arch", "emulated", "workload", "arm", "metric", "unit", "value", "block", "seq",
    "warmup", "valid", "note",
];
const OUTCOME_COLUMNS: [&str; 9] = [
    "run_id", "arch", "emulated", "workload", "arm", "state", "digest", "expected", "detail",
];

impl Record {
    /// Writes a whole record into a directory.
    ///
    /// # Errors
    /// When a file cannot be written; it is named.
    pub fn write(&self, dir: &Path) -> Result<(), RecordError> {
        let mut writer = RecordWriter::create(dir, &self.manifest)?;
        writer.samples(&self.samples)?;
        append(
            &mut writer.outcomes,
            &self.outcomes,
            &writer.dir.join(file::OUTCOMES),
        )
    }
}

impl RecordWriter {
    /// Creates the directory, the manifest of a run that is not complete yet,
    /// and two files with headers.
    ///
    /// # Errors
    /// When a file cannot be written; it is named.
    pub fn create(dir: &Path, manifest: &Manifest) -> Result<RecordWriter, RecordError> {
        std::fs::create_dir_all(dir).map_err(RecordError::io(dir))?;
        let writer = RecordWriter {
            dir: dir.to_owned(),
            samples: table(&dir.join(file::SAMPLES), &SAMPLE_COLUMNS)?,
            outcomes: table(&dir.join(file::OUTCOMES), &OUTCOME_COLUMNS)?,
        };
        writer.manifest(manifest)?;
        Ok(writer)
    }

    /// Where the record is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Replaces `record.json`, atomically.
    ///
    /// # Errors
    /// When the file cannot be written; it is named.
    pub fn manifest(&self, manifest: &Manifest) -> Result<(), RecordError> {
        let path = self.dir.join(file::MANIFEST);
        let partial = self.dir.join("record.json.partial");
        let mut text = serde_json::to_string_pretty(manifest)
            .map_err(|error| RecordError::io(&path)(error.into()))?;
        text.push('\n');
        std::fs::write(&partial, text).map_err(RecordError::io(&partial))?;
        std::fs::rename(&partial, &path).map_err(RecordError::io(&path))
    }

    /// Appends rows to `samples.csv` and flushes them.
    ///
    /// # Errors
    /// When the file cannot be written; it is named.
    pub fn samples(&mut self, rows: &[Sample]) -> Result<(), RecordError> {
        append(&mut self.samples, rows, &self.dir.join(file::SAMPLES))
    }

    /// Appends a row to `outcomes.csv` and flushes it.
    ///
    /// # Errors
    /// When the file cannot be written; it is named.
    pub fn outcome(&mut self, row: &OutcomeRow) -> Result<(), RecordError> {
        append(
            &mut self.outcomes,
            std::slice::from_ref(row),
            &self.dir.join(file::OUTCOMES),
        )
    }
}

fn table(path: &Path, columns: &[&str]) -> Result<csv::Writer<File>, RecordError> {
    let file = File::create(path).map_err(RecordError::io(path))?;
    // The header is written here, not by the first row: a run without rows
    // still leaves a readable table.
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(file);
    writer
        .write_record(columns)
        .and_then(|()| Ok(writer.flush()?))
        .map_err(|error| RecordError::io(path)(error.into()))?;
    Ok(writer)
}

fn append<T: Serialize>(
    writer: &mut csv::Writer<File>,
    rows: &[T],
    path: &Path,
) -> Result<(), RecordError> {
    for row in rows {
        writer
            .serialize(row)
            .map_err(|error| RecordError::io(path)(error.into()))?;
    }
    writer.flush().map_err(RecordError::io(path))
}
