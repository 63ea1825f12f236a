//! The shell of the native twin of `p3/join`: hyper on both sides.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, client, server};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use super::SystemClock;
use crate::program;
use crate::world::{Answer, Client};

/// Serves `p3/join` on the address that is the first command-line argument,
/// until the process is killed.
///
/// # Errors
/// A missing or malformed address, an address that cannot be bound, or a
/// listener that stopped accepting.
pub fn main() -> io::Result<()> {
    let text = std::env::args().nth(1).unwrap_or_default();
    let address: SocketAddr = text.parse().map_err(|error| {
        let message = format!("{text:?} is not an address such as 127.0.0.1:8080: {error}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    runtime.block_on(tokio::task::LocalSet::new().run_until(serve(address)))
}

async fn serve(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // The peer gave up before it was accepted: accept(2).
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(async move {
            // A connection that breaks concerns its client.
            let _ = server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let below = text("x-below-ms").parse().ok();
    let clock = SystemClock::default();
    let body = program::join(text("x-origins"), below, &Outgoing, &clock).await;
    let mut response = Response::new(Full::new(Bytes::from(body)));
    let plain = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    Ok(response)
}

/// One connection per request, as Wasmtime's own client does it.
struct Outgoing;

impl Client for Outgoing {
    async fn get(&self, authority: &str, path: &str) -> Result<Answer, String> {
        let stream = TcpStream::connect(authority)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::ConnectionRefused => "connection-refused".to_owned(),
                _ => error.to_string(),
            })?;
        let failed = |error: hyper::Error| error.to_string();
        let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(failed)?;
        // Its error reaches the request as well.
        tokio::task::spawn_local(connection);
        let request = Request::get(path)
            .header(HOST, authority)
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(failed)?;
        Ok(Answer {
            status,
            body: body.to_bytes().into(),
        })
    }
}
