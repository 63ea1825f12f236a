//! The shell of the components: `wasi:http/incoming-handler@0.2`.

use wasip2::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{OutputStream, StreamError};

use crate::{Handler, LONGEST_BODY, Reply, Request};

/// How much one read may bring: the size of the buffer a socket or pipe
/// usually has below it.
const CHUNK: u64 = 64 * 1024;

/// Answers one request.
///
/// # Panics
/// When the host breaks the contract of the interface (for example a second
/// `consume` of a fresh request). A trap is the honest answer to that.
#[expect(
    clippy::expect_used,
    reason = "the calls fail only on a second use, and each is the first of its resource"
)]
pub fn handle(request: IncomingRequest, outparam: ResponseOutparam, handler: Handler) {
    let target = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    let mut seen = Request::at(&name(request.method()), &target);
    seen.content_type = request
        .headers()
        .get("content-type")
        .into_iter()
        .next()
        .filter(|value| value.is_ascii())
        .and_then(|value| String::from_utf8(value).ok())
        .unwrap_or_default();
    let reply = match body(&request) {
        Ok(Some(body)) => {
            seen.body = body;
            handler(&seen)
        }
        Ok(None) => Reply::too_long(),
        Err(_) => Reply::text(400, "the body ended early"),
    };

    let mut headers: Vec<(String, Vec<u8>)> = reply
        .headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into_bytes()))
        .collect();
    let length = reply.body.len().to_string();
    headers.push(("content-length".to_owned(), length.into_bytes()));
    let headers = Fields::from_list(&headers).expect("handlers write valid headers");
    let response = OutgoingResponse::new(headers);
    response
        .set_status_code(reply.status)
        .expect("handlers use status codes of RFC 9110");
    let body = response.body().expect("the first call for this response");
    ResponseOutparam::set(outparam, Ok(response));
    let output = body.write().expect("the first call for this body");
    let sent = write_all(&output, &reply.body);
    drop(output);
    match sent {
        // An error means that the client is gone: nobody is left to tell.
        Ok(()) => drop(OutgoingBody::finish(body, None)),
        // Dropped without `finish`: the specification has the host tell the
        // client that the body is incomplete.
        Err(_) => drop(body),
    }
}

fn name(method: Method) -> String {
    let name = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    };
    name.to_owned()
}

/// All of the body, or `None` if it is longer than may be.
#[expect(
    clippy::expect_used,
    reason = "the calls fail only on a second use, and each is the first of its resource"
)]
fn body(request: &IncomingRequest) -> Result<Option<Vec<u8>>, StreamError> {
    let incoming = request.consume().expect("the first call for this request");
    let input = incoming.stream().expect("the first call for this body");
    let mut body = Vec::new();
    loop {
        match input.blocking_read(CHUNK) {
            Ok(bytes) => body.extend_from_slice(&bytes),
            Err(StreamError::Closed) => return Ok(Some(body)),
            Err(error) => return Err(error),
        }
        if body.len() > LONGEST_BODY {
            return Ok(None);
        }
    }
}

/// Writes all of `bytes`, waiting where the host has no room. The blocking
/// call of `wasi:io` takes 4,096 bytes at most, so it is built from its parts.
fn write_all(output: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let permitted = output.check_write()?;
        if permitted == 0 {
            output.subscribe().block();
            continue;
        }
        let now = bytes
            .len()
            .min(usize::try_from(permitted).unwrap_or(usize::MAX));
        let (head, tail) = bytes.split_at(now);
        output.write(head)?;
        bytes = tail;
    }
    output.flush()
}
