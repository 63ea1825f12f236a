//! Runs one case with everything that surrounds it, and judges nothing.

use crate::staged::{self, Stage, Staged};
use assay_arms::{ArmError, Ended, Lab, Prepared, Serve};
use assay_workloads::{Action, Case, Exchange, ExpectedEnd, Message, Request, Workload};
use std::time::Duration;

/// How long a case may take: what its definition says, on a machine of its own
/// and in machine code.
pub(crate) fn deadline(lab: &Lab, prepared: &dyn Prepared, workload: &Workload) -> Duration {
    let deadline = lab.binaries.patience(workload.deadline);
    deadline.saturating_mul(prepared.patience())
}

/// Runs one case, or asks one server, with everything that surrounds it, and
/// judges nothing.
///
/// # Errors
/// [`ArmError::Absent`] where the arm does not offer it, else when the harness
/// itself failed.
pub fn run_case(
    lab: &mut Lab,
    prepared: &mut dyn Prepared,
    workload: &Workload,
    case: &Case,
) -> Result<Staged, ArmError> {
    let deadline = deadline(lab, prepared, workload);
    match &case.action {
        Action::Command(command) => {
            staged::command(lab, prepared.run_once()?, case, command, deadline)
        }
        Action::Server(exchanges) => {
            conversation(lab, prepared.serve()?, deadline, case, exchanges)
        }
    }
}

/// Starts a server among its peers and asks it everything.
fn conversation(
    lab: &mut Lab,
    server: &mut dyn Serve,
    deadline: Duration,
    case: &Case,
    exchanges: &[Exchange],
) -> Result<Staged, ArmError> {
    let (stage, requests) = set(deadline, case, exchanges)?;
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
    let started = server.start(lab, &case.setting, first.as_ref())?;
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
        let ask = |request| assay_arms::ask(address, request, deadline);
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

/// The peers of a server's case, up, and its requests with their addresses.
pub(crate) fn set(
    deadline: Duration,
    case: &Case,
    exchanges: &[Exchange],
) -> Result<(Stage, Vec<Request>), ArmError> {
    let texts: Vec<&str> = exchanges.iter().flat_map(texts).collect();
    let stage = Stage::set(&case.setting, &texts, deadline)?;
    let requests = exchanges
        .iter()
        .map(|exchange| filled(&exchange.request, &stage))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((stage, requests))
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
