//! Answers and bodies.

use crate::names;
pub use assay_guests_http_answers::tally::Tally;
use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
    http_error_code,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// Bytes of one read.
const CHUNK: u64 = 64 * 1024;

/// The path of a request with its query; empty where it has none.
#[must_use]
pub fn path(request: &IncomingRequest) -> String {
    request.path_with_query().unwrap_or_default()
}

/// The fields of a list.
///
/// # Panics
/// Traps when the host refuses the fields, which are constants of the guests.
#[must_use]
#[expect(clippy::expect_used, reason = "guests pass constants that are valid")]
pub fn fields(list: &[(&str, &str)]) -> Fields {
    let list: Vec<(String, Vec<u8>)> = list
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    Fields::from_list(&list).expect("the fields are valid and permitted")
}

/// Begins an answer of plain text: the head is sent, the body is open.
///
/// # Panics
/// Traps when the host refuses the first call of each resource.
#[expect(clippy::expect_used, reason = "each is the first call of its resource")]
pub fn begin(
    outparam: ResponseOutparam,
    status: u16,
    headers: Fields,
) -> (OutgoingBody, OutputStream) {
    let response = OutgoingResponse::new(headers);
    response
        .set_status_code(status)
        .expect("guests use codes of RFC 9110");
    let body = response.body().expect("the first call for this response");
    ResponseOutparam::set(outparam, Ok(response));
    let output = body.write().expect("the first call for this body");
    (body, output)
}

/// A whole answer of plain text.
pub fn answer(outparam: ResponseOutparam, status: u16, text: &str) {
    let headers = fields(&[("content-type", "text/plain")]);
    let (body, output) = begin(outparam, status, headers);
    let written = write_all(&output, text.as_bytes());
    drop(output);
    // An error means that the client is gone: nobody is left to tell.
    if written.is_ok() {
        let _ = OutgoingBody::finish(body, None);
    }
}

/// Writes all of `bytes`, waiting where the host has no room, and flushes.
///
/// # Errors
/// What the stream says.
pub fn write_all(output: &OutputStream, bytes: &[u8]) -> Result<(), StreamError> {
    assay_guests_http_answers::wasi::write_all(output, bytes)?;
    output.blocking_flush()
}

/// Reads to the end and gives each piece to `take`; the error that ended it
/// early, if any.
pub fn read_all(input: &InputStream, mut take: impl FnMut(&[u8])) -> Option<StreamError> {
    loop {
        match input.blocking_read(CHUNK) {
            Ok(bytes) => take(&bytes),
            Err(StreamError::Closed) => return None,
            Err(error) => return Some(error),
        }
    }
}

/// How a stream ended: the name that `http-error-code` finds for it.
#[must_use]
pub fn stream_error(error: &StreamError) -> String {
    match error {
        StreamError::Closed => "closed".to_owned(),
        StreamError::LastOperationFailed(error) => match http_error_code(error) {
            Some(code) => format!("failed: {}", names::error_code(&code)),
            None => "failed: http-error-code is none".to_owned(),
        },
    }
}

/// What a body without or with trailers has behind it, one line a field in the
/// order of their names.
#[must_use]
pub fn trailers(body: IncomingBody) -> String {
    let future = IncomingBody::finish(body);
    future.subscribe().block();
    let text = match future.get() {
        None => "trailers: not ready although the pollable was\n".to_owned(),
        Some(Err(())) => "trailers: gone before the first get\n".to_owned(),
        Some(Ok(Err(code))) => format!("trailers: error {}\n", names::error_code(&code)),
        Some(Ok(Ok(None))) => "trailers: none\n".to_owned(),
        Some(Ok(Ok(Some(fields)))) => match listing(&fields, |_| true) {
            empty if empty.is_empty() => "trailers: none\n".to_owned(),
            lines => format!("trailers:\n{lines}"),
        },
    };
    text
}

/// One line for each value of the wanted names, names in lower case and in
/// order, the values of a name in their order.
#[must_use]
pub fn listing(fields: &Fields, wanted: impl Fn(&str) -> bool) -> String {
    let mut entries: Vec<(String, Vec<u8>)> = fields
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| wanted(name))
        .collect();
    // A stable sort keeps the order of values of the same name.
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", names::quoted(value)))
        .collect()
}
