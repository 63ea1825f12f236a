//! The shell of the native servers: hyper on one Tokio thread, as a component
//! instance has one.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::{Handler, Request};

/// Serves `handler` on the address that is the first command-line argument,
/// until the process is killed.
///
/// # Errors
/// A missing or malformed address, or one that cannot be bound.
pub fn main(handler: Handler) -> io::Result<()> {
    let invalid = |text| io::Error::new(io::ErrorKind::InvalidInput, text);
    let text = std::env::args()
        .nth(1)
        .ok_or_else(|| invalid("usage: NAME ADDRESS, for example 127.0.0.1:8080".to_owned()))?;
    let address: SocketAddr = text.parse().map_err(|error| {
        invalid(format!(
            "{text:?} is not an address such as 127.0.0.1:8080: {error}"
        ))
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let local = tokio::task::LocalSet::new();
    runtime.block_on(local.run_until(async {
        let listener = TcpListener::bind(address).await?;
        serve(listener, handler).await
    }))
}

/// Answers every connection of `listener`, inside a
/// [`tokio::task::LocalSet`]. Comes back only when it cannot accept any more.
///
/// # Errors
/// Why the listener stopped accepting.
pub async fn serve(listener: TcpListener, handler: Handler) -> io::Result<()> {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // An error of that connection, not of the listener: accept(2).
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        // Without it a small answer waits for an acknowledgement (RFC 896).
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| answer(request, handler));
            // A connection that breaks concerns its client; the server goes on.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    handler: Handler,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        // The client left in the middle of its request: nobody reads this.
        let mut gone = Response::new(Full::default());
        *gone.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(gone);
    };
    let authorization: Vec<Vec<u8>> = head
        .headers
        .get_all(AUTHORIZATION)
        .iter()
        .map(|value| value.as_bytes().to_vec())
        .collect();
    let answer = handler(Request {
        method: head.method.as_str(),
        path: head.uri.path_and_query().map_or("/", |path| path.as_str()),
        authorization: &authorization,
        body: &body.to_bytes(),
    });
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in answer.headers {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    Ok(response)
}
