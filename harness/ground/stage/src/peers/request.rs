//! Requests as an http peer reads them, and the line it writes down for each.

use super::tcp::{ReadOutcome, read_some, send};
use crate::limit::{GRACE, IDLE_GRACE, Limit};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::net::TcpStream;

const PIECE: usize = 64 * 1024;
/// A head that is longer is not one that a test would send by intention.
const LONGEST_HEAD: usize = 1024 * 1024;
const MOST_HEADERS: usize = 512;

/// The peer's own address is in `host`; the others belong to the HTTP
/// implementation: framing and connection (RFC 9112, 6; RFC 9110, 7.6.1) and
/// the clock (RFC 9110, 6.6.1).
const LEFT_OUT: [&str; 7] = [
    "connection",
    "content-length",
    "date",
    "host",
    "keep-alive",
    "trailer",
    "transfer-encoding",
];

/// What came next on a connection.
pub(super) enum Incoming {
    Request(Request),
    End,
}

/// A request that was read to its end, or as far as it came.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) close: bool,
    pub(super) incomplete: bool,
    pub(super) line: String,
}

type Fields = Vec<(String, Vec<u8>)>;

struct Head {
    method: String,
    target: String,
    fields: Fields,
    version: u8,
}

impl Head {
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_slice())
    }

    fn has_token(&self, name: &str, token: &str) -> bool {
        self.values(name).any(|value| {
            value
                .split(|byte| *byte == b',')
                .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
        })
    }
}

/// The end of the guest's side in the middle of a request, or nothing more
/// within the limits.
struct BrokenOff;

/// Reads one request after the other.
pub(super) struct Reader<'a> {
    stream: &'a TcpStream,
    limit: &'a Limit,
    buffer: Vec<u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(stream: &'a TcpStream, limit: &'a Limit) -> Self {
        Reader {
            stream,
            limit,
            buffer: Vec::new(),
        }
    }

    /// The next request, or the end of the connection. An error is something
    /// that is not HTTP/1.
    pub(super) fn next(&mut self) -> Result<Incoming, String> {
        let head = loop {
            if let Some((head, length)) = parse(&self.buffer)? {
                self.buffer.drain(..length);
                break head;
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(format!("a request head of more than {LONGEST_HEAD} bytes"));
            }
            let idle = self.buffer.is_empty();
            if self.fill(idle).is_err() {
                if idle {
                    return Ok(Incoming::End);
                }
                return Err(format!(
                    "a request head that breaks off: \"{}\"",
                    self.buffer.escape_ascii()
                ));
            }
        };
        if head.has_token("expect", "100-continue") {
            // When the guest has left, reading finds out.
            let _ = send(self.stream, b"HTTP/1.1 100 Continue\r\n\r\n", self.limit);
        }
        let mut content = Content::default();
        let chunked = head.has_token("transfer-encoding", "chunked");
        let length = head.values("content-length").next().map(decimal);
        let read = match (chunked, length) {
            (true, _) => self.chunked(&mut content)?,
            (false, Some(Some(length))) => self.sized(length, &mut content),
            (false, Some(None)) => return Err("a content-length that is no number".to_owned()),
            (false, None) => Ok(()),
        };
        let incomplete = read.is_err();
        Ok(Incoming::Request(Request {
            line: line(&head, &content, incomplete),
            close: head.has_token("connection", "close") || head.version == 0,
            incomplete,
            method: head.method,
            target: head.target,
        }))
    }

    /// Reads what nobody will look at, so that closing does not reset.
    pub(super) fn discard(&mut self) {
        self.buffer.clear();
        while self.fill(true).is_ok() {
            self.buffer.clear();
        }
    }

    fn fill(&mut self, idle: bool) -> Result<(), BrokenOff> {
        let mut piece = vec![0; PIECE];
        let grace = if idle { IDLE_GRACE } else { GRACE };
        match read_some(self.stream, &mut piece, self.limit, grace) {
            Ok(ReadOutcome::Bytes(count)) => {
                self.buffer.extend_from_slice(&piece[..count]);
                Ok(())
            }
            Ok(ReadOutcome::End | ReadOutcome::Nothing(_)) | Err(_) => Err(BrokenOff),
        }
    }

    fn sized(&mut self, length: u64, content: &mut Content) -> Result<(), BrokenOff> {
        let mut left = length;
        while left > 0 {
            if self.buffer.is_empty() {
                self.fill(false)?;
            }
            let here =
                usize::try_from(left).map_or(self.buffer.len(), |left| left.min(self.buffer.len()));
            content.add(&self.buffer[..here]);
            self.buffer.drain(..here);
            left -= here as u64;
        }
        Ok(())
    }

    fn chunked(&mut self, content: &mut Content) -> Result<Result<(), BrokenOff>, String> {
        loop {
            let size = loop {
                match httparse::parse_chunk_size(&self.buffer) {
                    Ok(httparse::Status::Complete((length, size))) => {
                        self.buffer.drain(..length);
                        break size;
                    }
                    Ok(httparse::Status::Partial) => {
                        if self.fill(false).is_err() {
                            return Ok(Err(BrokenOff));
                        }
                    }
                    Err(_) => return Err("a chunk whose size is no number".to_owned()),
                }
            };
            if size == 0 {
                return self.trailers(content);
            }
            if self.sized(size, content).is_err() {
                return Ok(Err(BrokenOff));
            }
            while self.buffer.len() < 2 {
                if self.fill(false).is_err() {
                    return Ok(Err(BrokenOff));
                }
            }
            if !self.buffer.starts_with(b"\r\n") {
                return Err("a chunk that is longer than its size".to_owned());
            }
            self.buffer.drain(..2);
        }
    }

    fn trailers(&mut self, content: &mut Content) -> Result<Result<(), BrokenOff>, String> {
        loop {
            let mut headers = vec![httparse::EMPTY_HEADER; MOST_HEADERS];
            match httparse::parse_headers(&self.buffer, &mut headers) {
                Ok(httparse::Status::Complete((length, headers))) => {
                    content.trailers = fields(headers);
                    self.buffer.drain(..length);
                    return Ok(Ok(()));
                }
                Ok(httparse::Status::Partial) => {
                    if self.fill(false).is_err() {
                        return Ok(Err(BrokenOff));
                    }
                }
                Err(error) => return Err(format!("trailers: {error}")),
            }
        }
    }
}

#[derive(Default)]
struct Content {
    length: u64,
    digest: Sha256,
    trailers: Fields,
}

impl Content {
    fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.digest.update(bytes);
    }
}

fn decimal(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn parse(buffer: &[u8]) -> Result<Option<(Head, usize)>, String> {
    let mut headers = vec![httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(buffer) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(length)) => {
            let head = Head {
                method: request.method.unwrap_or_default().to_owned(),
                target: request.path.unwrap_or_default().to_owned(),
                version: request.version.unwrap_or(1),
                fields: fields(request.headers),
            };
            Ok(Some((head, length)))
        }
        Err(error) => {
            let start = &buffer[..buffer.len().min(80)];
            Err(format!(
                "not a request of HTTP/1 ({error}): \"{}\"",
                start.escape_ascii()
            ))
        }
    }
}

fn fields(headers: &[httparse::Header<'_>]) -> Fields {
    headers
        .iter()
        .map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec()))
        .collect()
}

fn line(head: &Head, content: &Content, incomplete: bool) -> String {
    // Writing into a String cannot fail: its `fmt::Write` has no error path.
    let mut line = format!("{} {} {}", head.method, head.target, braced(&head.fields));
    if incomplete {
        line.push_str(" incomplete");
        return line;
    }
    let _ = write!(line, " {}", content.length);
    if content.length > 0 {
        let digest = content.digest.clone().finalize();
        let _ = write!(line, " sha256:{}", hex::encode(digest));
    }
    if !content.trailers.is_empty() {
        let _ = write!(line, " trailers {}", braced(&content.trailers));
    }
    line
}

fn braced(fields: &Fields) -> String {
    let mut kept: Vec<&(String, Vec<u8>)> = fields
        .iter()
        .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()))
        .collect();
    // Stable: values of one name stay in the order they came in.
    kept.sort_by(|(a, _), (b, _)| a.cmp(b));
    let listed: Vec<String> = kept
        .iter()
        .map(|(name, value)| format!("{name}: \"{}\"", value.escape_ascii()))
        .collect();
    format!("{{{}}}", listed.join(", "))
}
