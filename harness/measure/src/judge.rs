//! What becomes of an outcome: a state with its reason.

use crate::observe::{deadline, observe};
use assay_arms::{Arm, Binaries, Ended, Lab, Prepared};
use assay_model::State;
use assay_workloads::{Case, Workload};

/// What one case did on one arm.
pub(crate) struct Cellular {
    pub(crate) state: State,
    pub(crate) digest: String,
    pub(crate) detail: String,
}

impl Cellular {
    pub(crate) fn of(state: State, detail: impl Into<String>) -> Cellular {
        Cellular {
            state,
            digest: String::new(),
            detail: detail.into(),
        }
    }
}

/// Runs a case and compares its outcome with the expected one.
pub(crate) fn one(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    workload: &Workload,
    case: &Case,
) -> Cellular {
    let staged = match observe(lab, prepared, workload, case) {
        Ok(Ok(staged)) => staged,
        Ok(Err(absent)) => return Cellular::of(State::Unsupported, absent.to_string()),
        Err(error) => return Cellular::of(State::Crash, error.to_string()),
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
            return Cellular::of(State::Timeout, because(after));
        }
        Ended::Crashed(why) => return Cellular::of(State::Crash, because(why.clone())),
        Ended::Unsupported(why) => return Cellular::of(State::Unsupported, why.clone()),
    };
    let actual = case.outcome(observed);
    let digest = actual.digest().to_string();
    let (state, detail) = match (case.expected().difference(&actual), &staged.steps) {
        (None, None) => (State::Pass, String::new()),
        (None, Some(problem)) => (State::Fail, problem.clone()),
        (Some(difference), _) => (State::Fail, because(difference.to_string())),
    };
    Cellular {
        state,
        digest,
        detail,
    }
}

/// A negative control is there to be caught: an outcome that is not the
/// expected one is what must come, and nothing else is good enough.
///
/// Where an architecture leaves nothing to catch, not catching it is no news.
pub(crate) fn as_control(found: Cellular, workload: &Workload, architecture: &str) -> Cellular {
    let Some(control) = &workload.control else {
        return found;
    };
    match found.state {
        State::Fail => Cellular {
            state: State::Pass,
            detail: format!("caught: {}", found.detail),
            ..found
        },
        State::Pass
            if let Some(moot) = &control.moot
                && moot.architecture == architecture =>
        {
            Cellular::of(State::Unsupported, moot.why.clone())
        }
        State::Pass => Cellular {
            state: State::Fail,
            detail: format!(
                "this control was not caught, so these would not be either: {}",
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
    found: Cellular,
    workload: &Workload,
    case: &Case,
    arm: &dyn Arm,
    binaries: &Binaries,
) -> Cellular {
    let emulator = binaries.emulator().map(|emulator| emulator.release);
    let known = workload.known_defects.iter().find(|defect| {
        defect.on.selects(arm.facts())
            && defect.case.as_ref().is_none_or(|named| *named == case.id)
            && defect.shows_on(binaries.architecture(), emulator)
    });
    let Some(known) = known else { return found };
    match found.state {
        State::Pass if known.intermittent => found,
        State::Pass => Cellular {
            state: State::UnexpectedPass,
            detail: format!("{} no longer happens: {}", known.issue, known.reason),
            ..found
        },
        State::Fail | State::Crash | State::Timeout if !known.explains(&found.digest) => Cellular {
            detail: format!(
                "{} leads to another outcome than this: {} ({})",
                known.issue, known.reason, found.detail
            ),
            ..found
        },
        State::Fail | State::Crash | State::Timeout => Cellular {
            state: State::ExpectedFail,
            detail: format!("{}: {} ({})", known.issue, known.reason, found.detail),
            ..found
        },
        _ => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_arms::{ArmError, Detected, ProgramName};
    use assay_model::{ArmFacts, ArmId, ArmKind, ArmSelector};
    use assay_workloads::Catalog;

    /// An arm that holds an engine of another name than its own.
    struct Shell(ArmId, ArmFacts);

    impl Arm for Shell {
        fn id(&self) -> &ArmId {
            &self.0
        }
        fn summary(&self) -> &str {
            ""
        }
        fn facts(&self) -> &ArmFacts {
            &self.1
        }
        fn charge_set(&self) -> &str {
            ""
        }
        fn needs(&self, _: &[&Workload]) -> Vec<ProgramName> {
            Vec::new()
        }
        fn detect(&self, _: &mut Lab) -> Detected {
            Detected::available("1")
        }
        fn prepare_held(&self, _: &mut Lab, _: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
            Ok(assay_arms::absent("it is not run"))
        }
    }

    fn shell() -> ArmFacts {
        ArmFacts::of(ArmKind::Container, "inside".parse().unwrap())
    }

    fn judged(state: State, intermittent: bool) -> State {
        judged_of("inside", state, intermittent)
    }

    /// What becomes of a state where a defect of somebody is known.
    fn judged_of(whose: &str, state: State, intermittent: bool) -> State {
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
        let found = Cellular::of(state, "");
        let arm = Shell("shell".parse().unwrap(), shell());
        let binaries = Binaries::at(std::path::PathBuf::new());
        with_known_defects(found, &workload, &workload.cases[0], &arm, &binaries).state
    }

    #[test]
    fn a_known_defect_is_expected_and_its_absence_is_not() {
        for failure in [State::Fail, State::Crash, State::Timeout] {
            assert_eq!(judged(failure, false), State::ExpectedFail);
            assert_eq!(judged(failure, true), State::ExpectedFail);
        }
        assert_eq!(judged(State::Pass, false), State::UnexpectedPass);
        assert_eq!(judged(State::Unsupported, false), State::Unsupported);
    }

    #[test]
    fn a_defect_is_that_of_the_engine_inside() {
        assert_eq!(judged_of("inside", State::Fail, false), State::ExpectedFail);
        assert_eq!(judged_of("other", State::Fail, false), State::Fail);
    }

    #[test]
    fn a_race_that_is_won_is_no_news() {
        assert_eq!(judged(State::Pass, true), State::Pass);
    }
}
