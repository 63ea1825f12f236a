//! Conformance: the same outcome everywhere.

use crate::recorder::{MeasureError, Recorder};
use crate::staged::{self, Stage, Staged};
use crate::{Arms, by_preparation, definition};
use assay_arms::{ArmError, Ended, Lab, Prepared, Serve};
use assay_model::{ArmId, Availability, Cell, Plan, State};
use assay_workloads::{
    Action, Case, ComponentError, Exchange, ExpectedEnd, Message, Request, Workload, World,
};
use std::collections::BTreeMap;

/// What verification found, cell by cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// What each cell came to, in the order of the plan.
    pub cells: Vec<(Cell, State, String)>,
    /// How many cases called each function of the host, as far as an arm told.
    pub calls: BTreeMap<String, u64>,
}

impl Verdicts {
    /// Cells that make the run fail.
    pub fn failures(&self) -> impl Iterator<Item = &(Cell, State, String)> {
        self.cells.iter().filter(|(_, state, _)| state.is_failure())
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
                        let mut made = arms.prepare(lab, arm, &definition)?;
                        if let (Ok(made), true) = (&mut made, arm.as_str() == TRACED) {
                            made.trace();
                        }
                        prepared = Some(made);
                    }
                    match &mut prepared {
                        Some(Ok(prepared)) => {
                            let found = one(lab, prepared.as_mut(), &definition, &case);
                            for call in called(prepared.calls(), definition.world) {
                                *verdicts.calls.entry(call).or_default() += 1;
                            }
                            found
                        }
                        Some(Err(ArmError::Component(error @ ComponentError::NotBuilt { .. }))) => {
                            Cellular::of(State::Skipped, error.to_string())
                        }
                        Some(Err(error)) => Cellular::of(State::Crash, error.to_string()),
                        None => Cellular::of(State::Crash, format!("{workload} was not prepared")),
                    }
                }
            };
            let found = as_control(found, &definition);
            let found = with_known_defects(found, &definition, &case, arm);
            let expected = case.expected().digest().to_string();
            let detail = found.detail.clone();
            recorder.outcome(id, arm, found.state, (found.digest, expected), found.detail)?;
            let cell = Cell {
                workload: id.clone(),
                arm: arm.clone(),
            };
            verdicts.cells.push((cell, found.state, detail));
        }
    }
    recorder.progress.end();
    Ok(verdicts)
}

/// The arm that notes calls of the host: resident, so that it costs nothing to
/// ask, and not one of those whose first instants a user looks at.
const TRACED: &str = "wasmtime/resident";

/// The calls of a case, with the one that the host made itself.
fn called(mut calls: Vec<String>, world: World) -> Vec<String> {
    match world {
        _ if calls.is_empty() => {}
        World::Command => calls.push("cli/run#run".to_owned()),
        World::Proxy => calls.push("http/incoming-handler#handle".to_owned()),
        // The fixed set of functions is that of 0.2.
        World::AsyncCommand | World::AsyncService => calls.clear(),
    }
    calls
}

fn reason(availability: &Availability) -> String {
    match availability {
        Availability::Available { version } => version.clone(),
        Availability::Unavailable { reason, remedy } => format!("{reason}; {remedy}"),
    }
}

fn one(lab: &mut Lab, prepared: &mut dyn Prepared, workload: &Workload, case: &Case) -> Cellular {
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
            let after = format!("still running after {:?}", workload.deadline);
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

/// Runs one case, or asks one server, with everything that surrounds it, and
/// judges nothing.
///
/// # Errors
/// When the harness itself failed.
pub fn observe(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    workload: &Workload,
    case: &Case,
) -> Result<Result<Staged, assay_arms::Absent>, ArmError> {
    match &case.action {
        Action::Command(command) => match prepared.run_once() {
            Ok(run) => Ok(Ok(staged::command(
                lab,
                run,
                case,
                command,
                workload.deadline,
            )?)),
            Err(absent) => Ok(Err(absent)),
        },
        Action::Server(exchanges) => match prepared.serve() {
            Ok(server) => Ok(Ok(conversation(lab, server, workload, case, exchanges)?)),
            Err(absent) => Ok(Err(absent)),
        },
    }
}

/// Starts a server among its peers and asks it everything.
fn conversation(
    lab: &mut Lab,
    server: &mut dyn Serve,
    workload: &Workload,
    case: &Case,
    exchanges: &[Exchange],
) -> Result<Staged, ArmError> {
    let texts: Vec<&str> = exchanges.iter().flat_map(texts).collect();
    let stage = Stage::set(&case.setting, &texts, workload.deadline)?;
    let requests = exchanges
        .iter()
        .map(|exchange| filled(&exchange.request, &stage))
        .collect::<Result<Vec<_>, _>>()?;
    // The first request goes through the arm, as it does where it is timed,
    // unless its client is a peculiar one.
    let mut rest = requests.as_slice();
    let mut first = None;
    let whole = exchanges.first().is_some_and(|exchange| {
        let end = &exchange.expect.end;
        matches!(end, ExpectedEnd::Complete(_) | ExpectedEnd::OfTheHost(_))
    });
    if let Some((request, others)) = requests.split_first()
        && request.is_plain()
        && whole
        && let Message::Composed(composed) = &request.message
    {
        first = Some(assay_arms::request(composed));
        rest = others;
    }
    let started = match server.start(lab, &case.setting, first.as_ref()) {
        Ok(started) => started,
        Err(error) => {
            // It may be up, and not answering: the next case needs its place.
            let _ = server.stop(lab);
            return Err(error);
        }
    };
    let Ended::Outcome(mut observed) = started.ended else {
        let (ended, peers) = stage.clear(started.ended);
        let steps = None;
        return Ok(Staged {
            ended,
            steps,
            peers,
        });
    };
    // The server is stopped whatever its answers were.
    let answers: Result<Vec<_>, _> = server.address().and_then(|address| {
        let ask = |request| assay_arms::ask(address, request, workload.deadline);
        rest.iter().map(ask).collect()
    });
    let stopped = server.stop(lab)?;
    observed.http.extend(answers?);
    let ended = match stopped.ended {
        Ended::Outcome(_) => Ended::Outcome(observed),
        other => other,
    };
    let (ended, peers) = stage.clear(ended);
    Ok(Staged {
        ended,
        steps: None,
        peers,
    })
}

/// Where a request may name a peer: its target and its fields.
fn texts(exchange: &Exchange) -> Vec<&str> {
    let Message::Composed(composed) = &exchange.request.message else {
        return Vec::new();
    };
    let fields = composed.headers.iter();
    let values = fields.filter_map(|(_, value)| std::str::from_utf8(value).ok());
    std::iter::once(composed.path.as_str())
        .chain(values)
        .collect()
}

fn filled(request: &Request, stage: &Stage) -> Result<Request, ArmError> {
    let mut request = request.clone();
    if let Message::Composed(composed) = &mut request.message {
        composed.path = stage.fill(&composed.path)?;
        for (_, value) in &mut composed.headers {
            if let Ok(text) = std::str::from_utf8(value) {
                *value = stage.fill(text)?.into_bytes();
            }
        }
    }
    Ok(request)
}

/// A negative control is there to be caught: an outcome that is not the
/// expected one is what must come, and nothing else is good enough.
fn as_control(found: Cellular, workload: &Workload) -> Cellular {
    let Some(control) = &workload.control else {
        return found;
    };
    match found.state {
        State::Fail => Cellular {
            state: State::Pass,
            detail: format!("caught: {}", found.detail),
            ..found
        },
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
/// into a stale expectation.
fn with_known_defects(found: Cellular, workload: &Workload, case: &Case, arm: &ArmId) -> Cellular {
    let known = workload.known_defects.iter().find(|defect| {
        (defect.arm == arm.base().as_str() || defect.arm == arm.engine())
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
