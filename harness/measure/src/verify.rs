//! Conformance: the same outcome everywhere.

use crate::recorder::{MeasureError, Recorder};
use crate::{Arms, by_preparation, definition};
use assay_arms::{ArmError, Ended, Given, Lab, Prepared};
use assay_model::outcome::Observed;
use assay_model::{ArmId, Availability, Cell, Plan, State};
use assay_workloads::{Action, Case, Workload};
use std::collections::BTreeMap;

/// What verification found, cell by cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdicts(pub Vec<(Cell, State, String)>);

impl Verdicts {
    /// Cells that make the run fail.
    pub fn failures(&self) -> impl Iterator<Item = &(Cell, State, String)> {
        self.0.iter().filter(|(_, state, _)| state.is_failure())
    }
}

/// What one case did on one arm.
struct Cellular {
    state: State,
    digest: String,
    detail: String,
}

impl Cellular {
    fn of(state: State, detail: impl Into<String>) -> Cellular {
        Cellular {
            state,
            digest: String::new(),
            detail: detail.into(),
        }
    }
}

/// Verifies every cell of the plan. Arms in `unavailable` are recorded as
/// skipped with their reason.
///
/// # Errors
/// On Ctrl-C, or when the record cannot be written. What arms do is recorded.
pub fn verify(
    lab: &mut Lab,
    arms: &Arms<'_>,
    unavailable: &BTreeMap<ArmId, Availability>,
    plan: &Plan,
    recorder: &mut Recorder,
) -> Result<Verdicts, MeasureError> {
    let mut verdicts = Verdicts::default();
    recorder.progress.begin("verify", plan.verify.len() as u64);
    for (workload, arm, cases) in by_preparation(&plan.verify) {
        let skipped = unavailable.get(arm).map(reason);
        let mut prepared = None;
        for id in cases {
            recorder.check()?;
            recorder.progress.step(&format!("{id} on {arm}"));
            let (definition, case) = definition(lab.catalog(), id)?;
            let (definition, case) = (definition.clone(), case.clone());
            let found = match &skipped {
                Some(reason) => Cellular::of(State::Skipped, reason.clone()),
                None => {
                    if prepared.is_none() {
                        prepared = Some(arms.prepare(lab, arm, &definition)?);
                    }
                    match &mut prepared {
                        Some(Ok(prepared)) => one(lab, prepared.as_mut(), &definition, &case),
                        Some(Err(error)) => Cellular::of(State::Crash, error.to_string()),
                        None => Cellular::of(State::Crash, format!("{workload} was not prepared")),
                    }
                }
            };
            let found = with_known_defects(found, &definition, &case, arm);
            let expected = case.expected().digest().to_string();
            let detail = found.detail.clone();
            recorder.outcome(id, arm, found.state, (found.digest, expected), found.detail)?;
            let cell = Cell {
                workload: id.clone(),
                arm: arm.clone(),
            };
            verdicts.0.push((cell, found.state, detail));
        }
    }
    recorder.progress.end();
    Ok(verdicts)
}

fn reason(availability: &Availability) -> String {
    match availability {
        Availability::Available { version } => version.clone(),
        Availability::Unavailable { reason, remedy } => format!("{reason}; {remedy}"),
    }
}

fn one(lab: &mut Lab, prepared: &mut dyn Prepared, workload: &Workload, case: &Case) -> Cellular {
    let ended = match observe(lab, prepared, workload, case) {
        Ok(Ok(ended)) => ended,
        Ok(Err(absent)) => return Cellular::of(State::Unsupported, absent.to_string()),
        Err(error) => return Cellular::of(State::Crash, error.to_string()),
    };
    let observed = match ended {
        Ended::Outcome(observed) => observed,
        Ended::TimedOut => {
            let after = format!("still running after {:?}", workload.deadline);
            return Cellular::of(State::Timeout, after);
        }
        Ended::Crashed(why) => return Cellular::of(State::Crash, why),
    };
    let actual = case.outcome(&observed);
    let digest = actual.digest().to_string();
    match case.expected().difference(&actual) {
        None => Cellular {
            state: State::Pass,
            digest,
            detail: String::new(),
        },
        Some(difference) => Cellular {
            state: State::Fail,
            digest,
            detail: difference.to_string(),
        },
    }
}

fn observe(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    workload: &Workload,
    case: &Case,
) -> Result<Result<Ended, assay_arms::Absent>, ArmError> {
    match &case.action {
        Action::Command(command) => match prepared.run_once() {
            Ok(run) => Ok(Ok(run
                .run(lab, &Given::case(command, workload.deadline))?
                .ended)),
            Err(absent) => Ok(Err(absent)),
        },
        Action::Server(exchanges) => {
            let server = match prepared.serve() {
                Ok(server) => server,
                Err(absent) => return Ok(Err(absent)),
            };
            let mut requests = exchanges
                .iter()
                .map(|exchange| assay_arms::request(&exchange.request));
            let Some(first) = requests.next() else {
                return Ok(Ok(Ended::Outcome(Observed::default())));
            };
            let started = server.start(lab, &first)?;
            let Ended::Outcome(mut observed) = started.ended else {
                return Ok(Ok(started.ended));
            };
            // The server is stopped whatever its answers were.
            let answers: Result<Vec<_>, _> =
                requests.map(|request| server.exchange(&request)).collect();
            let stopped = server.stop(lab)?;
            observed.http.extend(answers?);
            Ok(Ok(match stopped.ended {
                Ended::Outcome(_) => Ended::Outcome(observed),
                other => other,
            }))
        }
    }
}

/// A known, linked defect turns a failure into an expected one, and a pass
/// into a stale expectation.
fn with_known_defects(found: Cellular, workload: &Workload, case: &Case, arm: &ArmId) -> Cellular {
    let known = workload.known_defects.iter().find(|defect| {
        defect.arm == arm.base().as_str()
            && defect.case.as_ref().is_none_or(|named| *named == case.id)
    });
    let Some(known) = known else { return found };
    match found.state {
        State::Pass => Cellular {
            state: State::UnexpectedPass,
            detail: format!("{} no longer happens: {}", known.issue, known.reason),
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
