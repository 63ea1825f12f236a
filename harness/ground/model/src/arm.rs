//! What a record says of each arm.

use crate::facts::ArmFacts;
use crate::id::ArmId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether an arm can run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Availability {
    /// It ran something just now; `version` is the receipt.
    Available {
        /// What the runtime says of itself.
        version: String,
    },
    /// It cannot run here.
    Unavailable {
        /// Why not.
        reason: String,
        /// What a user does to get it.
        remedy: String,
    },
}

impl Availability {
    /// Whether the arm can run.
    #[must_use]
    pub fn is_available(&self) -> bool {
        matches!(self, Availability::Available { .. })
    }
}

/// The label of an arm whose programs were built for checks, and not as they are
/// measured: no figure of theirs counts.
pub const BUILT_FOR_CHECKS: &str = "built-for-checks";

/// An arm as it was during a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmReceipt {
    /// The arm.
    pub id: ArmId,
    /// What it is, as it says itself.
    pub facts: ArmFacts,
    /// Whether it ran, with its version or the reason.
    pub availability: Availability,
    /// What this arm is, in a sentence: isolation, fresh process or resident.
    pub summary: String,
    /// Labels that change the meaning of its figures: `user-namespace`,
    /// `no-seccomp`, `host-network`, [`BUILT_FOR_CHECKS`], …
    pub labels: Vec<String>,
    /// The named settings of its engine, as the engine or runtime reports
    /// them, including the SHA-256 of its binaries.
    pub config: BTreeMap<String, String>,
    /// Which processes are charged to one instance, in words.
    pub charge_set: String,
}
