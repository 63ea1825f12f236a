//! The handlers behind the native shell against the definitions.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails the test"
)]

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use assay_guests_http::{Handler, handler, native};
use assay_workloads::{Action, Catalog, Exchange, Message};
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// Content in pieces: with its length known, or chunk by chunk.
struct Pieces {
    left: Bytes,
    chunk: Option<usize>,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let size = self.chunk.unwrap_or(64 * 1024).min(self.left.len());
        let piece = self.left.split_to(size);
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        match self.chunk {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(self.left.len() as u64),
        }
    }
}

/// What is wrong with the answer to one request, if anything.
async fn exchange(
    sender: &mut http1::SendRequest<Pieces>,
    exchange: &Exchange,
) -> Result<(), String> {
    let Message::Composed(asked) = &exchange.request.message else {
        return Err("a raw request is not for this client".to_owned());
    };
    let mut request = Request::builder()
        .method(asked.method.as_str())
        .uri(&asked.path)
        .header("host", "localhost");
    for (name, value) in &asked.headers {
        request = request.header(name, value.as_slice());
    }
    let left = asked
        .body
        .as_ref()
        .map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.bytes()));
    let request = request
        .body(Pieces {
            left,
            chunk: asked.chunk,
        })
        .unwrap();

    sender.ready().await.map_err(|error| error.to_string())?;
    let response = sender
        .send_request(request)
        .await
        .map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let headers: Vec<(String, Vec<u8>)> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    let collected = response
        .into_body()
        .collect()
        .await
        .map_err(|error| error.to_string())?;
    let actual = assay_model::HttpOutcome::new(status, headers, collected.to_bytes().to_vec(), []);
    let expected = exchange.expect.outcome();
    if actual == expected {
        return Ok(());
    }
    Err(format!(
        "{}: expected {} {:?} and {} bytes, got {} {:?} and {} bytes",
        asked.path,
        expected.status,
        expected.headers,
        expected.body.len(),
        actual.status,
        actual.headers,
        actual.body.len()
    ))
}

/// Runs the requests of a case on one connection to a server of its own.
fn run(case: &str, handler: Handler) -> Vec<Result<(), String>> {
    let catalog = Catalog::load(Catalog::default_directory()).unwrap();
    let Action::Server(exchanges) = &catalog.case(case).unwrap().case.action else {
        panic!("{case} is not a server");
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let work = async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::task::spawn_local(native::serve(listener, handler));
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::task::spawn_local(connection);
        let mut results = Vec::new();
        for one in exchanges {
            results.push(exchange(&mut sender, one).await);
        }
        server.abort();
        results
    };
    let limited = async { tokio::time::timeout(Duration::from_secs(60), work).await };
    LocalSet::new()
        .block_on(&runtime, limited)
        .expect("the server answers in time")
}

#[test]
fn hello_answers_as_defined() {
    assert_eq!(run("http/hello", handler::hello), [Ok(()), Ok(())]);
}

#[test]
fn echo_answers_as_defined() {
    assert_eq!(run("http/echo", handler::echo), [Ok(()), Ok(()), Ok(())]);
}

#[test]
fn the_wrong_handler_is_found() {
    // The comparison itself must be able to fail.
    assert!(run("http/echo", handler::hello).iter().all(Result::is_err));
}
