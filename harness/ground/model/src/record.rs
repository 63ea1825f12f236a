//! A record on disk: `record.json`, `samples.csv`, `outcomes.csv`.

mod merge;
mod read;
mod upgrade;
mod write;

pub use merge::{MergeError, Mixed};
pub use read::RecordError;
pub use write::RecordWriter;

use crate::arm::{ArmReceipt, BUILT_FOR_CHECKS};
use crate::facts::ArmFacts;
use crate::fingerprint::Fingerprint;
use crate::id::{ArmId, CaseId, RunId};
use crate::outcome::Digest;
use crate::plan::Plan;
use crate::purpose::{Access, Compare, Per};
use crate::sample::{OutcomeRow, Sample};
use crate::units::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the record's schema. It changes when a reader of the old
/// version would misread a new record.
pub const SCHEMA: u32 = 2;

/// File names inside a record's directory.
pub mod file {
    /// The manifest.
    pub const MANIFEST: &str = "record.json";
    /// The measured values.
    pub const SAMPLES: &str = "samples.csv";
    /// The conformance grid.
    pub const OUTCOMES: &str = "outcomes.csv";
    /// The rendered report.
    pub const REPORT: &str = "report.html";
}

/// `record.json`: everything about a run that is not a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The schema version, [`SCHEMA`].
    pub schema: u32,
    /// The run.
    pub run_id: RunId,
    /// The suite itself.
    pub tool: Tool,
    /// Start of the run, RFC 3339, UTC.
    pub started_at: String,
    /// End of the run, RFC 3339, UTC; absent while it runs.
    pub finished_at: Option<String>,
    /// Whether the whole plan was carried out. False after Ctrl-C or a crash:
    /// the rows so far are valid, the plan says what is missing.
    pub complete: bool,
    /// Wall time of the whole run in seconds, builds excluded.
    pub wall_seconds: f64,
    /// Wall time of builds that this run had to make first, in seconds.
    pub build_seconds: f64,
    /// The plan.
    pub plan: Plan,
    /// Every arm that was selected, available or not.
    pub arms: Vec<ArmReceipt>,
    /// Every case that was selected.
    pub workloads: Vec<WorkloadReceipt>,
    /// Every function of the interfaces that the fixed set is written for, and
    /// how many of the verified cases called it; empty where no arm can tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coverage: Vec<Covered>,
    /// The machine.
    pub fingerprint: Fingerprint,
    /// What a reader should know before trusting a figure: each says what to
    /// do next.
    pub warnings: Vec<String>,
    /// The manifests of records that were merged into this one, which keeps
    /// its own figures: their rows are in its tables, under their run ids.
    /// `workloads` is empty where it is the same as this one's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<Manifest>,
}

impl Manifest {
    /// Architecture of the programs that were run; as the fingerprint says it.
    #[must_use]
    pub fn arch(&self) -> &str {
        self.fingerprint.arch.as_deref().unwrap_or("unknown")
    }

    /// Whether an emulator ran them.
    #[must_use]
    pub fn emulated(&self) -> bool {
        self.fingerprint.emulated == Some(true)
    }

    /// Whether its programs were built for checks, and not as they are measured.
    #[must_use]
    pub fn built_for_checks(&self) -> bool {
        let mut labels = self.arms.iter().flat_map(|arm| &arm.labels);
        labels.any(|label| label == BUILT_FOR_CHECKS)
    }

    /// This manifest and those that were merged into it.
    pub fn machines(&self) -> impl DoubleEndedIterator<Item = &Manifest> {
        std::iter::once(self).chain(&self.merged)
    }

    /// What each arm of this manifest and of those merged into it is.
    #[must_use]
    pub fn facts(&self) -> FactTable {
        let receipts = self.machines().flat_map(|machine| &machine.arms);
        // Of a merged record, the first machine that has the arm.
        receipts
            .rev()
            .map(|receipt| (receipt.id.clone(), receipt.facts.clone()))
            .collect()
    }

    /// The cases of one of [`Manifest::machines`].
    #[must_use]
    pub fn workloads_of<'m>(&'m self, machine: &'m Manifest) -> &'m [WorkloadReceipt] {
        match machine.workloads.is_empty() {
            true => &self.workloads,
            false => &machine.workloads,
        }
    }
}

/// What the arms of a record are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactTable(BTreeMap<ArmId, ArmFacts>);

impl FactTable {
    /// Every arm that has a receipt.
    pub fn arms(&self) -> impl Iterator<Item = &ArmId> {
        self.0.keys()
    }

    /// The facts of an arm; an A/A twin is the same arm under another name.
    #[must_use]
    pub fn get(&self, arm: &ArmId) -> Option<&ArmFacts> {
        self.0.get(arm).or_else(|| self.0.get(&arm.base()))
    }
}

impl FromIterator<(ArmId, ArmFacts)> for FactTable {
    /// Of several facts of one arm the last ones hold.
    fn from_iter<I: IntoIterator<Item = (ArmId, ArmFacts)>>(facts: I) -> FactTable {
        FactTable(facts.into_iter().collect())
    }
}

/// The version of the suite that made a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Version of the `assay` package.
    pub version: String,
    /// Commit it was built from, if known.
    pub commit: Option<String>,
    /// Whether the work tree had changes.
    pub dirty: Option<bool>,
    /// `rustc --version` of the measured binaries.
    pub rustc: Option<String>,
    /// SHA-256 of Cargo.lock.
    pub lockfile: Option<Digest>,
}

/// One function of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// `package/interface#function`, for example `cli/environment#get-arguments`.
    pub function: String,
    /// Cases that called it.
    pub cases: u64,
}

/// A workload case as it was during a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadReceipt {
    /// The case.
    pub id: CaseId,
    /// The world its component targets.
    pub world: String,
    /// SHA-256 of the component's bytes.
    pub component: Digest,
    /// SHA-256 of the expected canonical outcome.
    pub expected: Digest,
    /// Where the expectation comes from.
    pub source: String,
    /// Size of the component, uncompressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Bytes>,
    /// Language of the component's source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// What the workload can be found by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What it asks, for a case of the capability grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Whether it is a negative control, whose outcome is meant to differ.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// Groups of interfaces that are not linked in this case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
    /// The workload that this one is set beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// What this case does many times, if its start is a price list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
}

/// A record in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// `record.json`.
    pub manifest: Manifest,
    /// `samples.csv`.
    pub samples: Vec<Sample>,
    /// `outcomes.csv`.
    pub outcomes: Vec<OutcomeRow>,
}

impl Record {
    /// An arm of the plan or of a row of which the manifest does not say what it
    /// is; a record that was read has none.
    #[must_use]
    pub fn without_receipt(&self) -> Option<&ArmId> {
        let facts = self.manifest.facts();
        let mut used = BTreeSet::new();
        for machine in self.manifest.machines() {
            let plan = &machine.plan;
            used.extend(plan.verify.iter().map(|cell| &cell.arm));
            used.extend(plan.cold_start.cells.iter().map(|cell| &cell.arm));
            used.extend(plan.footprint.iter().map(|cell| &cell.arm));
            used.extend(plan.density.iter().map(|density| &density.cell.arm));
        }
        used.extend(self.samples.iter().map(|sample| &sample.arm));
        used.extend(self.outcomes.iter().map(|row| &row.arm));
        used.into_iter().find(|arm| facts.get(arm).is_none())
    }
}
