//! Requests, and the answers to them.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::content::RawContent;
use super::leaf::{
    self, ComparedFields, Copies, Method, Millis, SentFields, Status, Target, Value, Yes,
};
use crate::document::Wrong;
use crate::exchange::{
    Composed, Exchange, ExpectedAnswer, ExpectedEnd, ExpectedResponse, Message, Request,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRequest {
    method: Option<Spanned<Method>>,
    path: Option<Spanned<Target>>,
    headers: Option<Spanned<SentFields>>,
    body: Option<Spanned<RawContent>>,
    chunk: Option<Spanned<NonZeroUsize>>,
    trailers: Option<Spanned<leaf::Fields>>,
    raw: Option<RawContent>,
    together: Option<Copies>,
    pause_ms: Option<Millis>,
    read_pause_ms: Option<Millis>,
    leave: Option<RawLeave>,
    expect: Spanned<RawAnswer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLeave {
    after_bytes: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAnswer {
    source: Option<String>,
    status: Option<Status>,
    headers: Option<Spanned<ComparedFields>>,
    body: Option<Spanned<RawBody>>,
    trailers: Option<Spanned<ComparedFields>>,
    gone: Option<Spanned<Yes>>,
    aborted: Option<Spanned<Yes>>,
}

/// The content of an expected answer.
#[derive(Deserialize)]
#[serde(try_from = "Value<RawContent>")]
enum RawBody {
    /// What the request had.
    SameAsRequest,
    /// What the host makes, not the program: not part of the outcome.
    OfTheHost,
    Content(RawContent),
}

impl TryFrom<Value<RawContent>> for RawBody {
    type Error = &'static str;
    fn try_from(value: Value<RawContent>) -> Result<Self, &'static str> {
        match value {
            Value::Table(content) => Ok(RawBody::Content(content)),
            Value::Text(word) if word == "same-as-request" => Ok(RawBody::SameAsRequest),
            Value::Text(word) if word == "of-the-host" => Ok(RawBody::OfTheHost),
            _ => Err("is content such as { text = \"…\" }, \"same-as-request\" or \"of-the-host\""),
        }
    }
}

/// The place of the first of these that is there.
fn first<const N: usize>(spans: [Option<Range<usize>>; N]) -> Option<Range<usize>> {
    spans.into_iter().flatten().next()
}

fn span<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
    value.as_ref().map(Spanned::span)
}

fn open<T>(value: Option<Spanned<T>>) -> Option<T> {
    value.map(Spanned::into_inner)
}

/// A request, and what should come of it.
pub(super) fn exchange(raw: Spanned<RawRequest>, fixtures: &Path) -> Result<Exchange, Wrong> {
    let place = raw.span();
    let mut raw = raw.into_inner();
    let wait = |millis: Option<Millis>| millis.map(|millis| millis.0).unwrap_or_default();
    let request = Request {
        together: raw.together.take().map_or(1, |copies| copies.0),
        piece: raw.chunk.as_ref().map(|chunk| chunk.get_ref().get()),
        pause: wait(raw.pause_ms.take()),
        read_pause: wait(raw.read_pause_ms.take()),
        leave_after: raw.leave.take().map(|leave| leave.after_bytes),
        message: match raw.raw.take() {
            None => Message::Composed(composed(&place, &mut raw, fixtures)?),
            Some(bytes) => {
                let beside = [
                    span(&raw.method),
                    span(&raw.path),
                    span(&raw.headers),
                    span(&raw.body),
                    span(&raw.trailers),
                ];
                if let Some(span) = first(beside) {
                    return Err(Wrong::value(&span, "raw bytes are the whole request"));
                }
                Message::Raw(bytes.read(fixtures)?)
            }
        },
    };
    let expect = answer(raw.expect, &request, fixtures)?;
    Ok(Exchange { request, expect })
}

fn composed(
    place: &Range<usize>,
    raw: &mut RawRequest,
    fixtures: &Path,
) -> Result<Composed, Wrong> {
    if let (Some(chunk), None) = (&raw.chunk, &raw.body) {
        let why = "there is no body to send in chunks";
        return Err(Wrong::value(&chunk.span(), why));
    }
    if let (None, Some(trailers)) = (&raw.chunk, &raw.trailers)
        && !trailers.get_ref().0.is_empty()
    {
        let why = "they follow a body that is sent in chunks";
        return Err(Wrong::value(&trailers.span(), why));
    }
    let method = open(raw.method.take()).ok_or_else(|| Wrong::missing(place, "method"))?;
    let path = open(raw.path.take()).ok_or_else(|| Wrong::missing(place, "path"))?;
    Ok(Composed {
        method: method.0,
        path: path.0,
        headers: open(raw.headers.take()).map_or_else(Vec::new, |fields| fields.0),
        body: open(raw.body.take())
            .map(|body| body.read(fixtures))
            .transpose()?,
        chunk: raw.chunk.as_ref().map(|chunk| chunk.get_ref().get()),
        trailers: open(raw.trailers.take()).map_or_else(Vec::new, |fields| fields.0),
    })
}

fn answer(
    raw: Spanned<RawAnswer>,
    request: &Request,
    fixtures: &Path,
) -> Result<ExpectedAnswer, Wrong> {
    let place = raw.span();
    let raw = raw.into_inner();
    let source = super::command::source(&place, raw.source)?;
    let status = raw.status.map(|status| status.0);
    let whole = first([
        status.map(|_| place.clone()),
        span(&raw.headers),
        span(&raw.body),
        span(&raw.trailers),
    ]);
    let end = match (raw.gone, raw.aborted, whole) {
        (Some(gone), None, None) => match request.leave_after {
            Some(_) => ExpectedEnd::Gone,
            None => {
                let why = "the client does not leave: there is no leave";
                return Err(Wrong::value(&gone.span(), why));
            }
        },
        (None, Some(_), None) => ExpectedEnd::Aborted,
        (None, None, _) => {
            let status = status.ok_or_else(|| Wrong::missing(&place, "status"))?;
            let body = raw.body.ok_or_else(|| Wrong::missing(&place, "body"))?;
            let body = match body.into_inner() {
                RawBody::Content(content) => content.read(fixtures)?,
                RawBody::SameAsRequest => request.body().cloned().unwrap_or_default(),
                RawBody::OfTheHost => {
                    if let Some(span) = first([span(&raw.headers), span(&raw.trailers)]) {
                        let why = "an answer of the host is compared by its status alone";
                        return Err(Wrong::value(&span, why));
                    }
                    let end = ExpectedEnd::OfTheHost(status);
                    return Ok(ExpectedAnswer { source, end });
                }
            };
            ExpectedEnd::Complete(ExpectedResponse {
                status,
                headers: open(raw.headers).map_or_else(Vec::new, |fields| fields.0),
                body,
                trailers: open(raw.trailers).map_or_else(Vec::new, |fields| fields.0),
            })
        }
        (Some(alone), _, _) | (None, Some(alone), _) => {
            let why = "stands alone: there is no whole answer to compare";
            return Err(Wrong::value(&alone.span(), why));
        }
    };
    Ok(ExpectedAnswer { source, end })
}
