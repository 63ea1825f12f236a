//! The shell of the components: `wasi:http/incoming-handler@0.2`.

use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use crate::handler::{Body, Handler, RequestHead};

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
    let content_type = request.headers().get("content-type").into_iter().next();
    let reply = handler(RequestHead {
        content_type: content_type.as_deref(),
    });

    let headers: Vec<(String, Vec<u8>)> = reply
        .headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let headers = Fields::from_list(&headers)
        .expect("header names are constants, values came from a request");
    let response = OutgoingResponse::new(headers);
    response
        .set_status_code(reply.status)
        .expect("handlers use status codes of RFC 9110");
    let body = response.body().expect("the first call for this response");

    // The head goes out before the body is produced: that is what streaming is.
    ResponseOutparam::set(outparam, Ok(response));
    let output = body.write().expect("the first call for this body");

    let sent = match reply.body {
        Body::Fixed(bytes) => write_all(&output, bytes),
        Body::Request => {
            let incoming = request.consume().expect("the first call for this request");
            let input = incoming.stream().expect("the first call for this body");
            pass_on(&input, &output)
        }
    };
    drop(output);
    match sent {
        // An error means that the client is gone: nobody is left to tell.
        Ok(()) => drop(OutgoingBody::finish(body, None)),
        // Dropped without `finish`: the specification has the host tell the
        // client that the body is incomplete.
        Err(_) => drop(body),
    }
}

fn pass_on(input: &InputStream, output: &OutputStream) -> Result<(), StreamError> {
    loop {
        match input.blocking_read(CHUNK) {
            Ok(bytes) => write_all(output, &bytes)?,
            Err(StreamError::Closed) => return Ok(()),
            Err(error) => return Err(error),
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
