//! Everything that can go wrong in an exchange, told apart well enough that a
//! report can count the kinds and a reader can act.

use std::fmt;
use std::io;
use std::net::SocketAddr;

/// How far an exchange had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Opening the connection.
    Connect,
    /// Waiting for or reading the status line and the headers.
    Head,
    /// Reading the content.
    Body,
    /// Reading the trailer section of a chunked message.
    Trailers,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Connect => "connecting",
            Phase::Head => "reading the response head",
            Phase::Body => "reading the response body",
            Phase::Trailers => "reading the response trailers",
        })
    }
}

/// Why an exchange gave no response.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The request could not be written as valid HTTP/1.1; nothing was sent.
    #[error("request not sent: {what}; change the request")]
    InvalidRequest {
        /// What is wrong with it.
        what: String,
    },
    /// No connection.
    #[error("cannot connect to {addr}: {source}; is the server up and listening there?")]
    Connect {
        /// Where to.
        addr: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// A system call on the connection failed.
    #[error("{phase} failed after {received} bytes of response: {source}")]
    Io {
        /// How far the exchange had come.
        phase: Phase,
        /// Bytes of response read so far.
        received: u64,
        /// What the kernel said.
        source: io::Error,
    },
    /// The deadline passed.
    #[error(
        "deadline passed while {phase}: {sent} of {to_send} bytes sent, {received} received; \
         raise the deadline or look at the server"
    )]
    Deadline {
        /// How far the exchange had come.
        phase: Phase,
        /// Bytes of the request that the kernel had accepted.
        sent: u64,
        /// Length of the request in bytes.
        to_send: u64,
        /// Bytes of response read so far.
        received: u64,
    },
    /// The server closed before the message was complete (RFC 9112 §8).
    #[error("connection closed while {phase}, after {received} bytes of response: {missing}")]
    Incomplete {
        /// How far the exchange had come.
        phase: Phase,
        /// Bytes of response read so far, the head included.
        received: u64,
        /// What was still to come.
        missing: String,
    },
    /// The server sent something that is not a valid response.
    #[error("malformed response ({section}) while {phase}: {what}")]
    Malformed {
        /// How far the exchange had come.
        phase: Phase,
        /// What is wrong.
        what: String,
        /// The section that forbids it.
        section: &'static str,
    },
    /// The response is larger than the caller allowed.
    #[error("response {what} exceeds the limit of {limit}; raise the limit if this is intended")]
    Limit {
        /// Which part.
        what: &'static str,
        /// The limit, in the unit of that part.
        limit: u64,
    },
}

/// The kinds of [`ExchangeError`], for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// See [`ExchangeError::InvalidRequest`].
    InvalidRequest,
    /// See [`ExchangeError::Connect`].
    Connect,
    /// See [`ExchangeError::Io`].
    Io,
    /// See [`ExchangeError::Deadline`].
    Deadline,
    /// See [`ExchangeError::Incomplete`].
    Incomplete,
    /// See [`ExchangeError::Malformed`].
    Malformed,
    /// See [`ExchangeError::Limit`].
    Limit,
}

impl ExchangeError {
    /// How far the response had come when the server ended or reset the
    /// connection in the midst of it; nothing for every other error.
    ///
    /// This is what is left of a response that its program gave up: HTTP/1.1
    /// has no other way to say so once the head is sent (RFC 9112 §8). In
    /// [`Phase::Head`] not even the head was complete.
    #[must_use]
    pub fn aborted(&self) -> Option<Phase> {
        match self {
            ExchangeError::Incomplete { phase, .. } => Some(*phase),
            ExchangeError::Io { phase, source, .. }
                if source.kind() == io::ErrorKind::ConnectionReset && *phase != Phase::Connect =>
            {
                Some(*phase)
            }
            _ => None,
        }
    }

    /// The kind, for counting.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            ExchangeError::InvalidRequest { .. } => ErrorKind::InvalidRequest,
            ExchangeError::Connect { .. } => ErrorKind::Connect,
            ExchangeError::Io { .. } => ErrorKind::Io,
            ExchangeError::Deadline { .. } => ErrorKind::Deadline,
            ExchangeError::Incomplete { .. } => ErrorKind::Incomplete,
            ExchangeError::Malformed { .. } => ErrorKind::Malformed,
            ExchangeError::Limit { .. } => ErrorKind::Limit,
        }
    }
}
