//! The record of a run that begins: its id, its start and its directory.

use crate::exit::Failure;
use assay_model::RunId;
use assay_model::record::file;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// A record that is about to be written.
#[derive(Debug)]
pub struct NewRecord {
    /// The run.
    pub run_id: RunId,
    /// When it started, RFC 3339, UTC.
    pub started_at: String,
    /// The directory.
    pub dir: PathBuf,
    /// Where `latest` points to it, if it is one of ours.
    latest: Option<PathBuf>,
}

impl NewRecord {
    /// The directory that the user chose, or a new one below `target/assay`.
    ///
    /// # Errors
    /// When the chosen directory already holds a record: records are never
    /// overwritten.
    pub fn choose(out: Option<&Path>) -> Result<NewRecord, Failure> {
        let now = Timestamp::now();
        let run_id = format!(
            "{}-{:06x}",
            now.strftime("%Y%m%d-%H%M%S"),
            std::process::id() & 0xff_ffff
        );
        let run_id: RunId = run_id.parse().map_err(Failure::internal)?;
        let below = assay_workloads::checkout()
            .unwrap_or_default()
            .join("target/assay");
        let (dir, latest) = match out {
            Some(dir) => (dir.to_owned(), None),
            None => (below.join(run_id.as_str()), Some(below.join("latest"))),
        };
        is_free(&dir)?;
        Ok(NewRecord {
            run_id,
            started_at: rfc3339(now),
            dir,
            latest,
        })
    }

    /// The directory of one architecture's record in that of them all. Such
    /// runs may begin in the same second, so the architecture is in their ids.
    ///
    /// # Errors
    /// As [`NewRecord::choose`].
    pub fn of_architecture(all: &Path, name: &str) -> Result<NewRecord, Failure> {
        let record = NewRecord::choose(Some(&all.join(name)))?;
        let run_id = format!("{}-{}", record.run_id, name.replace('_', "-"));
        Ok(NewRecord {
            run_id: run_id.parse().map_err(Failure::internal)?,
            ..record
        })
    }

    /// Points `latest` to this record, in one step.
    ///
    /// # Errors
    /// When the link cannot be made.
    pub fn link_latest(&self) -> Result<(), Failure> {
        let Some(latest) = &self.latest else {
            return Ok(());
        };
        let partial = latest.with_extension(self.run_id.as_str());
        std::os::unix::fs::symlink(self.run_id.as_str(), &partial)
            .and_then(|()| std::fs::rename(&partial, latest))
            .map_err(Failure::internal)
    }
}

/// Records are never overwritten.
///
/// # Errors
/// When the directory holds one.
pub fn is_free(dir: &Path) -> Result<(), Failure> {
    match dir.join(file::MANIFEST).exists() {
        false => Ok(()),
        true => Err(Failure::Usage(format!(
            "{} already holds a record: choose another directory for --out, or remove it",
            dir.display()
        ))),
    }
}

fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// This instant, RFC 3339, UTC.
#[must_use]
pub fn now() -> String {
    rfc3339(Timestamp::now())
}

/// A seed for a run that was given none; it is in the record. 32 bits are
/// enough for an order and survive every JSON reader.
#[must_use]
pub fn seed_from_clock() -> u64 {
    u64::from(Timestamp::now().subsec_nanosecond().unsigned_abs())
}
