//! Names of things: arms, cases of workloads, runs.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not {what}: {why}")]
pub struct IdError {
    what: &'static str,
    text: String,
    why: &'static str,
}

fn check_words(what: &'static str, text: &str, extra: &str) -> Result<(), IdError> {
    let fail = |why| {
        Err(IdError {
            what,
            text: text.to_owned(),
            why,
        })
    };
    if text.is_empty() {
        return fail("it is empty");
    }
    if !text
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || extra.contains(c))
    {
        return fail("only lower-case letters, digits and the separators of its form are allowed");
    }
    Ok(())
}

/// The name of one way to run a workload, for example `wasmtime/aot` or `crun`.
/// It is a name and says nothing: what an arm is stands in its
/// [`ArmFacts`](crate::ArmFacts). The A/A twin of an arm ends in `~aa`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArmId(String);

/// Ends the id of an A/A twin.
const AA_SUFFIX: &str = "~aa";

impl ArmId {
    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the A/A twin of another arm.
    #[must_use]
    pub fn is_twin(&self) -> bool {
        self.0.ends_with(AA_SUFFIX)
    }

    /// The arm without its A/A suffix.
    #[must_use]
    pub fn base(&self) -> ArmId {
        ArmId(self.0.trim_end_matches(AA_SUFFIX).to_owned())
    }

    /// The A/A twin of this arm: the same program launched again under another
    /// name, so that any difference between the two is noise.
    #[must_use]
    pub fn twin(&self) -> ArmId {
        ArmId(format!("{}{AA_SUFFIX}", self.base().0))
    }
}

impl FromStr for ArmId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check_words("an arm id", text.trim_end_matches(AA_SUFFIX), "-/+._")?;
        Ok(ArmId(text.to_owned()))
    }
}

/// One case of a workload: `cli/hello`, or `cli/exit#trap` where a definition
/// holds several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseId(String);

impl CaseId {
    /// Joins a workload's id and the name of one of its cases.
    ///
    /// # Errors
    /// When either part holds a character that ids do not allow.
    pub fn new(workload: &str, case: Option<&str>) -> Result<Self, IdError> {
        match case {
            None => workload.parse(),
            Some(case) => format!("{workload}#{case}").parse(),
        }
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The workload's id, without the case.
    #[must_use]
    pub fn workload(&self) -> &str {
        self.0.split('#').next().unwrap_or_default()
    }

    /// The case's name, if the workload has several.
    #[must_use]
    pub fn case(&self) -> Option<&str> {
        self.0.split_once('#').map(|(_, case)| case)
    }

    /// Whether this is a `cli/…` workload or an `http/…` one: the part before
    /// the first `/`.
    #[must_use]
    pub fn family(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl FromStr for CaseId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check_words("a workload id", text, "-/#._")?;
        if text.matches('#').count() > 1 {
            return Err(IdError {
                what: "a workload id",
                text: text.to_owned(),
                why: "it has more than one '#'",
            });
        }
        if !text.contains('/') {
            return Err(IdError {
                what: "a workload id",
                text: text.to_owned(),
                why: "it has no '/' between family and name",
            });
        }
        Ok(CaseId(text.to_owned()))
    }
}

/// One run of the suite: sortable by time, unique per machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check_words("a run id", text, "-")?;
        Ok(RunId(text.to_owned()))
    }
}

/// Whose defects an arm shows: the name of an implementation. Two arms with the
/// same engine are not independent of each other, whatever is wrapped around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EngineName(String);

impl EngineName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EngineName {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check_words("the name of an engine", text, "-._")?;
        Ok(EngineName(text.to_owned()))
    }
}

macro_rules! text_conversions {
    ($($id:ty),*) => {$(
        impl TryFrom<String> for $id {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
        impl From<$id> for String {
            fn from(id: $id) -> String {
                id.0
            }
        }
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}
text_conversions!(ArmId, CaseId, RunId, EngineName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_knows_its_twin() {
        let arm: ArmId = "wasmtime/aot".parse().unwrap();
        assert_eq!(arm.twin().as_str(), "wasmtime/aot~aa");
        assert!(arm.twin().is_twin());
        assert_eq!(arm.twin().twin(), arm.twin());
        assert_eq!(arm.twin().base(), arm);
    }

    #[test]
    fn a_case_knows_its_workload() {
        let case = CaseId::new("cli/exit", Some("trap")).unwrap();
        assert_eq!(case.as_str(), "cli/exit#trap");
        assert_eq!(
            (case.workload(), case.case(), case.family()),
            ("cli/exit", Some("trap"), "cli")
        );
    }

    #[test]
    fn names_outside_their_form_are_refused() {
        for bad in ["", "Hello", "cli hello", "cli", "cli/a#b#c"] {
            assert!(bad.parse::<CaseId>().is_err(), "{bad}");
        }
        for bad in ["", "a b", "a~b", "~aa"] {
            assert!(bad.parse::<ArmId>().is_err(), "{bad}");
        }
    }
}
