//! One connection of the load generator: the exchange of [`crate::exchange`],
//! waiting in tokio instead of in the kernel.

use crate::clock::{self, Nanos};
use crate::conversation::Conversation;
use crate::error::ExchangeError;
use crate::request::Encoded;
use crate::response::{Limits, Response};
use std::io;
use std::net::SocketAddr;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Bytes of one read.
const READ: usize = 16 << 10;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; READ],
        })
    }

    /// Whether an idle connection can carry a request: the server has neither
    /// closed it nor sent what nobody asked for (RFC 9112 §9.3 and §9.5).
    pub(crate) fn is_idle(&self) -> bool {
        let mut byte = [0];
        let seen = self.stream.try_read(&mut byte);
        seen.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends the request and reads its response; also tells when the first
    /// byte was handed to the kernel.
    pub(crate) async fn exchange(
        &mut self,
        request: &Encoded,
        limits: &Limits,
    ) -> Result<(Nanos, Response), ExchangeError> {
        let mut conversation = Conversation::new(request, limits);
        let started = clock::now();
        loop {
            if let Some(rest) = conversation.unsent() {
                conversation.on_sent(self.stream.try_write(rest))?;
            }
            let interest = match conversation.unsent() {
                Some(_) => Interest::READABLE | Interest::WRITABLE,
                None => Interest::READABLE,
            };
            if let Err(error) = self.stream.ready(interest).await {
                return Err(conversation.io_error(error));
            }
            let read = self.stream.try_read(&mut self.buffer);
            let at = clock::now();
            if conversation.on_read(read, &self.buffer, at)? {
                return Ok((started, conversation.finish()));
            }
        }
    }
}
