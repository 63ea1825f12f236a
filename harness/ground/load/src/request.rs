//! A request, and its bytes on the wire.

use crate::error::ExchangeError;
use std::io::Write as _;

/// The content of a request, and how its length is told (RFC 9112 §6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Body {
    /// No content and no framing header.
    #[default]
    None,
    /// `Content-Length` (RFC 9110 §8.6); may be empty, which sends a zero.
    Sized(Vec<u8>),
    /// `Transfer-Encoding: chunked` (RFC 9112 §7.1).
    Chunked {
        /// The content.
        data: Vec<u8>,
        /// Bytes in each chunk but the last, which may be shorter; at least 1.
        chunk: usize,
        /// Trailer fields behind the last chunk (RFC 9110 §6.5).
        trailers: Vec<(String, Vec<u8>)>,
    },
}

/// A request in origin form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Method, a token; `CONNECT` is refused, as it would open a tunnel.
    pub method: String,
    /// Request target, sent as it is (RFC 9112 §3.2).
    pub target: String,
    /// Header fields, sent in this order and spelling. Framing fields
    /// (`Content-Length`, `Transfer-Encoding`) belong to `body` and are
    /// refused here; `Host` is added in front when missing.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Content.
    pub body: Body,
}

/// The bytes of a request, made before a timed span begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    pub(crate) wire: Vec<u8>,
    pub(crate) head_method: bool,
    /// Length of the request line and the headers, their empty line included.
    pub(crate) head: usize,
    /// Where each chunk of a chunked body ends; empty for other framings.
    pub(crate) chunk_ends: Vec<usize>,
    /// Whether the caller wrote the bytes: then nothing is known of their parts
    /// and a slow client is slow from the first byte on.
    pub(crate) raw: bool,
}

impl Encoded {
    /// Bytes that are sent as they are, for what no [`Request`] can say. The
    /// answer is read as that to a `HEAD` if they begin with this method, as
    /// its framing cannot be told otherwise (RFC 9112 §6.3 item 1).
    #[must_use]
    pub fn raw(wire: Vec<u8>) -> Self {
        let end = b"\r\n\r\n";
        let head = wire
            .windows(end.len())
            .position(|window| window == end)
            .map_or(wire.len(), |at| at + end.len());
        Self {
            head_method: wire.starts_with(b"HEAD "),
            wire,
            head,
            chunk_ends: Vec::new(),
            raw: true,
        }
    }

    /// The end of the piece that begins at `sent`: the head, a chunk, or at
    /// most `piece` bytes where there are no chunks.
    pub(crate) fn piece_end(&self, sent: usize, piece: usize) -> usize {
        if !self.raw && sent < self.head {
            return self.head;
        }
        if self.chunk_ends.is_empty() {
            return self.wire.len().min(sent.saturating_add(piece.max(1)));
        }
        let next = self.chunk_ends.partition_point(|&end| end <= sent);
        self.chunk_ends
            .get(next)
            .copied()
            .unwrap_or(self.wire.len())
    }

    /// The bytes as they go to the server.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }
}

impl Request {
    /// A `GET` without further headers.
    #[must_use]
    pub fn get(target: impl Into<String>) -> Self {
        Self {
            method: "GET".into(),
            target: target.into(),
            ..Self::default()
        }
    }

    /// A `POST` without further headers.
    #[must_use]
    pub fn post(target: impl Into<String>, body: Body) -> Self {
        Self {
            method: "POST".into(),
            target: target.into(),
            body,
            ..Self::default()
        }
    }

    /// Writes the request as it goes to the server, with `host` as the `Host`
    /// field (RFC 9112 §3.2 requires one) unless the headers have their own.
    ///
    /// # Errors
    /// [`ExchangeError::InvalidRequest`] when a part would break the message
    /// apart (RFC 9110 §5.1, §5.5 and §9.1; RFC 9112 §3.2).
    pub fn encode(&self, host: &str) -> Result<Encoded, ExchangeError> {
        self.check(host)?;
        let mut wire = Vec::with_capacity(self.wire_length_hint());
        wire.extend_from_slice(self.method.as_bytes());
        wire.push(b' ');
        wire.extend_from_slice(self.target.as_bytes());
        wire.extend_from_slice(b" HTTP/1.1\r\n");
        if !self.headers.iter().any(|(name, _)| is(name, "host")) {
            field(&mut wire, "Host", host.as_bytes());
        }
        for (name, value) in &self.headers {
            field(&mut wire, name, value);
        }
        let mut chunk_ends = Vec::new();
        let head;
        match &self.body {
            Body::None => {
                wire.extend_from_slice(b"\r\n");
                head = wire.len();
            }
            Body::Sized(data) => {
                field(
                    &mut wire,
                    "Content-Length",
                    data.len().to_string().as_bytes(),
                );
                wire.extend_from_slice(b"\r\n");
                head = wire.len();
                wire.extend_from_slice(data);
            }
            Body::Chunked {
                data,
                chunk,
                trailers,
            } => {
                field(&mut wire, "Transfer-Encoding", b"chunked");
                wire.extend_from_slice(b"\r\n");
                head = wire.len();
                for piece in data.chunks(*chunk) {
                    // Writing into a Vec cannot fail.
                    let _ = write!(wire, "{:x}\r\n", piece.len());
                    wire.extend_from_slice(piece);
                    wire.extend_from_slice(b"\r\n");
                    chunk_ends.push(wire.len());
                }
                wire.extend_from_slice(b"0\r\n");
                for (name, value) in trailers {
                    field(&mut wire, name, value);
                }
                wire.extend_from_slice(b"\r\n");
            }
        }
        Ok(Encoded {
            wire,
            head_method: self.method == "HEAD",
            head,
            chunk_ends,
            raw: false,
        })
    }

    fn check(&self, host: &str) -> Result<(), ExchangeError> {
        let invalid = |what: String| Err(ExchangeError::InvalidRequest { what });
        if !is_token(&self.method) || self.method == "CONNECT" {
            return invalid(format!("method {:?} is not usable here", self.method));
        }
        if self.target.is_empty() || !self.target.bytes().all(|b| b.is_ascii_graphic()) {
            return invalid(format!(
                "target {:?} is empty or has bytes to escape",
                self.target
            ));
        }
        if !is_field_value(host.as_bytes()) {
            return invalid(format!("host {host:?} has control characters"));
        }
        let trailers = match &self.body {
            Body::Chunked { chunk: 0, .. } => return invalid("a chunk size of 0".into()),
            Body::Chunked { trailers, .. } => trailers.as_slice(),
            _ => &[],
        };
        for (name, value) in self.headers.iter().chain(trailers) {
            if !is_token(name) {
                return invalid(format!("field name {name:?} is not a token"));
            }
            if is(name, "content-length") || is(name, "transfer-encoding") {
                return invalid(format!("field {name:?} is set through the body"));
            }
            if !is_field_value(value) {
                return invalid(format!("field {name:?} has a control character"));
            }
        }
        Ok(())
    }

    fn wire_length_hint(&self) -> usize {
        match &self.body {
            Body::None => 1024,
            Body::Sized(data) => 1024 + data.len(),
            // At most 16 hex digits and two line ends around each chunk.
            Body::Chunked { data, chunk, .. } => {
                1024 + data.len() + data.len().div_ceil((*chunk).max(1)) * 20
            }
        }
    }
}

fn field(wire: &mut Vec<u8>, name: &str, value: &[u8]) {
    wire.extend_from_slice(name.as_bytes());
    wire.extend_from_slice(b": ");
    wire.extend_from_slice(value);
    wire.extend_from_slice(b"\r\n");
}

/// Field names are case-insensitive (RFC 9110 §5.1).
pub(crate) fn is(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known)
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let special = b"!#$%&'*+-.^_`|~";
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || special.contains(&b))
}

/// RFC 9110 §5.5: visible characters, obs-text, space and tab.
fn is_field_value(value: &[u8]) -> bool {
    value
        .iter()
        .all(|&b| b == b'\t' || (b >= b' ' && b != 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(request: &Request) -> String {
        String::from_utf8(request.encode("localhost:1").unwrap().wire).unwrap()
    }

    #[test]
    fn each_body_has_its_framing() {
        assert_eq!(
            wire(&Request::get("/a?b")),
            "GET /a?b HTTP/1.1\r\nHost: localhost:1\r\n\r\n"
        );
        let mut request = Request::post("/", Body::Sized(b"hi".to_vec()));
        request.headers = vec![("hOsT".into(), b"x".to_vec())];
        assert_eq!(
            wire(&request),
            "POST / HTTP/1.1\r\nhOsT: x\r\nContent-Length: 2\r\n\r\nhi"
        );
        let body = Body::Chunked {
            data: b"hello world!".to_vec(),
            chunk: 11,
            trailers: vec![("X-Sum".into(), b"7".to_vec())],
        };
        assert_eq!(
            wire(&Request::post("/", body)),
            "POST / HTTP/1.1\r\nHost: localhost:1\r\nTransfer-Encoding: chunked\r\n\r\n\
             b\r\nhello world\r\n1\r\n!\r\n0\r\nX-Sum: 7\r\n\r\n"
        );
    }

    #[test]
    fn the_pieces_of_a_slow_client_are_the_head_and_the_chunks() {
        let pieces = |encoded: &Encoded, piece| {
            let (mut at, mut pieces) = (0, Vec::new());
            while at < encoded.wire.len() {
                let end = encoded.piece_end(at, piece);
                pieces.push(String::from_utf8_lossy(&encoded.wire[at..end]).into_owned());
                at = end;
            }
            pieces
        };
        let body = Body::Chunked {
            data: b"abcde".to_vec(),
            chunk: 3,
            trailers: vec![("X".into(), b"y".to_vec())],
        };
        let chunked = Request::post("/", body).encode("h").unwrap();
        assert_eq!(
            pieces(&chunked, 1)[1..],
            ["3\r\nabc\r\n", "2\r\nde\r\n", "0\r\nX: y\r\n\r\n"]
        );
        let sized = Request::post("/", Body::Sized(b"abcde".to_vec()));
        assert_eq!(
            pieces(&sized.encode("h").unwrap(), 2)[1..],
            ["ab", "cd", "e"]
        );
        assert_eq!(pieces(&Request::get("/").encode("h").unwrap(), 2).len(), 1);
        let raw = Encoded::raw(b"HEAD / HTTP/1.1\r\n\r\nxy".to_vec());
        assert_eq!((raw.head_method, raw.head), (true, 19));
        assert_eq!(pieces(&raw, 8), ["HEAD / H", "TTP/1.1\r", "\n\r\nxy"]);
        assert_eq!(Encoded::raw(b"no end".to_vec()).head, 6);
    }

    #[test]
    fn what_would_break_the_message_is_refused() {
        let with = |name: &str, value: &[u8]| {
            let mut request = Request::get("/");
            request.headers = vec![(name.into(), value.to_vec())];
            request
        };
        let chunk_of_0 = Body::Chunked {
            data: vec![1],
            chunk: 0,
            trailers: vec![],
        };
        let mut tunnel = Request::get("/");
        tunnel.method = "CONNECT".into();
        for bad in [
            with("X", b"a\r\nEvil: 1"),
            with("X", b"nul\0"),
            with("X Y", b""),
            with("", b""),
            with("content-LENGTH", b"3"),
            with("Transfer-Encoding", b"chunked"),
            Request::get("/a b"),
            Request::get(""),
            Request::get("/\r\n"),
            Request::post("/", chunk_of_0),
            tunnel,
        ] {
            let error = bad.encode("h").unwrap_err();
            assert!(
                matches!(error, ExchangeError::InvalidRequest { .. }),
                "{bad:?}"
            );
        }
        assert!(Request::get("/").encode("h\r\n").is_err());
        assert!(with("X", b"tab\tand \xe9").encode("h").is_ok());
    }
}
