//! The shell of the component: `wasi:http/incoming-handler@0.2`.

use wasip2::http::types::{
    Fields as WasiFields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse,
    ResponseOutparam,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use crate::handler::{self, Body, Fields, Head};
use crate::keystream::Keystream;
use crate::tally::Tally;

/// How much one read may bring.
const CHUNK: u64 = 64 * 1024;

/// Blocks of 64 bytes in one piece of a key stream.
const BLOCKS: usize = 1024;

/// Answers one request.
///
/// # Panics
/// When the host breaks the contract of the interface (for example a second
/// `consume` of a fresh request). A trap is the honest answer to that.
#[expect(
    clippy::expect_used,
    reason = "the calls fail only on a second use, and each is the first of its resource"
)]
pub fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
    let headers = owned(&request.headers());
    let reply = handler::answer(Head {
        method: &method(request.method()),
        target: &request.path_with_query().unwrap_or_default(),
        authority: &request.authority().unwrap_or_default(),
        headers: &headers,
    });
    let mut body = reply.body;
    if body == Body::Tally {
        // The text depends on all of the content, so its length does too.
        let incoming = request.consume().expect("the first call for this request");
        body = match tally(incoming) {
            Some(text) => Body::Text(text),
            None => return,
        };
    }
    let mut list = reply.headers;
    if let Body::Text(text) = &body {
        list.push((
            "content-length".to_owned(),
            text.len().to_string().into_bytes(),
        ));
    }
    let list = WasiFields::from_list(&list).expect("the fields are valid, or came from a request");
    let response = OutgoingResponse::new(list);
    response
        .set_status_code(reply.status)
        .expect("the paths ask for codes of RFC 9110");
    let outgoing = response.body().expect("the first call for this response");
    ResponseOutparam::set(outparam, Ok(response));

    let output = outgoing.write().expect("the first call for this body");
    let sent = match body {
        Body::Nothing | Body::Tally => Ok(None),
        Body::Text(text) => write_all(&output, &text).map(|()| None),
        Body::Keystream { seed, bytes } => generate(&output, Keystream::new(seed, bytes)),
        Body::Echo => {
            let incoming = request.consume().expect("the first call for this request");
            pass_on(incoming, &output)
        }
    };
    drop(output);
    match sent {
        // An error means that the client is gone: nobody is left to tell.
        Ok(trailers) => drop(OutgoingBody::finish(outgoing, trailers)),
        // Dropped without `finish`: the specification has the host tell the
        // client that the body is incomplete.
        Err(_) => drop(outgoing),
    }
}

fn method(method: Method) -> String {
    let known = match method {
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
    known.to_owned()
}

fn owned(fields: &WasiFields) -> Fields {
    let lower = |(name, value): (String, Vec<u8>)| (name.to_ascii_lowercase(), value);
    fields.entries().into_iter().map(lower).collect()
}

/// Whether the body came to its end, and its trailers.
fn trailers(body: IncomingBody) -> Option<Fields> {
    let future = IncomingBody::finish(body);
    future.subscribe().block();
    match future.get() {
        Some(Ok(Ok(trailers))) => Some(trailers.map(|fields| owned(&fields)).unwrap_or_default()),
        _ => None,
    }
}

/// `None` when the client broke off.
fn tally(body: IncomingBody) -> Option<Vec<u8>> {
    let mut tally = Tally::default();
    let input = body.stream().ok()?;
    loop {
        match input.blocking_read(CHUNK) {
            Ok(bytes) => tally.take(&bytes),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return None,
        }
    }
    drop(input);
    Some(handler::tally(&tally, &trailers(body)?))
}

type Sent = Result<Option<WasiFields>, StreamError>;

fn generate(output: &OutputStream, mut stream: Keystream) -> Sent {
    while stream.left() > 0 {
        write_all(output, &stream.next(BLOCKS))?;
    }
    Ok(None)
}

fn pass_on(body: IncomingBody, output: &OutputStream) -> Sent {
    let Ok(input) = body.stream() else {
        return Err(StreamError::Closed);
    };
    copy(&input, output)?;
    drop(input);
    let fields = trailers(body).ok_or(StreamError::Closed)?;
    Ok(match fields.is_empty() {
        true => None,
        false => WasiFields::from_list(&fields).ok(),
    })
}

fn copy(input: &InputStream, output: &OutputStream) -> Result<(), StreamError> {
    loop {
        match input.blocking_read(CHUNK) {
            Ok(bytes) => write_all(output, &bytes)?,
            Err(StreamError::Closed) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Writes all of `bytes`, waiting where the host has no room.
///
/// # Errors
/// What the stream says.
pub fn write_all(output: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = output.check_write()?;
        if room == 0 {
            output.subscribe().block();
            continue;
        }
        let now = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let (head, tail) = bytes.split_at(now);
        output.write(head)?;
        bytes = tail;
    }
    output.flush()
}
