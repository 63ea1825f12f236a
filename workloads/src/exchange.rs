//! Requests of a case, and the answers that are expected.

use std::time::Duration;

use assay_model::HttpOutcome;
use assay_model::outcome::AnswerEnd;

use crate::content::Content;

/// One request and the expected answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What is sent.
    pub request: Request,
    /// What should come back.
    pub expect: ExpectedAnswer,
}

/// A field with one value.
pub type Field = (String, Vec<u8>);

/// What a client sends, and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The request.
    pub message: Message,
    /// So many copies at the same time, each of which is answered as expected.
    pub together: usize,
    /// Bytes of a piece, where a slow client's body has no chunks.
    pub piece: Option<usize>,
    /// The silence between two pieces of the request.
    pub pause: Duration,
    /// The silence between two reads of the answer.
    pub read_pause: Duration,
    /// The client leaves after so many bytes of the answer.
    pub leave_after: Option<u64>,
}

impl Request {
    /// A request that is sent at once and read at once.
    #[must_use]
    pub fn plain(method: &str, path: &str, headers: Vec<Field>, body: Option<Content>) -> Self {
        Self {
            message: Message::Composed(Composed {
                method: method.to_owned(),
                path: path.to_owned(),
                headers,
                body,
                chunk: None,
                trailers: Vec::new(),
            }),
            together: 1,
            piece: None,
            pause: Duration::ZERO,
            read_pause: Duration::ZERO,
            leave_after: None,
        }
    }

    /// Its content, where that is known.
    #[must_use]
    pub fn body(&self) -> Option<&Content> {
        match &self.message {
            Message::Composed(composed) => composed.body.as_ref(),
            Message::Raw(_) => None,
        }
    }

    /// Whether nothing about it is unusual: sent at once, read at once.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(&self.message, Message::Composed(composed) if composed.trailers.is_empty())
            && self.together == 1
            && self.pause.is_zero()
            && self.read_pause.is_zero()
            && self.leave_after.is_none()
    }
}

/// The request itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// From its parts.
    Composed(Composed),
    /// Bytes as they are, for what is not a proper request.
    Raw(Content),
}

/// The parts of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The method.
    pub method: String,
    /// The request target.
    pub path: String,
    /// The fields, lower-case names in the order of the alphabet; neither
    /// `host` nor framing.
    pub headers: Vec<Field>,
    /// The content; `None` for a request without any.
    pub body: Option<Content>,
    /// `Some(n)`: sent with chunked framing, n bytes a chunk. `None`: sent with
    /// `content-length`.
    pub chunk: Option<usize>,
    /// The trailer fields.
    pub trailers: Vec<Field>,
}

/// The expected end of an exchange.
#[derive(Debug, Clone)]
pub struct ExpectedAnswer {
    /// Where this expectation comes from.
    pub source: String,
    /// What it is.
    pub end: ExpectedEnd,
}

/// How an exchange should end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedEnd {
    /// With a whole answer.
    Complete(ExpectedResponse),
    /// With an answer of the host, of which the status is compared.
    OfTheHost(u16),
    /// The client left, as it was told to.
    Gone,
    /// The answer breaks off before its end.
    Aborted,
    /// With a whole answer, of which these parts are compared: what suites of
    /// others say of an answer.
    Partly(ExpectedPart),
}

/// The parts of an answer that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedPart {
    /// The status code.
    pub status: u16,
    /// Fields that are there with these values; others may be too.
    pub headers: Vec<Field>,
    /// The content, if that is compared.
    pub body: Option<Content>,
}

impl ExpectedEnd {
    /// Leaves of an answer what is compared.
    pub(crate) fn reduce(&self, answer: &mut HttpOutcome) {
        if answer.end != AnswerEnd::Complete {
            return;
        }
        match self {
            ExpectedEnd::OfTheHost(_) => *answer = HttpOutcome::of_the_host(answer.status),
            ExpectedEnd::Partly(part) => {
                let named = |name: &String| part.headers.iter().any(|(known, _)| known == name);
                answer.headers.retain(|name, _| named(name));
                answer.trailers.clear();
                if part.body.is_none() {
                    answer.body.clear();
                }
            }
            ExpectedEnd::Complete(_) | ExpectedEnd::Gone | ExpectedEnd::Aborted => {}
        }
    }
}

/// The expected answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedResponse {
    /// The status code.
    pub status: u16,
    /// Every field but those of the host (see [`HttpOutcome::new`]).
    pub headers: Vec<Field>,
    /// The content.
    pub body: Content,
    /// The trailer fields.
    pub trailers: Vec<Field>,
}

impl ExpectedAnswer {
    /// The answer in normal form.
    #[must_use]
    pub fn outcome(&self) -> HttpOutcome {
        match &self.end {
            ExpectedEnd::Complete(response) => response.outcome(),
            ExpectedEnd::OfTheHost(status) => HttpOutcome::of_the_host(*status),
            ExpectedEnd::Gone => HttpOutcome::gone(),
            ExpectedEnd::Aborted => HttpOutcome::aborted(),
            ExpectedEnd::Partly(part) => HttpOutcome::new(
                part.status,
                part.headers.iter().cloned(),
                part.body
                    .as_ref()
                    .map(|body| body.bytes().to_vec())
                    .unwrap_or_default(),
                [],
            ),
        }
    }
}

impl ExpectedResponse {
    /// The answer in normal form.
    #[must_use]
    pub fn outcome(&self) -> HttpOutcome {
        HttpOutcome::new(
            self.status,
            self.headers.iter().cloned(),
            self.body.bytes().to_vec(),
            self.trailers.iter().cloned(),
        )
    }
}
