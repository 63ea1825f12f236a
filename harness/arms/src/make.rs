//! How the programs of this machine are built: as they are measured, or soon.
//!
//! Link-time optimization is more than half of what it takes to build them,
//! and no outcome depends on it. A check that is after outcomes can do without;
//! what it leaves says so everywhere, and no claim is judged by its figures.

use crate::binaries::{BuildError, LAUNCHER, WORKER};
use std::ffi::OsStr;

/// Names how programs are built.
pub(crate) const VARIABLE: &str = "ASSAY_BUILD";

/// The profile of programs whose outcomes are compared and whose times are not.
pub(crate) const CHECKED: &str = "checked";

/// What is built at once where nothing is timed, so that there is one build of
/// the engine: features unify, and the worker is also the one that compiles for
/// other architectures.
pub(crate) const ENGINE_AT_ONCE: [&str; 5] = [
    LAUNCHER,
    "assay-runner",
    "assay-runner-http",
    "assay-runner-jit",
    WORKER,
];

/// The features of that worker: compilers for every architecture, and further
/// back ends.
pub(crate) const EVERY_COMPILER: &[&str] = &["assay-worker/all-arch", "assay-worker/back-ends"];

/// How programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// As figures are published of them.
    Measured,
    /// Without link-time optimization.
    Checked,
}

impl Make {
    /// What the environment asks for: measured programs unless it says
    /// otherwise.
    ///
    /// # Errors
    /// When it asks for something else.
    pub fn asked_for() -> Result<Make, BuildError> {
        Make::of(std::env::var_os(VARIABLE).as_deref())
    }

    fn of(value: Option<&OsStr>) -> Result<Make, BuildError> {
        let Some(value) = value else {
            return Ok(Make::Measured);
        };
        match value.to_str() {
            Some("" | "measured") => Ok(Make::Measured),
            Some(CHECKED) => Ok(Make::Checked),
            _ => Err(BuildError::UnknownMake(
                value.to_string_lossy().into_owned(),
            )),
        }
    }

    /// Cargo's profile.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Make::Measured => "measured",
            Make::Checked => CHECKED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_as_they_are_measured_unless_the_environment_says_otherwise() {
        let of = |text: &str| Make::of(Some(OsStr::new(text))).ok();
        assert_eq!(Make::of(None).ok(), Some(Make::Measured));
        assert_eq!(of(""), Some(Make::Measured));
        assert_eq!(of("measured"), Some(Make::Measured));
        assert_eq!(of("checked"), Some(Make::Checked));
        assert_eq!(of("quick"), None);
        let said = Make::of(Some(OsStr::new("quick"))).unwrap_err().to_string();
        assert!(said.contains("quick") && said.contains("checked"), "{said}");
    }
}
