//! HTTP between the harness and a server that is up already.

use crate::error::ArmError;
use assay_load::clock::deadline_in;
use assay_load::{self as load, Body, Encoded, Ending, Limits, Manner, Response};
use assay_model::HttpOutcome;
use assay_wire::launcher::{HttpRequest, HttpResponse};
use assay_workloads::{self as workloads, Message};
use std::net::SocketAddr;
use std::time::Duration;

/// The normal form of a response, whoever received it.
#[must_use]
pub fn outcome(response: HttpResponse) -> HttpOutcome {
    HttpOutcome::new(
        response.status,
        response.headers,
        response.body,
        response.trailers,
    )
}

/// One exchange on a connection of its own.
pub(crate) fn exchange(
    address: SocketAddr,
    request: &HttpRequest,
    deadline: Duration,
) -> Result<Response, ArmError> {
    Ok(assay_load::exchange_new_connection(
        address,
        &request.into(),
        deadline_in(deadline),
    )?)
}

/// A request of a definition in its manner: slow, in a crowd, or leaving
/// early. Copies that were sent together and had the same end are one outcome;
/// otherwise the first that differs is the answer.
///
/// # Errors
/// When the server cannot be reached, or an exchange failed in a way that is
/// no outcome.
pub fn ask(
    address: SocketAddr,
    request: &workloads::Request,
    deadline: Duration,
) -> Result<HttpOutcome, ArmError> {
    let encoded = match &request.message {
        Message::Raw(raw) => Encoded::raw(raw.bytes().to_vec()),
        Message::Composed(composed) => {
            let mut whole = load::Request::from(&crate::input::request(composed));
            if let Body::Chunked { trailers, .. } = &mut whole.body {
                trailers.clone_from(&composed.trailers);
            }
            whole.encode(&address.to_string())?
        }
    };
    let manner = Manner {
        send_pause: request.pause,
        read_pause: request.read_pause,
        leave_after: request.leave_after,
        send_piece: request.piece.unwrap_or(Manner::default().send_piece),
    };
    let ends = assay_load::exchange_together(
        address,
        &encoded,
        &Limits::default(),
        &manner,
        request.together,
        deadline_in(deadline),
    )
    .map_err(|error| ArmError::Runtime(format!("cannot start a client: {error}")))?;
    let mut answers = ends.into_iter().map(|end| match end {
        Ok(Ending::Answered(response)) => Ok(outcome((*response).into())),
        Ok(Ending::Gone) => Ok(HttpOutcome::gone()),
        Err(error) if error.aborted().is_some() => Ok(HttpOutcome::aborted()),
        Err(error) => Err(ArmError::from(error)),
    });
    let first = answers.next().unwrap_or_else(|| Ok(HttpOutcome::gone()))?;
    for answer in answers {
        let answer = answer?;
        if answer != first {
            return Ok(answer);
        }
    }
    Ok(first)
}

/// A loopback port that was free a moment ago. Another program may take it
/// before the server does; the server then fails to start and says so.
pub(crate) fn free_address() -> std::io::Result<SocketAddr> {
    let ports = assay_stage::free_ports(["server"])?;
    let port = ports.into_values().next();
    let port = port.ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    Ok(SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port)))
}
