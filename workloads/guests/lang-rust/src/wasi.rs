//! The shell of the components: `wasi:http/incoming-handler@0.2`.

use wasip2::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::StreamError;

use crate::{Answer, Handler, Request};

/// How much one read may bring.
const CHUNK: u64 = 64 * 1024;
/// What `blocking-write-and-flush` takes at most: wasi:io/streams@0.2.
const PIECE: usize = 4096;

/// Answers one request.
pub fn handle(request: IncomingRequest, outparam: ResponseOutparam, handler: Handler) {
    let (path, authorization) = head(&request);
    let method = method(&request.method()).to_owned();
    // The client is gone in the middle of its request: nobody reads an answer.
    let Ok(body) = body(&request) else {
        return;
    };
    let answer = handler(Request {
        method: &method,
        path: &path,
        authorization: &authorization,
        body: &body,
    });
    send(&answer, outparam);
}

/// The path with its query and the values of `authorization`.
#[must_use]
pub fn head(request: &IncomingRequest) -> (String, Vec<Vec<u8>>) {
    (
        request.path_with_query().unwrap_or_else(|| "/".to_owned()),
        request.headers().get("authorization"),
    )
}

fn method(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => name,
    }
}

#[expect(
    clippy::expect_used,
    reason = "the calls fail only on a second use, and each is the first of its resource"
)]
fn body(request: &IncomingRequest) -> Result<Vec<u8>, StreamError> {
    let incoming = request.consume().expect("the first call for this request");
    let input = incoming.stream().expect("the first call for this body");
    let mut bytes = Vec::new();
    loop {
        match input.blocking_read(CHUNK) {
            Ok(piece) => bytes.extend(piece),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(error) => return Err(error),
        }
    }
}

/// Sends an answer.
///
/// # Panics
/// When the host breaks the contract of the interface. A trap is the honest
/// answer to that.
#[expect(
    clippy::expect_used,
    reason = "headers and status codes are constants; the calls fail only on a second use"
)]
pub fn send(answer: &Answer, outparam: ResponseOutparam) {
    let headers = Fields::new();
    let own = [("content-type", "application/json")];
    for (name, value) in own.iter().chain(&answer.headers) {
        headers
            .append(name, value.as_bytes())
            .expect("names and values are constants of RFC 9110");
    }
    let response = OutgoingResponse::new(headers);
    response
        .set_status_code(answer.status)
        .expect("a status code of RFC 9110");
    let body = response.body().expect("the first call for this response");
    ResponseOutparam::set(outparam, Ok(response));
    let output = body.write().expect("the first call for this body");
    let sent = answer
        .body
        .as_bytes()
        .chunks(PIECE)
        .try_for_each(|piece| output.blocking_write_and_flush(piece));
    drop(output);
    // An error means that the client is gone: nobody is left to tell.
    if sent.is_ok() {
        drop(OutgoingBody::finish(body, None));
    }
}
