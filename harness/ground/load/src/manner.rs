//! An exchange with a client of bad manners: one that sends slowly, reads
//! slowly, or leaves before it has its answer.

use crate::clock::{self, Nanos};
use crate::conversation::Conversation;
use crate::error::ExchangeError;
use crate::exchange::exchange_encoded;
use crate::request::Encoded;
use crate::response::{Limits, Response};
use crate::socket;
use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags, sockopt};
use std::io;
use std::net::TcpStream;
use std::time::Duration;

/// Bytes of one read of a slow reader.
const SLOW_READ: usize = 4 << 10;

/// Bytes of one read otherwise.
const READ: usize = 64 << 10;

/// What a slow reader asks the kernel to hold for it (Linux doubles it). With
/// the usual buffer, megabytes would leave the server before it felt anything.
const SLOW_RECEIVE_BUFFER: usize = 16 << 10;

/// How a client behaves. The default is the behaviour of
/// [`exchange_encoded`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// The pause behind the head and behind each piece of the body. The pieces
    /// are the chunks of a chunked body, and `send_piece` bytes otherwise.
    /// Bytes of [`Encoded::raw`] are all cut into such pieces.
    pub send_pause: Duration,
    /// Bytes of one piece of what has no chunks; 0 counts as 1.
    pub send_piece: usize,
    /// The pause behind each read of at most 4 KiB; zero reads what is there.
    pub read_pause: Duration,
    /// Closes the connection after exactly so many bytes of the response, its
    /// head included. With 0 it closes as soon as the head of the request is
    /// sent, of which nothing else follows.
    pub leave_after: Option<u64>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            send_pause: Duration::ZERO,
            send_piece: SLOW_READ,
            read_pause: Duration::ZERO,
            leave_after: None,
        }
    }
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// With a complete response; also for a client that wanted to leave, when
    /// the response was shorter than its patience.
    Answered(Box<Response>),
    /// The client left, as [`Manner::leave_after`] told it.
    Gone,
}

/// Sends a request and reads its response in the given manner. The stream is
/// consumed, since leaving means closing it.
///
/// A pause never outlasts the deadline, and sending and reading each keep
/// their own time: a slow sender still reads at once.
///
/// # Errors
/// See [`ExchangeError`].
pub fn exchange_in_manner(
    stream: TcpStream,
    request: &Encoded,
    limits: &Limits,
    manner: &Manner,
    deadline: Nanos,
) -> Result<Ending, ExchangeError> {
    let plain = Manner {
        send_piece: manner.send_piece,
        ..Manner::default()
    };
    if *manner == plain {
        let response = exchange_encoded(&stream, request, limits, deadline)?;
        return Ok(Ending::Answered(Box::new(response)));
    }
    Visit::new(&stream, request, limits, manner, deadline).run()
}

/// One exchange under way.
struct Visit<'a> {
    stream: &'a TcpStream,
    request: &'a Encoded,
    manner: &'a Manner,
    deadline: Nanos,
    conversation: Conversation<'a>,
    piece_end: usize,
    send_at: Nanos,
    read_at: Nanos,
    buffer: Vec<u8>,
}

impl<'a> Visit<'a> {
    fn new(
        stream: &'a TcpStream,
        request: &'a Encoded,
        limits: &Limits,
        manner: &'a Manner,
        deadline: Nanos,
    ) -> Self {
        let mut visit = Self {
            stream,
            request,
            manner,
            deadline,
            conversation: Conversation::new(request, limits),
            piece_end: 0,
            send_at: Nanos(0),
            read_at: Nanos(0),
            buffer: vec![0; READ],
        };
        visit.piece_end = visit.next_piece_end(0);
        visit
    }

    fn run(mut self) -> Result<Ending, ExchangeError> {
        if self.manner.read_pause > Duration::ZERO {
            sockopt::set_socket_recv_buffer_size(self.stream, SLOW_RECEIVE_BUFFER)
                .map_err(|errno| self.conversation.io_error(errno.into()))?;
            self.buffer.truncate(SLOW_READ);
        }
        loop {
            let now = clock::now();
            if now >= self.deadline {
                return Err(self.conversation.deadline_error());
            }
            let may_send = now >= self.send_at;
            if may_send {
                self.send(now)?;
            }
            if self.may_leave() {
                return Ok(Ending::Gone);
            }
            let may_read = now >= self.read_at;
            if !self.wait(may_send, may_read)? || !may_read {
                continue;
            }
            if self.read()? {
                // The bytes that completed it may be the last ones it wanted.
                return Ok(match self.may_leave() {
                    true => Ending::Gone,
                    false => Ending::Answered(Box::new(self.conversation.finish())),
                });
            }
        }
    }

    /// Sends what is left of the present piece, as the kernel allows.
    fn send(&mut self, now: Nanos) -> Result<(), ExchangeError> {
        let sent = self.conversation.sent();
        let Some(rest) = self.conversation.unsent() else {
            return Ok(());
        };
        if sent == self.piece_end {
            // Only a client that leaves at once stops short of the end.
            return Ok(());
        }
        let piece = &rest[..self.piece_end - sent];
        let result = net::send(
            self.stream,
            piece,
            SendFlags::DONTWAIT | SendFlags::NOSIGNAL,
        );
        self.conversation.on_sent(result.map_err(io::Error::from))?;
        if self.conversation.sent() == self.piece_end {
            self.piece_end = self.next_piece_end(self.piece_end);
            self.send_at = now.after(self.manner.send_pause);
        }
        Ok(())
    }

    fn next_piece_end(&self, sent: usize) -> usize {
        if self.manner.leave_after == Some(0) {
            return self.request.head;
        }
        if self.manner.send_pause.is_zero() {
            return self.request.wire.len();
        }
        self.request.piece_end(sent, self.manner.send_piece)
    }

    fn may_leave(&self) -> bool {
        match self.manner.leave_after {
            None => false,
            Some(0) => self.conversation.sent() >= self.request.head,
            Some(after) => self.conversation.received() >= after,
        }
    }

    /// Waits for the connection or for the end of a pause; tells whether the
    /// connection is ready for something.
    fn wait(&self, may_send: bool, may_read: bool) -> Result<bool, ExchangeError> {
        let unsent = self.conversation.unsent().is_some();
        let mut until = self.deadline;
        let mut events = PollFlags::empty();
        events.set(PollFlags::IN, may_read);
        if !may_read {
            until = until.min(self.read_at);
        }
        if unsent {
            // The end of a piece may just have begun a pause.
            let paused = !may_send || self.send_at > clock::now();
            events.set(PollFlags::OUT, !paused);
            if paused {
                until = until.min(self.send_at);
            }
        }
        if events.is_empty() {
            // A poll for nothing still returns for a reset connection.
            std::thread::sleep(until.left());
            return Ok(false);
        }
        let fail = |errno: Errno| self.conversation.io_error(errno.into());
        socket::wait(self.stream, events, until).map_err(fail)
    }

    /// Reads once; tells whether the response is complete.
    fn read(&mut self) -> Result<bool, ExchangeError> {
        let mut most = self.buffer.len();
        if let Some(after) = self.manner.leave_after {
            let left = after.saturating_sub(self.conversation.received());
            most = usize::try_from(left).map_or(most, |left| most.min(left));
        }
        let result = net::recv(self.stream, &mut self.buffer[..most], RecvFlags::DONTWAIT);
        let at = clock::now();
        let result = result.map(|(bytes, _)| bytes).map_err(io::Error::from);
        if matches!(result, Ok(bytes) if bytes > 0) {
            self.read_at = at.after(self.manner.read_pause);
        }
        self.conversation.on_read(result, &self.buffer, at)
    }
}
