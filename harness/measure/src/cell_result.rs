//! What one case came to on one arm: a state with its reason.

use crate::run_case::{deadline, run_case};
use assay_arms::{ArmError, Binaries, Ended, Lab, Prepared};
use assay_model::{ArmFacts, State};
use assay_workloads::{Case, ComponentError, Workload};

/// What one case did on one arm.
pub(crate) struct CellResult {
    pub(crate) state: State,
    pub(crate) digest: String,
    pub(crate) detail: String,
}

impl CellResult {
    pub(crate) fn of(state: State, detail: impl Into<String>) -> CellResult {
        CellResult {
            state,
            digest: String::new(),
            detail: detail.into(),
        }
    }

    /// An arm that could not make a case ready or run it.
    pub(crate) fn of_error(error: &ArmError) -> CellResult {
        let state = match error {
            ArmError::Absent(_) => State::Unsupported,
            ArmError::Component(ComponentError::NotBuilt { .. }) => State::Skipped,
            _ => State::Crash,
        };
        CellResult::of(state, error.to_string())
    }
}

/// Runs a case and compares its outcome with the expected one.
pub(crate) fn compare(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    workload: &Workload,
    case: &Case,
) -> CellResult {
    let staged = match run_case(lab, prepared, workload, case) {
        Ok(staged) => staged,
        Err(error) => return CellResult::of_error(&error),
    };
    let because = |what: String| {
        let problems: Vec<&str> = staged.problems().collect();
        match problems.is_empty() {
            true => what,
            false => format!("{what} ({})", problems.join("; ")),
        }
    };
    let observed = match &staged.ended {
        Ended::Outcome(observed) => observed,
        Ended::TimedOut => {
            let deadline = deadline(lab, prepared, workload);
            let after = format!("still running after {deadline:?}");
            return CellResult::of(State::Timeout, because(after));
        }
        Ended::Crashed(why) => return CellResult::of(State::Crash, because(why.clone())),
    };
    let actual = case.outcome(observed);
    let digest = actual.digest().to_string();
    let (state, detail) = match (case.expected().difference(&actual), &staged.steps) {
        (None, None) => (State::Pass, String::new()),
        (None, Some(problem)) => (State::Fail, problem.clone()),
        (Some(difference), _) => (State::Fail, because(difference.to_string())),
    };
    CellResult {
        state,
        digest,
        detail,
    }
}

impl CellResult {
    /// A negative control is there to be caught: an outcome that is not the
    /// expected one is what must come, and nothing else is good enough.
    ///
    /// Where an architecture leaves nothing to catch, not catching it is no news.
    pub(crate) fn with_control(self, workload: &Workload, architecture: &str) -> CellResult {
        let found = self;
        let Some(control) = &workload.control else {
            return found;
        };
        match found.state {
            State::Fail => CellResult {
                state: State::Pass,
                detail: format!("caught: {}", found.detail),
                ..found
            },
            State::Pass
                if let Some(moot) = &control.moot
                    && moot.architecture == architecture =>
            {
                CellResult::of(State::Unsupported, moot.why.clone())
            }
            State::Pass => CellResult {
                state: State::Fail,
                detail: format!(
                    "this control was not caught, so the suite would also miss: {}",
                    control.catches
                ),
                ..found
            },
            _ => found,
        }
    }

    /// A known, linked defect turns a failure into an expected one, and a pass
    /// into a stale expectation, unless it is known to show now and then.
    pub(crate) fn with_known_defects(
        self,
        workload: &Workload,
        case: &Case,
        facts: &ArmFacts,
        binaries: &Binaries,
    ) -> CellResult {
        let found = self;
        let emulator = binaries.emulator().map(|emulator| emulator.release);
        let known = workload.known_defects.iter().find(|defect| {
            defect.on.selects(facts)
                && defect.case.as_ref().is_none_or(|named| *named == case.id)
                && defect.shows_on(binaries.architecture(), emulator)
        });
        let Some(known) = known else { return found };
        match found.state {
            State::Pass if known.intermittent => found,
            State::Pass => CellResult {
                state: State::UnexpectedPass,
                detail: format!("{} no longer happens: {}", known.issue, known.reason),
                ..found
            },
            State::Fail | State::Crash | State::Timeout if !known.explains(&found.digest) => {
                CellResult {
                    detail: format!(
                        "{} predicts a different outcome: {} ({})",
                        known.issue, known.reason, found.detail
                    ),
                    ..found
                }
            }
            State::Fail | State::Crash | State::Timeout => CellResult {
                state: State::ExpectedFail,
                detail: format!("{}: {} ({})", known.issue, known.reason, found.detail),
                ..found
            },
            _ => found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::{ArmKind, ArmSelector};
    use assay_workloads::Catalog;

    fn state_on_inside(state: State, intermittent: bool) -> State {
        state_of("inside", state, intermittent)
    }

    /// What becomes of a state where a defect of somebody is known.
    fn state_of(whose: &str, state: State, intermittent: bool) -> State {
        let catalog = Catalog::load(Catalog::default_directory()).unwrap();
        let mut with_defects = catalog
            .workloads()
            .iter()
            .filter(|workload| !workload.known_defects.is_empty());
        let mut workload = with_defects.next().unwrap().clone();
        workload.known_defects.truncate(1);
        for defect in &mut workload.known_defects {
            defect.on = ArmSelector::default();
            defect.on.engine.0.push(whose.parse().unwrap());
            defect.case = None;
            defect.outcomes.clear();
            defect.emulator = None;
            defect.intermittent = intermittent;
        }
        let found = CellResult::of(state, "");
        // An arm that holds an engine of another name than its own.
        let facts = ArmFacts::of(ArmKind::Container, "inside".parse().unwrap());
        let binaries = Binaries::at(std::path::PathBuf::new());
        let known = found.with_known_defects(&workload, &workload.cases[0], &facts, &binaries);
        known.state
    }

    #[test]
    fn a_known_defect_is_expected_and_its_absence_is_not() {
        for failure in [State::Fail, State::Crash, State::Timeout] {
            assert_eq!(state_on_inside(failure, false), State::ExpectedFail);
            assert_eq!(state_on_inside(failure, true), State::ExpectedFail);
        }
        assert_eq!(state_on_inside(State::Pass, false), State::UnexpectedPass);
        assert_eq!(
            state_on_inside(State::Unsupported, false),
            State::Unsupported
        );
    }

    #[test]
    fn a_defect_is_that_of_the_engine_inside() {
        assert_eq!(state_of("inside", State::Fail, false), State::ExpectedFail);
        assert_eq!(state_of("other", State::Fail, false), State::Fail);
    }

    #[test]
    fn a_race_that_is_won_is_no_news() {
        assert_eq!(state_on_inside(State::Pass, true), State::Pass);
    }
}
