//! One request and its response over a blocking interface, reading while
//! sending.

use crate::clock::{self, Nanos};
use crate::error::{ExchangeError, Phase};
use crate::parser::Parser;
use crate::request::{Encoded, Request};
use crate::response::{Limits, Response};
use crate::socket::{self, Attempt};
use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags};
use std::io;
use std::net::{SocketAddr, TcpStream};

/// Bytes of one read.
const READ: usize = 64 << 10;

/// Connects once (no loop: see [`crate::connect_loop`] for a server that is
/// still coming up), exchanges, and closes the connection.
///
/// # Errors
/// See [`ExchangeError`].
pub fn exchange_new_connection(
    addr: SocketAddr,
    request: &Request,
    deadline: Nanos,
) -> Result<Response, ExchangeError> {
    let encoded = request.encode(&addr.to_string())?;
    let failed = |source: io::Error| ExchangeError::Connect { addr, source };
    let attempt =
        socket::attempt(&addr, deadline.left()).map_err(|errno| failed(io::Error::from(errno)))?;
    match attempt {
        Attempt::Connected(fd, _) => {
            let stream = TcpStream::from(fd);
            exchange_encoded(&stream, &encoded, &Limits::default(), deadline)
        }
        Attempt::Refused(errno) => Err(failed(errno.into())),
        Attempt::SelfConnect => Err(failed(Errno::CONNREFUSED.into())),
        Attempt::Unanswered => Err(ExchangeError::Deadline {
            phase: Phase::Connect,
            sent: 0,
            to_send: encoded.wire.len() as u64,
            received: 0,
        }),
    }
}

/// Sends a request and reads its response with the default [`Limits`]. `Host`
/// is the peer's address unless the request has its own.
///
/// # Errors
/// See [`ExchangeError`]. After an error the connection is of no further use.
pub fn exchange(
    stream: &TcpStream,
    request: &Request,
    deadline: Nanos,
) -> Result<Response, ExchangeError> {
    let peer = stream.peer_addr().map_err(|source| ExchangeError::Io {
        phase: Phase::Connect,
        received: 0,
        source,
    })?;
    let encoded = request.encode(&peer.to_string())?;
    exchange_encoded(stream, &encoded, &Limits::default(), deadline)
}

/// The same for a request that was encoded before the clock started.
///
/// Sending and reading take turns as the kernel allows: a server that echoes
/// while it reads stops reading when nobody takes its answer, so a client that
/// sends everything first would wait for ever once the socket buffers are full.
///
/// The blocking mode of the stream is neither used nor changed.
///
/// # Errors
/// See [`ExchangeError`]. After an error the connection is of no further use.
pub fn exchange_encoded(
    stream: &TcpStream,
    request: &Encoded,
    limits: &Limits,
    deadline: Nanos,
) -> Result<Response, ExchangeError> {
    let wire = request.wire.as_slice();
    let mut parser = Parser::new(request.head_method, *limits);
    let mut buffer = vec![0_u8; READ];
    let mut sent = 0;
    let mut send_error: Option<Errno> = None;
    loop {
        if sent < wire.len() && send_error.is_none() {
            match net::send(
                stream,
                &wire[sent..],
                SendFlags::DONTWAIT | SendFlags::NOSIGNAL,
            ) {
                Ok(bytes) => sent += bytes,
                Err(Errno::AGAIN | Errno::INTR) => {}
                // The server wants no more; it may have answered already, so
                // go on reading (RFC 9112 §9.5 and §9.6).
                Err(errno @ (Errno::PIPE | Errno::CONNRESET)) => send_error = Some(errno),
                Err(errno) => return Err(io_error(&parser, errno)),
            }
        }
        let mut events = PollFlags::IN;
        if sent < wire.len() && send_error.is_none() {
            events |= PollFlags::OUT;
        }
        let ready =
            socket::wait(stream, events, deadline).map_err(|errno| io_error(&parser, errno))?;
        let read = if ready {
            net::recv(stream, buffer.as_mut_slice(), RecvFlags::DONTWAIT).map(|(bytes, _)| bytes)
        } else {
            Err(Errno::AGAIN)
        };
        // The stamp comes before anything is done with what was read.
        let at = clock::now();
        match read {
            Ok(0) => {
                return match (parser.end(at), send_error) {
                    (Ok(()), _) => Ok(parser.into_response(sent == wire.len())),
                    // Nothing came back: why sending failed says more.
                    (Err(_), Some(errno)) => Err(io_error(&parser, errno)),
                    (Err(error), None) => Err(error),
                };
            }
            Ok(bytes) => {
                if parser.feed(&buffer[..bytes], at)? {
                    return Ok(parser.into_response(sent == wire.len()));
                }
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(errno) => return Err(io_error(&parser, errno)),
        }
        // Checked here as well, for a server that always has one more byte.
        if at >= deadline {
            return Err(ExchangeError::Deadline {
                phase: parser.phase(),
                sent: sent as u64,
                to_send: wire.len() as u64,
                received: parser.received(),
            });
        }
    }
}

fn io_error(parser: &Parser, errno: Errno) -> ExchangeError {
    ExchangeError::Io {
        phase: parser.phase(),
        received: parser.received(),
        source: errno.into(),
    }
}
