//! The shell of the native twins: hyper on one Tokio thread.
//!
//! One thread, because a component instance has one, and a twin that used
//! every core would answer another question.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::{Handler, LONGEST_BODY, Reply, Request};

/// Serves `handler` on the address that is the first command-line argument,
/// until the process is killed.
///
/// # Errors
/// A missing or malformed address, an address that cannot be bound, or a
/// listener that stopped accepting.
pub fn main(handler: Handler) -> io::Result<()> {
    let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
    let text = std::env::args()
        .nth(1)
        .ok_or_else(|| wrong("usage: NAME ADDRESS, for example 127.0.0.1:8080".to_owned()))?;
    let address: SocketAddr = text.parse().map_err(|error| {
        wrong(format!(
            "{text:?} is not an address such as 127.0.0.1:8080: {error}"
        ))
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let local = tokio::task::LocalSet::new();
    let listen = async {
        let listener = TcpListener::bind(address).await?;
        serve(listener, handler).await
    };
    runtime.block_on(local.run_until(listen))
}

async fn serve(listener: TcpListener, handler: Handler) -> io::Result<()> {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // The peer gave up between its SYN and our accept: accept(2) lists
            // it as an error of that connection, not of the listener.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        // Without it a small answer waits for the acknowledgement of the one
        // before it (Nagle's algorithm, RFC 896).
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| async move {
                Ok::<_, Infallible>(answer(request, handler).await)
            });
            // A connection that breaks concerns its client; the server goes on.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: hyper::Request<Incoming>, handler: Handler) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut request = Request::at(head.method.as_str(), target);
    request.content_type = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let reply = match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => {
            request.body = body.to_bytes().to_vec();
            handler(&request)
        }
        Err(error) if error.is::<LengthLimitError>() => Reply::too_long(),
        Err(_) => Reply::text(400, "the body ended early"),
    };
    sent(reply)
}

fn sent(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        match HeaderValue::from_str(&value) {
            Ok(value) => {
                response
                    .headers_mut()
                    .append(HeaderName::from_static(name), value);
            }
            // A mistake of a handler; it must be visible to the client.
            Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
    response
}
