//! Published sentences and what the suite says of them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of a claim in `reports/METHODOLOGY.md`: `1`, `2b`, `9c`, ….
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimId(pub String);

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What the measurements say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The record supports the sentence as it was published.
    Confirmed,
    /// The record contradicts it.
    Refuted,
    /// True under conditions that the sentence does not name.
    Depends,
    /// This record cannot say; the reason stands beside it.
    NotMeasured,
}

impl Verdict {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Confirmed => "confirmed",
            Verdict::Refuted => "refuted",
            Verdict::Depends => "depends",
            Verdict::NotMeasured => "not-measured",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
