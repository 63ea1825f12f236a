use assay_model::record::RecordWriter;
use assay_model::{ArmId, CaseId, Metric, OutcomeRow, RecordError, RunId, Sample, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a measure stopped before its plan was carried out.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The user asked for it.
    #[error("interrupted")]
    Cancelled(#[from] Cancelled),
    /// The record cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The plan names an arm that is not there.
    #[error("the plan names the arm '{0}', which is not part of this run")]
    UnknownArm(ArmId),
    /// The plan names a case that is not there.
    #[error("the plan names the case '{0}', which is not in the catalog")]
    UnknownCase(CaseId),
    /// The harness itself failed.
    #[error(transparent)]
    Arm(#[from] assay_arms::ArmError),
}

/// The user pressed Ctrl-C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Cancelled;

/// Is told what happens, for a person who waits.
pub trait Progress {
    /// A measure begins with that many steps.
    fn begin(&mut self, what: &str, steps: u64);
    /// A step is about to be taken.
    fn step(&mut self, what: &str);
    /// Something worth a line.
    fn note(&mut self, line: &str);
    /// The measure has ended.
    fn end(&mut self);
}

/// What ran the programs of a run: in each of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Their architecture, as Rust names it.
    pub arch: String,
    /// Whether an emulator ran them.
    pub emulated: bool,
}

/// Where rows go, one by one, so that an interrupted run keeps what it had.
pub struct Recorder {
    writer: RecordWriter,
    run_id: RunId,
    origin: Origin,
    cancel: Arc<AtomicBool>,
    /// Who is told what happens.
    pub progress: Box<dyn Progress>,
}

/// What the rows of one launch share.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    pub workload: &'a CaseId,
    pub arm: &'a ArmId,
    pub block: u32,
    pub seq: u32,
    pub warmup: bool,
    pub valid: bool,
    pub note: &'a str,
}

impl Recorder {
    /// Records into an open record.
    #[must_use]
    pub fn new(
        writer: RecordWriter,
        run_id: RunId,
        origin: Origin,
        cancel: Arc<AtomicBool>,
        progress: Box<dyn Progress>,
    ) -> Recorder {
        Recorder {
            writer,
            run_id,
            origin,
            cancel,
            progress,
        }
    }

    /// The record being written.
    #[must_use]
    pub fn writer(&self) -> &RecordWriter {
        &self.writer
    }

    /// Between two launches: stops here after Ctrl-C.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn check(&self) -> Result<(), Cancelled> {
        match self.cancel.load(Ordering::Relaxed) {
            true => Err(Cancelled),
            false => Ok(()),
        }
    }

    pub(crate) fn values(
        &mut self,
        row: &Row<'_>,
        values: impl IntoIterator<Item = (Metric, f64)>,
    ) -> Result<(), RecordError> {
        let rows: Vec<Sample> = values
            .into_iter()
            .map(|(metric, value)| Sample {
                run_id: self.run_id.clone(),
                arch: self.origin.arch.clone(),
                emulated: self.origin.emulated,
                workload: row.workload.clone(),
                arm: row.arm.clone(),
                metric,
                unit: metric.unit(),
                value,
                block: row.block,
                seq: row.seq,
                warmup: row.warmup,
                valid: row.valid,
                note: row.note.to_owned(),
            })
            .collect();
        self.writer.samples(&rows)
    }

    pub(crate) fn outcome(
        &mut self,
        workload: &CaseId,
        arm: &ArmId,
        state: State,
        digests: (String, String),
        detail: String,
    ) -> Result<(), RecordError> {
        self.writer.outcome(&OutcomeRow {
            run_id: self.run_id.clone(),
            arch: self.origin.arch.clone(),
            emulated: self.origin.emulated,
            workload: workload.clone(),
            arm: arm.clone(),
            state,
            digest: digests.0,
            expected: digests.1,
            detail,
        })
    }
}
