//! HTTP between the harness and a server that is up already.

use crate::error::ArmError;
use assay_load::clock::deadline_in;
use assay_load::{Body, Request, Response};
use assay_model::HttpOutcome;
use assay_wire::launcher::{HttpRequest, HttpResponse};
use std::net::SocketAddr;
use std::time::Duration;

/// The normal form of a response that the launcher received.
#[must_use]
pub fn outcome(response: HttpResponse) -> HttpOutcome {
    HttpOutcome::new(
        response.status,
        response.headers,
        response.body,
        response.trailers,
    )
}

/// The request as the client sends it.
pub(crate) fn to_load(request: &HttpRequest) -> Request {
    let body = match request.chunk {
        Some(chunk) => Body::Chunked {
            data: request.body.clone(),
            chunk: chunk as usize,
            trailers: Vec::new(),
        },
        None if request.body.is_empty() => Body::None,
        None => Body::Sized(request.body.clone()),
    };
    Request {
        method: request.method.clone(),
        target: request.target.clone(),
        headers: request.headers.clone(),
        body,
    }
}

/// One exchange on a connection of its own.
pub(crate) fn exchange(
    address: SocketAddr,
    request: &HttpRequest,
    deadline: Duration,
) -> Result<Response, ArmError> {
    Ok(assay_load::exchange_new_connection(
        address,
        &to_load(request),
        deadline_in(deadline),
    )?)
}

/// The normal form of a response that this process received.
pub(crate) fn own_outcome(response: Response) -> HttpOutcome {
    HttpOutcome::new(
        response.status,
        response.headers,
        response.body,
        response.trailers,
    )
}

/// A loopback port that was free a moment ago. Another program may take it
/// before the server does; the server then fails to start and says so.
pub(crate) fn free_address() -> std::io::Result<SocketAddr> {
    std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()
}
