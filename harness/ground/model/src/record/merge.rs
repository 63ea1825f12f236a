//! Several records as one: the grid of a fleet, or of several architectures.

use super::{Manifest, Record, WorkloadReceipt};
use crate::digest::Digest;
use crate::id::{CaseId, RunId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What becomes of records whose components are not the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixed {
    /// They are not merged.
    Refused,
    /// They are merged, and the outcomes of such components are not compared.
    Shown,
}

/// One side of a disagreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The run.
    pub run: RunId,
    /// Its architecture.
    pub arch: String,
    /// What it has.
    pub digest: Digest,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in run {} ({})", self.digest, self.run, self.arch)
    }
}

/// Why records cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("no record to merge")]
    Nothing,
    /// One run is there twice.
    #[error("run {0} is given twice; give each record once")]
    Twice(RunId),
    /// A case is of other bytes in another record.
    #[error(
        "{case}: its {what} is {} and {}{}: outcomes of different bytes cannot be compared; run both \
         with the same fixed set, or merge with --show-differing",
        sides[0], sides[1], others(*more)
    )]
    Differs {
        /// The case.
        case: CaseId,
        /// `component` or `expected outcome`.
        what: &'static str,
        /// The first two that differ.
        sides: Box<[Side; 2]>,
        /// How many further cases differ.
        more: usize,
    },
}

fn others(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => ", and another case differs".to_owned(),
        more => format!(", and {more} further cases differ"),
    }
}

impl Record {
    /// One record with the outcomes and samples of all of them. Its figures
    /// are those of the first that was not emulated, or else of the first;
    /// every row keeps its run id, so nothing is mixed.
    ///
    /// # Errors
    /// See [`MergeError`].
    pub fn merge(records: Vec<Record>, mixed: Mixed) -> Result<Record, MergeError> {
        let mut manifests = Vec::new();
        let (mut samples, mut outcomes) = (Vec::new(), Vec::new());
        for record in records {
            manifests.extend(parts(record.manifest));
            samples.extend(record.samples);
            outcomes.extend(record.outcomes);
        }
        let mut runs = BTreeSet::new();
        for manifest in &manifests {
            if !runs.insert(&manifest.run_id) {
                return Err(MergeError::Twice(manifest.run_id.clone()));
            }
        }
        if mixed == Mixed::Refused {
            same_bytes(&manifests)?;
        }
        let native = manifests.iter().position(|manifest| !manifest.emulated());
        if manifests.is_empty() {
            return Err(MergeError::Nothing);
        }
        let mut lead = manifests.remove(native.unwrap_or(0));
        for manifest in &mut manifests {
            if manifest.workloads == lead.workloads {
                manifest.workloads.clear();
            }
        }
        lead.merged = manifests;
        Ok(Record {
            manifest: lead,
            samples,
            outcomes,
        })
    }
}

/// A manifest and those merged into it, each with its own cases.
fn parts(mut manifest: Manifest) -> Vec<Manifest> {
    let mut merged = std::mem::take(&mut manifest.merged);
    for part in &mut merged {
        if part.workloads.is_empty() {
            part.workloads.clone_from(&manifest.workloads);
        }
    }
    merged.insert(0, manifest);
    merged
}

/// What must be equal for outcomes to compare.
type Aspect = (&'static str, fn(&WorkloadReceipt) -> &Digest);

const ASPECTS: [Aspect; 2] = [
    ("component", |receipt| &receipt.component),
    ("expected outcome", |receipt| &receipt.expected),
];

/// Where machines have other bytes of a case.
#[derive(Default)]
struct Disagreements<'m> {
    first: Option<(&'m CaseId, &'static str, [Side; 2])>,
    cases: BTreeSet<&'m CaseId>,
}

fn disagreements<'m>(
    machines: impl Iterator<Item = (&'m Manifest, &'m [WorkloadReceipt])> + Clone,
) -> Disagreements<'m> {
    let mut found = Disagreements::default();
    for (what, digest) in ASPECTS {
        let mut seen: BTreeMap<&CaseId, (&Manifest, &Digest)> = BTreeMap::new();
        for (manifest, receipts) in machines.clone() {
            for receipt in receipts {
                let this = (manifest, digest(receipt));
                let before = *seen.entry(&receipt.id).or_insert(this);
                if before.1 != this.1 {
                    found.cases.insert(&receipt.id);
                    found
                        .first
                        .get_or_insert_with(|| (&receipt.id, what, [before, this].map(side)));
                }
            }
        }
    }
    found
}

fn side((manifest, digest): (&Manifest, &Digest)) -> Side {
    Side {
        run: manifest.run_id.clone(),
        arch: manifest.arch().to_owned(),
        digest: digest.clone(),
    }
}

fn same_bytes(manifests: &[Manifest]) -> Result<(), MergeError> {
    let machines = manifests.iter().map(|one| (one, one.workloads.as_slice()));
    let Disagreements { first, cases } = disagreements(machines);
    match first {
        None => Ok(()),
        Some((case, what, sides)) => Err(MergeError::Differs {
            case: case.clone(),
            what,
            sides: Box::new(sides),
            more: cases.len().saturating_sub(1),
        }),
    }
}

impl Manifest {
    /// Cases that are not the same bytes on all of [`Manifest::machines`]:
    /// outcomes of these do not compare.
    #[must_use]
    pub fn of_other_bytes(&self) -> BTreeSet<&CaseId> {
        let machines: Vec<&Manifest> = self.machines().collect();
        let receipts = machines.iter().map(|one| (*one, self.workloads_of(one)));
        disagreements(receipts).cases
    }
}
