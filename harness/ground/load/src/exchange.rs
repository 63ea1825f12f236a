//! One request and its response over a blocking interface, reading while
//! sending.

use crate::clock::{self, Nanos};
use crate::conversation::{Conversation, no_connection_in_time};
use crate::error::{ExchangeError, Phase};
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
    let stream = connect(addr, &encoded, deadline)?;
    exchange_encoded(&stream, &encoded, &Limits::default(), deadline)
}

/// One attempt to connect (no loop: see [`crate::connect_loop`] for a server
/// that is still coming up), on behalf of `request`.
///
/// # Errors
/// [`ExchangeError::Connect`], or [`ExchangeError::Deadline`].
pub fn connect(
    addr: SocketAddr,
    request: &Encoded,
    deadline: Nanos,
) -> Result<TcpStream, ExchangeError> {
    let failed = |source: io::Error| ExchangeError::Connect { addr, source };
    let attempt =
        socket::attempt(&addr, deadline.left()).map_err(|errno| failed(io::Error::from(errno)))?;
    match attempt {
        Attempt::Connected(fd, _) => Ok(TcpStream::from(fd)),
        Attempt::Refused(errno) => Err(failed(errno.into())),
        Attempt::SelfConnect => Err(failed(Errno::CONNREFUSED.into())),
        Attempt::Unanswered => Err(no_connection_in_time(request)),
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
    let mut conversation = Conversation::new(request, limits);
    let mut buffer = vec![0_u8; READ];
    // Asked before the first byte leaves: a server that was sent a request for
    // which nobody waits may reset the connection, and that is another error.
    if clock::now() >= deadline {
        return Err(conversation.deadline_error());
    }
    loop {
        if let Some(rest) = conversation.unsent() {
            let sent = net::send(stream, rest, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
            conversation.on_sent(sent.map_err(io::Error::from))?;
        }
        let mut events = PollFlags::IN;
        events.set(PollFlags::OUT, conversation.unsent().is_some());
        match socket::wait(stream, events, deadline) {
            Ok(true) => {}
            Ok(false) => return Err(conversation.deadline_error()),
            Err(errno) => return Err(conversation.io_error(errno.into())),
        }
        let read = net::recv(stream, buffer.as_mut_slice(), RecvFlags::DONTWAIT);
        // The stamp comes before anything is done with what was read.
        let at = clock::now();
        let read = read.map(|(bytes, _)| bytes).map_err(io::Error::from);
        if conversation.on_read(read, &buffer, at)? {
            return Ok(conversation.finish());
        }
        // Checked here as well, for a server that always has one more byte.
        if at >= deadline {
            return Err(conversation.deadline_error());
        }
    }
}
