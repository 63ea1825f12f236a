//! What verification says of one cell of the grid.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The conformance state of one workload on one arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The outcome is the expected one.
    Pass,
    /// The outcome differs from the expected one.
    Fail,
    /// The arm itself broke: it could not load, start or speak.
    Crash,
    /// The deadline of the workload passed; the run was ended.
    Timeout,
    /// The arm cannot do this by its nature, and says why. Never a pass.
    Unsupported,
    /// Not tried, and says why. Never a pass.
    Skipped,
    /// Differs as a linked, known defect of the host predicts.
    ExpectedFail,
    /// A known defect is gone: the expectation is stale. An error.
    UnexpectedPass,
}

impl State {
    /// Every state, in the order of reports.
    pub const ALL: [State; 8] = [
        State::Pass,
        State::Fail,
        State::Crash,
        State::Timeout,
        State::Unsupported,
        State::Skipped,
        State::ExpectedFail,
        State::UnexpectedPass,
    ];

    /// The name in records and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Pass => "pass",
            State::Fail => "fail",
            State::Crash => "crash",
            State::Timeout => "timeout",
            State::Unsupported => "unsupported",
            State::Skipped => "skipped",
            State::ExpectedFail => "expected-fail",
            State::UnexpectedPass => "unexpected-pass",
        }
    }

    /// Whether this state makes a verification fail (exit code 100).
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            State::Fail | State::Crash | State::Timeout | State::UnexpectedPass
        )
    }

    /// Whether what came out is compared between machines: not where nothing
    /// came out, and not where a known defect shows, whose entry says where it
    /// does.
    #[must_use]
    pub fn compares(self) -> bool {
        !matches!(
            self,
            State::Unsupported | State::Skipped | State::ExpectedFail
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A state that no version of the schema knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a conformance state (pass, fail, crash, timeout, unsupported, skipped, expected-fail, unexpected-pass)"
)]
pub struct UnknownState(String);

impl FromStr for State {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        State::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownState(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>(), Ok(state));
        }
        assert!("ok".parse::<State>().is_err());
    }
}
