//! What a case is for beside its outcome: which question of the capability
//! grid it asks, what it is set beside, and what it is a price list of.

use crate::id::CaseId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a case of the capability grid asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// The program has what it asks for, and is to get it.
    Granted,
    /// It has not, and is to see the specified error, an empty answer or a trap.
    Denied,
    /// It tries to get at something outside of all that was given to it.
    Escape,
}

impl Access {
    /// Every value, in the order of the documentation.
    pub const ALL: [Access; 3] = [Access::Granted, Access::Denied, Access::Escape];

    /// Its name in definitions and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Granted => "granted",
            Access::Denied => "denied",
            Access::Escape => "escape",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the difference of two workloads shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shows {
    /// The same program in several components and in one.
    #[serde(rename = "composition")]
    Composition,
    /// The same program for WASI 0.3 and for 0.2.
    #[serde(rename = "wasi-0.3")]
    Wasi03,
}

impl Shows {
    /// Every value, in the order of the documentation.
    pub const ALL: [Shows; 2] = [Shows::Composition, Shows::Wasi03];

    /// Its name in definitions and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Shows::Composition => "composition",
            Shows::Wasi03 => "wasi-0.3",
        }
    }
}

impl fmt::Display for Shows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The workload that another one is set beside, case by case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compare {
    /// The id of that workload, without a case.
    pub with: String,
    /// What the difference of the two shows.
    pub shows: Shows,
}

/// What one unit costs: the cold start of this case minus that of `over`,
/// divided by `count`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Per {
    /// What is counted: `call`.
    pub unit: String,
    /// How many of them this case does more than `over`.
    pub count: u64,
    /// The case that does everything else.
    pub over: CaseId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_records_are_those_of_definitions() {
        for access in Access::ALL {
            assert_eq!(serde_json::to_value(access).unwrap(), access.as_str());
        }
        for shows in Shows::ALL {
            assert_eq!(serde_json::to_value(shows).unwrap(), shows.as_str());
        }
    }
}
