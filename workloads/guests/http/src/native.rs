//! The shell of the native twins: hyper on one Tokio thread.
//!
//! One thread, because a component instance has one, and a twin that used
//! every core would answer another question.

use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::handler::{Body, Handler, RequestHead};

/// Serves `handler` on the address that is the first command-line argument,
/// until the process is killed.
///
/// # Errors
/// A missing or malformed address, an address that cannot be bound, or a
/// listener that stopped accepting.
pub fn main(handler: Handler) -> io::Result<()> {
    main_with(move |request| ready(answer(request, handler)))
}

/// The same for an answer that is made in any other way.
///
/// # Errors
/// As [`main`].
pub fn main_with<A, F, B>(answer: A) -> io::Result<()>
where
    A: Fn(Request<Incoming>) -> F + Clone + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: HttpBody + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let text = std::env::args().nth(1).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            "usage: NAME ADDRESS, for example 127.0.0.1:8080",
        )
    })?;
    let address: SocketAddr = text.parse().map_err(|error| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{text:?} is not an address such as 127.0.0.1:8080: {error}"),
        )
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let local = tokio::task::LocalSet::new();
    let listen = async {
        let listener = TcpListener::bind(address).await?;
        serve_with(listener, answer).await
    };
    runtime.block_on(local.run_until(listen))
}

/// Answers every connection of `listener` with `handler`, inside a
/// [`tokio::task::LocalSet`]. Comes back only when it cannot accept any more.
///
/// # Errors
/// Why the listener stopped accepting.
pub async fn serve(listener: TcpListener, handler: Handler) -> io::Result<()> {
    serve_with(listener, move |request| ready(answer(request, handler))).await
}

/// The same for an answer that is made in any other way.
///
/// # Errors
/// As [`serve`].
pub async fn serve_with<A, F, B>(listener: TcpListener, answer: A) -> io::Result<()>
where
    A: Fn(Request<Incoming>) -> F + Clone + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: HttpBody + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
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
        let answer = answer.clone();
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| {
                let response = answer(request);
                async move { Ok::<_, Infallible>(response.await) }
            });
            // A connection that breaks concerns its client; the server goes on.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn answer(request: Request<Incoming>, handler: Handler) -> Response<Outgoing> {
    let reply = handler(RequestHead {
        content_type: request
            .headers()
            .get(CONTENT_TYPE)
            .map(HeaderValue::as_bytes),
    });
    let body = match reply.body {
        Body::Fixed(bytes) => Outgoing::Fixed(Some(Bytes::from_static(bytes))),
        Body::Request => Outgoing::Passed(request.into_body()),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        match HeaderValue::from_maybe_shared(value) {
            Ok(value) => {
                response
                    .headers_mut()
                    .append(HeaderName::from_static(name), value);
            }
            // What hyper accepted on the way in it accepts on the way out, so
            // this is a mistake of a handler; it must be visible to the client.
            Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
    response
}

/// The body of a reply as hyper pulls it.
enum Outgoing {
    Fixed(Option<Bytes>),
    Passed(Incoming),
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Fixed(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Passed(body) => loop {
                let frame = ready!(Pin::new(&mut *body).poll_frame(context));
                match frame {
                    Some(Ok(frame)) if frame.is_trailers() => {}
                    other => return Poll::Ready(other),
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Fixed(bytes) => bytes.is_none(),
            Self::Passed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Fixed(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            // Unknown on purpose: hyper would turn an exact hint into a
            // content-length, and the component streams without one.
            Self::Passed(_) => SizeHint::default(),
        }
    }
}
