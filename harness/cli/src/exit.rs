//! Exit codes, and the failures behind them.

use std::error::Error;

/// Everything worked.
pub const OK: u8 = 0;
/// The harness itself failed.
pub const INTERNAL: u8 = 1;
/// The command line, a definition or a record is wrong.
pub const USAGE: u8 = 2;
/// A selection matched nothing.
pub const NOTHING_SELECTED: u8 = 4;
/// A required arm, or a named engine or architecture, is known and missing.
pub const REQUIRED_ARM_MISSING: u8 = 6;
/// An outcome is not the expected one.
pub const CONFORMANCE: u8 = 100;
/// Ctrl-C: 128 + SIGINT, as shells show it.
pub const INTERRUPTED: u8 = 130;

/// Why the program ends with another code than 0.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The harness itself failed.
    #[error("{0}")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
    /// Something that the user gave is wrong.
    #[error("{0}")]
    Usage(String),
    /// A glob matched nothing.
    #[error("{0}")]
    NothingSelected(String),
    /// A required arm does not work here.
    #[error("missing required arms:\n{0}")]
    RequiredArmMissing(String),
    /// A named container engine is not ready.
    #[error("{0}")]
    EngineMissing(String),
    /// An architecture cannot be verified here.
    #[error("{0}")]
    ArchitectureMissing(String),
    /// Outcomes differ.
    #[error("{0} verified cells failed")]
    Conformance(usize),
    /// A component did not end well, or not in the same way everywhere.
    #[error("{0}")]
    Outcome(String),
    /// Ctrl-C.
    #[error("interrupted; the rows recorded so far are kept")]
    Interrupted,
}

impl Failure {
    /// A failure of the harness.
    pub fn internal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure::Internal(error.into())
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Failure::Internal(_) => INTERNAL,
            Failure::Usage(_) => USAGE,
            Failure::NothingSelected(_) => NOTHING_SELECTED,
            Failure::RequiredArmMissing(_)
            | Failure::EngineMissing(_)
            | Failure::ArchitectureMissing(_) => REQUIRED_ARM_MISSING,
            Failure::Conformance(_) | Failure::Outcome(_) => CONFORMANCE,
            Failure::Interrupted => INTERRUPTED,
        }
    }

    /// Tells the user, on stderr.
    pub fn print(&self) {
        eprintln!("assay: {self}");
        let mut source = self.source().and_then(Error::source);
        while let Some(cause) = source {
            eprintln!("  because: {cause}");
            source = cause.source();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_documentation() {
        assert_eq!(Failure::internal("x").code(), 1);
        assert_eq!(Failure::Usage(String::new()).code(), 2);
        assert_eq!(Failure::NothingSelected(String::new()).code(), 4);
        assert_eq!(Failure::RequiredArmMissing(String::new()).code(), 6);
        assert_eq!(Failure::Conformance(1).code(), 100);
    }
}
