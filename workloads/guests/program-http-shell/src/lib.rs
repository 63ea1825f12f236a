//! The shells of the web programs: one for each world.
//!
//! A program is a function from a whole request to a whole reply, as most
//! handlers of real services are. It never sees the wire, so it is the same
//! code in a component (`wasi:http/incoming-handler`) and in a native server
//! (hyper).

#[cfg(not(target_os = "wasi"))]
pub mod native;
#[cfg(target_os = "wasi")]
pub mod wasi;

/// A longer request body is answered with 413 and not given to the program.
pub const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// A request that has arrived.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// In upper case, as it was sent.
    pub method: String,
    /// Before the `?`, not decoded.
    pub path: String,
    /// Behind the `?`, not decoded; empty if there is none.
    pub query: String,
    /// The value of `content-type`; empty if there is none or it is not ASCII.
    pub content_type: String,
    /// All of the body.
    pub body: Vec<u8>,
}

impl Request {
    /// The decoded value of the first parameter called `name` in the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| decoded(key).as_deref() == Some(name))
            .and_then(|(_, value)| decoded(&value.replace('+', " ")))
    }

    /// Takes the path and the query of a request target apart.
    #[must_use]
    pub fn at(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Self::default()
        }
    }
}

/// What goes back. The shell adds `content-length`, and what belongs to its
/// server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers in order; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// All of the body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A reply with a body of this type.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        }
    }

    /// A reply with one line of text.
    #[must_use]
    pub fn text(status: u16, line: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", format!("{line}\n"))
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn too_long() -> Self {
        Self::text(413, "the body is longer than 8 MiB")
    }
}

/// A program.
pub type Handler = fn(&Request) -> Reply;

/// Percent-decoding (RFC 3986, 2.1); `None` if what comes out is not UTF-8 or
/// a `%` is not followed by two hexadecimal digits.
#[must_use]
pub fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, tail @ ..] = rest else {
            return None;
        };
        rest = tail;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(*high)? * 16 + digit(*low)?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_decoding_is_that_of_rfc_3986() {
        assert_eq!(decoded("a%20b%C3%A9"), Some("a bé".to_owned()));
        for broken in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_parameter_is_found_and_decoded() {
        let request = Request::at("GET", "/a?x=1&state=New+York%21&state=2");
        assert_eq!(request.path, "/a");
        assert_eq!(request.parameter("state"), Some("New York!".to_owned()));
        assert_eq!(request.parameter("none"), None);
    }
}
