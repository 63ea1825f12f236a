//! One exchange without its waiting: what to send next, and what to make of
//! what was sent and read. The blocking client and the load generator share it.

use crate::clock::Nanos;
use crate::error::{ExchangeError, Phase};
use crate::parser::Parser;
use crate::request::Encoded;
use crate::response::{Limits, Response};
use std::io::{self, ErrorKind};

pub(crate) struct Conversation<'a> {
    wire: &'a [u8],
    sent: usize,
    send_error: Option<io::Error>,
    parser: Parser,
}

impl<'a> Conversation<'a> {
    pub(crate) fn new(request: &'a Encoded, limits: &Limits) -> Self {
        Self {
            wire: &request.wire,
            sent: 0,
            send_error: None,
            parser: Parser::new(request.head_method, *limits),
        }
    }

    /// What is still to be sent, unless the server does not want it any more.
    pub(crate) fn unsent(&self) -> Option<&'a [u8]> {
        let rest = &self.wire[self.sent..];
        (!rest.is_empty() && self.send_error.is_none()).then_some(rest)
    }

    /// How many bytes the kernel has accepted.
    pub(crate) fn sent(&self) -> usize {
        self.sent
    }

    /// How many bytes of the response came, its head included.
    pub(crate) fn received(&self) -> u64 {
        self.parser.received()
    }

    /// Takes the result of sending.
    pub(crate) fn on_sent(&mut self, result: io::Result<usize>) -> Result<(), ExchangeError> {
        match result {
            Ok(bytes) => self.sent += bytes,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::Interrupted => {}
                // The server reads no more. It may have answered already, so
                // go on reading (RFC 9112 §9.5 and §9.6).
                ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => self.send_error = Some(error),
                _ => return Err(self.io_error(error)),
            },
        }
        Ok(())
    }

    /// Takes the result of a read into `buffer` that returned at `at`; tells
    /// whether the response is complete.
    pub(crate) fn on_read(
        &mut self,
        result: io::Result<usize>,
        buffer: &[u8],
        at: Nanos,
    ) -> Result<bool, ExchangeError> {
        match result {
            Ok(0) => match (self.parser.end(at), self.send_error.take()) {
                (Ok(()), _) => Ok(true),
                // Nothing came back: why sending failed says more.
                (Err(_), Some(error)) => Err(self.io_error(error)),
                (Err(error), None) => Err(error),
            },
            Ok(bytes) => self.parser.feed(&buffer[..bytes], at),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(false),
                _ => Err(self.io_error(error)),
            },
        }
    }

    /// The response, once complete.
    pub(crate) fn finish(self) -> Response {
        let all_sent = self.sent == self.wire.len();
        self.parser.into_response(all_sent)
    }

    pub(crate) fn io_error(&self, source: io::Error) -> ExchangeError {
        ExchangeError::Io {
            phase: self.parser.phase(),
            received: self.parser.received(),
            source,
        }
    }

    pub(crate) fn deadline_error(&self) -> ExchangeError {
        ExchangeError::Deadline {
            phase: self.parser.phase(),
            sent: self.sent as u64,
            to_send: self.wire.len() as u64,
            received: self.parser.received(),
        }
    }
}

/// The deadline passed before there was a connection.
pub(crate) fn no_connection_in_time(request: &Encoded) -> ExchangeError {
    ExchangeError::Deadline {
        phase: Phase::Connect,
        sent: 0,
        to_send: request.wire.len() as u64,
        received: 0,
    }
}
