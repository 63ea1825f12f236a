//! What the guests answer. Knows nothing of WASI or hyper.

/// The part of a request that a handler decides on.
#[derive(Debug, Clone, Copy)]
pub struct RequestHead<'a> {
    /// The value of `content-type`, if the request has one.
    pub content_type: Option<&'a [u8]>,
}

/// What goes back. The shell adds what belongs to its server (`date`,
/// `transfer-encoding`) and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code, 100 to 599.
    pub status: u16,
    /// The headers in order; names in lower case.
    pub headers: Vec<(&'static str, Vec<u8>)>,
    /// The body.
    pub body: Body,
}

/// Where the bytes of a reply come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// These bytes. Their length is known, so the shell sends it.
    Fixed(&'static [u8]),
    /// The body of the request, passed on chunk by chunk as it arrives, of a
    /// length that the guest does not claim to know. Trailers are not passed
    /// on: HTTP/1.1 sends them only to a client that asked (RFC 9110, 6.5.1).
    Request,
}

/// A guest: from the head of a request to the reply.
pub type Handler = fn(RequestHead<'_>) -> Reply;

const HELLO: &[u8] = b"hello from a component\n";

/// `http/hello`: the same 23 bytes for every request.
#[must_use]
pub fn hello(_request: RequestHead<'_>) -> Reply {
    Reply {
        status: 200,
        headers: vec![
            ("content-type", b"text/plain".to_vec()),
            ("content-length", HELLO.len().to_string().into_bytes()),
        ],
        body: Body::Fixed(HELLO),
    }
}

/// `http/echo`: the body of the request under its own content type, or under
/// `application/octet-stream` when it has none (RFC 9110, 8.3).
#[must_use]
pub fn echo(request: RequestHead<'_>) -> Reply {
    let content_type = request.content_type.unwrap_or(b"application/octet-stream");
    Reply {
        status: 200,
        headers: vec![("content-type", content_type.to_vec())],
        body: Body::Request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hello_states_its_own_length() {
        let reply = hello(RequestHead { content_type: None });
        assert_eq!(reply.headers[1], ("content-length", b"23".to_vec()));
        assert_eq!(reply.body, Body::Fixed(HELLO));
    }

    #[test]
    fn echo_keeps_the_content_type_or_falls_back() {
        let with = echo(RequestHead {
            content_type: Some(b"image/png"),
        });
        assert_eq!(with.headers, [("content-type", b"image/png".to_vec())]);
        let without = echo(RequestHead { content_type: None });
        assert_eq!(
            without.headers,
            [("content-type", b"application/octet-stream".to_vec())]
        );
    }
}
