//! Reads one response out of the pieces that a connection delivers
//! (RFC 9112 §2 to §8). No input or output here: pieces and stamps go in.

use crate::chunked::Chunked;
use crate::clock::Nanos;
use crate::error::{ExchangeError, Phase};
use crate::request::is;
use crate::response::{Limits, Response};

/// How the end of the content is known (RFC 9112 §6.3).
#[derive(Debug, PartialEq, Eq)]
enum Framing {
    Nothing,
    Length(u64),
    Chunked,
    UntilClose,
}

#[derive(Debug)]
enum State {
    Head,
    Length { left: u64 },
    Chunked(Chunked),
    UntilClose,
    Done,
}

/// An owned field section.
type Fields = Vec<(String, Vec<u8>)>;

pub(crate) struct Parser {
    head_method: bool,
    limits: Limits,
    state: State,
    head: Vec<u8>,
    first_byte_at: Option<Nanos>,
    received: u64,
    response: Response,
}

impl Parser {
    /// `head_method` tells that the request was a `HEAD`, whose response has
    /// the framing fields of a `GET` but no content (RFC 9110 §9.3.2).
    pub(crate) fn new(head_method: bool, limits: Limits) -> Self {
        Self {
            head_method,
            limits,
            state: State::Head,
            head: Vec::new(),
            first_byte_at: None,
            received: 0,
            response: Response {
                status: 0,
                reason: String::new(),
                headers: Vec::new(),
                body: Vec::new(),
                trailers: Vec::new(),
                interim: Vec::new(),
                first_byte_at: Nanos(0),
                complete_at: Nanos(0),
                request_sent: false,
                reusable: false,
                excess: Vec::new(),
            },
        }
    }

    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    pub(crate) fn phase(&self) -> Phase {
        match &self.state {
            State::Head => Phase::Head,
            State::Chunked(chunked) => chunked.phase(),
            _ => Phase::Body,
        }
    }

    /// Takes the bytes of one read that returned at `at`; tells whether the
    /// response is complete.
    pub(crate) fn feed(&mut self, input: &[u8], at: Nanos) -> Result<bool, ExchangeError> {
        self.received += input.len() as u64;
        match self.state {
            State::Head => self.feed_head(input, at)?,
            _ => self.feed_body(input)?,
        }
        self.response.complete_at = at;
        Ok(matches!(self.state, State::Done))
    }

    /// Takes the end of the connection, read at `at`.
    pub(crate) fn end(&mut self, at: Nanos) -> Result<(), ExchangeError> {
        let missing = match &self.state {
            State::UntilClose => {
                self.response.complete_at = at;
                self.state = State::Done;
                return Ok(());
            }
            State::Done => return Ok(()),
            State::Head if self.received == 0 => "no byte of a response".to_owned(),
            State::Head => "the end of the head".to_owned(),
            State::Length { left } => format!("{left} bytes of content"),
            State::Chunked(_) => "the last chunk".to_owned(),
        };
        Err(ExchangeError::Incomplete {
            phase: self.phase(),
            received: self.received,
            missing,
        })
    }

    /// The response, once complete.
    pub(crate) fn into_response(mut self, request_sent: bool) -> Response {
        self.response.request_sent = request_sent;
        self.response.reusable &= request_sent && self.response.excess.is_empty();
        self.response
    }

    fn feed_head(&mut self, input: &[u8], at: Nanos) -> Result<(), ExchangeError> {
        self.head.extend_from_slice(input);
        while matches!(self.state, State::Head) && !self.head.is_empty() {
            self.first_byte_at.get_or_insert(at);
            // httparse skips empty lines in front, which no server may send.
            if self.head[0] != b'H' {
                return Err(malformed("no status line", "RFC 9112 §4"));
            }
            let Some((length, head)) = parse_head(&self.head, &self.limits)? else {
                return Ok(());
            };
            let rest = self.head.split_off(length);
            self.head.clear();
            if (100..200).contains(&head.status) {
                self.interim(head.status)?;
                self.first_byte_at = None;
                self.head = rest;
                continue;
            }
            self.begin_body(head)?;
            self.feed_body(&rest)?;
        }
        Ok(())
    }

    fn interim(&mut self, status: u16) -> Result<(), ExchangeError> {
        if status == 101 {
            // RFC 9110 §7.8: only after an Upgrade field, which we do not send.
            return Err(malformed(
                "an upgrade that was not requested",
                "RFC 9110 §15.2.2",
            ));
        }
        if self.response.interim.len() >= self.limits.interim {
            return Err(limit("informational responses", self.limits.interim as u64));
        }
        self.response.interim.push(status);
        Ok(())
    }

    fn begin_body(&mut self, head: Head) -> Result<(), ExchangeError> {
        let framing = framing(self.head_method, &head)?;
        self.response.reusable =
            head.minor == 1 && framing != Framing::UntilClose && !says_close(&head.fields);
        self.state = match framing {
            Framing::Nothing | Framing::Length(0) => State::Done,
            Framing::Length(length) if length > self.limits.body => {
                return Err(limit("body in bytes", self.limits.body));
            }
            Framing::Length(left) => {
                // Bounded by the limit just checked, so the cast is exact
                // wherever such a body fits into memory at all.
                self.response.body.reserve_exact(left as usize);
                State::Length { left }
            }
            Framing::Chunked => State::Chunked(Chunked::new()),
            Framing::UntilClose => State::UntilClose,
        };
        self.response.status = head.status;
        self.response.reason = head.reason;
        self.response.headers = head.fields;
        self.response.first_byte_at = self.first_byte_at.unwrap_or_default();
        Ok(())
    }

    fn feed_body(&mut self, input: &[u8]) -> Result<(), ExchangeError> {
        let body = &mut self.response.body;
        let used = match &mut self.state {
            State::Head | State::Done => 0,
            State::Length { left } => {
                let take = (*left).min(input.len() as u64);
                body.extend_from_slice(&input[..take as usize]);
                *left -= take;
                if *left == 0 {
                    self.state = State::Done;
                }
                take as usize
            }
            State::Chunked(chunked) => {
                let used = chunked.feed(input, body, &self.limits)?;
                if chunked.is_done() {
                    self.response.trailers =
                        parse_trailers(chunked.trailer_section(), &self.limits)?;
                    self.state = State::Done;
                }
                used
            }
            State::UntilClose => {
                if (body.len() + input.len()) as u64 > self.limits.body {
                    return Err(limit("body in bytes", self.limits.body));
                }
                body.extend_from_slice(input);
                input.len()
            }
        };
        self.response.excess.extend_from_slice(&input[used..]);
        Ok(())
    }
}

struct Head {
    minor: u8,
    status: u16,
    reason: String,
    fields: Fields,
}

/// The head and its length, or `None` while it is not complete.
fn parse_head(input: &[u8], limits: &Limits) -> Result<Option<(usize, Head)>, ExchangeError> {
    let mut fields = vec![httparse::EMPTY_HEADER; limits.fields];
    let mut response = httparse::Response::new(&mut fields);
    let length = match response.parse(input) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if input.len() > limits.head => {
            return Err(limit("head in bytes", limits.head as u64));
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(parse_error(error, Phase::Head, "RFC 9112 §4", limits)),
    };
    if length > limits.head {
        return Err(limit("head in bytes", limits.head as u64));
    }
    // httparse fills these in whenever it says `Complete`.
    let status = response.code.unwrap_or(0);
    if status < 100 {
        let what = format!("status code {status:03}");
        return Err(malformed(&what, "RFC 9110 §15"));
    }
    Ok(Some((
        length,
        Head {
            minor: response.version.unwrap_or(0),
            status,
            reason: response.reason.unwrap_or("").to_owned(),
            fields: owned(response.headers),
        },
    )))
}

fn parse_trailers(section: &[u8], limits: &Limits) -> Result<Fields, ExchangeError> {
    let mut fields = vec![httparse::EMPTY_HEADER; limits.fields];
    match httparse::parse_headers(section, &mut fields) {
        Ok(httparse::Status::Complete((length, fields))) if length == section.len() => {
            Ok(owned(fields))
        }
        Ok(_) => Err(ExchangeError::Malformed {
            phase: Phase::Trailers,
            what: "an empty line within the trailer section".into(),
            section: "RFC 9112 §7.1.2",
        }),
        Err(error) => Err(parse_error(
            error,
            Phase::Trailers,
            "RFC 9112 §7.1.2",
            limits,
        )),
    }
}

fn owned(fields: &[httparse::Header<'_>]) -> Fields {
    fields
        .iter()
        .map(|field| (field.name.to_owned(), field.value.to_vec()))
        .collect()
}

/// RFC 9112 §6.3, in its order.
fn framing(head_method: bool, head: &Head) -> Result<Framing, ExchangeError> {
    if head_method || head.status == 204 || head.status == 304 {
        return Ok(Framing::Nothing);
    }
    let codings = list(&head.fields, "transfer-encoding");
    let lengths = list(&head.fields, "content-length");
    if let Some(last) = codings.last() {
        if head.minor == 0 {
            let what = "a transfer coding in an HTTP/1.0 message";
            return Err(malformed(what, "RFC 9112 §6.1"));
        }
        if !lengths.is_empty() {
            // A recipient may let the coding win; a client that proves equal
            // outcomes rather reports the server.
            let what = "both Transfer-Encoding and Content-Length";
            return Err(malformed(what, "RFC 9112 §6.3 item 3"));
        }
        if codings.len() > 1 || !is(last, "chunked") {
            // Nothing else was offered in a TE field (RFC 9110 §10.1.4).
            let what = format!("transfer coding {:?}", codings.join(", "));
            return Err(malformed(&what, "RFC 9112 §6.1"));
        }
        return Ok(Framing::Chunked);
    }
    let Some(first) = lengths.first() else {
        return Ok(Framing::UntilClose);
    };
    // §6.3 item 5: a list of one repeated valid number is that number.
    let digits = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    match first.parse::<u64>() {
        Ok(length) if digits && lengths.iter().all(|other| other == first) => {
            Ok(Framing::Length(length))
        }
        _ => {
            let what = format!("Content-Length {:?}", lengths.join(", "));
            Err(malformed(&what, "RFC 9112 §6.3 item 5"))
        }
    }
}

fn says_close(fields: &Fields) -> bool {
    list(fields, "connection")
        .iter()
        .any(|option| is(option, "close"))
}

/// The members of a list-based field over all its lines (RFC 9110 §5.6.1);
/// empty members are kept, as a length must not have any.
fn list(fields: &Fields, name: &str) -> Vec<String> {
    fields
        .iter()
        .filter(|(have, _)| is(have, name))
        .flat_map(|(_, value)| value.split(|&b| b == b','))
        .map(|member| String::from_utf8_lossy(member).trim().to_owned())
        .collect()
}

fn parse_error(
    error: httparse::Error,
    phase: Phase,
    section: &'static str,
    limits: &Limits,
) -> ExchangeError {
    match error {
        httparse::Error::TooManyHeaders => limit("number of fields", limits.fields as u64),
        other => ExchangeError::Malformed {
            phase,
            what: other.to_string(),
            section,
        },
    }
}

fn malformed(what: &str, section: &'static str) -> ExchangeError {
    ExchangeError::Malformed {
        phase: Phase::Head,
        what: what.to_owned(),
        section,
    }
}

fn limit(what: &'static str, limit: u64) -> ExchangeError {
    ExchangeError::Limit { what, limit }
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
