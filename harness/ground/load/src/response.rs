//! A response as it came over the wire.

use crate::clock::Nanos;

/// A complete response, and when its parts came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status code of the final response (RFC 9110 §15).
    pub status: u16,
    /// Reason phrase; empty also when it holds bytes beyond ASCII.
    pub reason: String,
    /// Header fields in their order, names spelled as sent, values without
    /// surrounding white space (RFC 9112 §5).
    pub headers: Vec<(String, Vec<u8>)>,
    /// The content, without transfer coding.
    pub body: Vec<u8>,
    /// Trailer fields of a chunked message (RFC 9112 §7.1.2).
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Status codes of the informational responses before (RFC 9110 §15.2).
    pub interim: Vec<u16>,
    /// When the read that held the first byte of the final response returned:
    /// `CLOCK_MONOTONIC`. Informational responses do not count.
    pub first_byte_at: Nanos,
    /// When the read that completed the response returned, before anything of
    /// it was parsed: `CLOCK_MONOTONIC`. Where only the end of the connection
    /// ends the message, that is when the end was read.
    pub complete_at: Nanos,
    /// Whether the whole request had been sent by then; `false` for a server
    /// that answered early (RFC 9110 §10.1.1, RFC 9112 §9.5).
    pub request_sent: bool,
    /// Whether the connection may carry another request: HTTP/1.1 without
    /// `Connection: close` (RFC 9112 §9.3), delimited, request sent, nothing
    /// in excess.
    pub reusable: bool,
    /// Bytes that came behind the end of the message in the same read. No
    /// request asked for them: a server that sends them is wrong.
    pub excess: Vec<u8>,
}

impl Response {
    /// The values of a header field, in their order; the name in any case.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.headers
            .iter()
            .filter(move |(have, _)| crate::request::is(have, name))
            .map(|(_, value)| value.as_slice())
    }
}

/// How much of a response is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one head (status line and headers) or of a trailer section.
    pub head: usize,
    /// Fields in a head or trailer section.
    pub fields: usize,
    /// Bytes of content.
    pub body: u64,
    /// Informational responses before the final one.
    pub interim: usize,
}

impl Default for Limits {
    /// 64 KiB of head, 128 fields, 64 MiB of content, 16 interim responses.
    fn default() -> Self {
        Self {
            head: 64 << 10,
            fields: 128,
            body: 64 << 20,
            interim: 16,
        }
    }
}
