use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// No frame is larger: 16 MiB of output plus framing. A length beyond it means
/// that the stream is out of step.
const LARGEST_FRAME: u32 = 64 << 20;

/// Why a message could not be sent or received.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other end closed: it exited or was killed.
    #[error("the other process closed the connection")]
    Closed,
    /// Nothing came within the deadline.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The socket failed.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The bytes are not a message.
    #[error("received a malformed message: {0}")]
    Malformed(#[from] postcard::Error),
    /// The length is out of bounds.
    #[error("a message of {0} bytes exceeds the limit of {LARGEST_FRAME}")]
    TooLarge(u64),
}

/// One end of the conversation.
#[derive(Debug)]
pub struct Channel {
    stream: UnixStream,
    buffer: Vec<u8>,
    filled: usize,
    taken: usize,
    deadline: Option<Duration>,
}

/// Enough for the small frames of a launch to arrive in one read.
const READ_BUFFER: usize = 64 << 10;

impl Channel {
    /// Speaks over a connected socket.
    #[must_use]
    pub fn new(stream: UnixStream) -> Channel {
        Channel {
            stream,
            buffer: vec![0; READ_BUFFER],
            filled: 0,
            taken: 0,
            deadline: None,
        }
    }

    /// Both ends: one to keep, one for the child's standard input.
    ///
    /// # Errors
    /// When the system gives no socket pair.
    pub fn pair() -> io::Result<(Channel, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        Ok((Channel::new(ours), theirs.into()))
    }

    /// The child's end: its standard input.
    ///
    /// # Errors
    /// When standard input cannot be duplicated.
    pub fn from_stdin() -> io::Result<Channel> {
        let fd = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Channel::new(UnixStream::from(fd)))
    }

    /// How long one read may wait; `None` waits for ever.
    ///
    /// # Errors
    /// When the socket refuses the option.
    pub fn set_deadline(&mut self, deadline: Option<Duration>) -> io::Result<()> {
        if self.deadline != deadline {
            self.stream.set_read_timeout(deadline)?;
            self.deadline = deadline;
        }
        Ok(())
    }

    /// Sends one message.
    ///
    /// # Errors
    /// When the other end is gone or the message is over the limit.
    pub fn send<T: Serialize>(&mut self, message: &T) -> Result<(), WireError> {
        let mut frame = postcard::to_extend(message, vec![0_u8; 4])?;
        let length = frame.len() - 4;
        let length = u32::try_from(length)
            .ok()
            .filter(|&length| length <= LARGEST_FRAME)
            .ok_or(WireError::TooLarge(length as u64))?;
        for (slot, byte) in frame.iter_mut().zip(length.to_le_bytes()) {
            *slot = byte;
        }
        self.stream.write_all(&frame).map_err(closed)
    }

    /// Receives one message.
    ///
    /// # Errors
    /// When the other end closed, the deadline passed or the bytes are no
    /// message of this type.
    pub fn receive<T: DeserializeOwned>(&mut self) -> Result<T, WireError> {
        let mut length = [0; 4];
        self.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        if length > LARGEST_FRAME {
            return Err(WireError::TooLarge(u64::from(length)));
        }
        let mut payload = vec![0; length as usize];
        self.read_exact(&mut payload)?;
        Ok(postcard::from_bytes(&payload)?)
    }

    /// Whether a message has begun to arrive already.
    #[must_use]
    pub fn has_buffered(&self) -> bool {
        self.taken < self.filled
    }

    fn read_exact(&mut self, out: &mut [u8]) -> Result<(), WireError> {
        let mut done = 0;
        while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
            if let Some(ready) = self
                .buffer
                .get(self.taken..self.filled)
                .filter(|ready| !ready.is_empty())
            {
                let count = ready.len().min(rest.len());
                rest.iter_mut()
                    .zip(ready)
                    .for_each(|(slot, byte)| *slot = *byte);
                self.taken += count;
                done += count;
                continue;
            }
            // Large payloads go straight to their place.
            if rest.len() >= READ_BUFFER {
                done += self.read_some(|stream, _| stream.read(rest))?;
            } else {
                self.taken = 0;
                self.filled = 0;
                self.filled = self.read_some(|stream, buffer| stream.read(buffer))?;
            }
        }
        Ok(())
    }

    fn read_some(
        &mut self,
        mut read: impl FnMut(&mut UnixStream, &mut [u8]) -> io::Result<usize>,
    ) -> Result<usize, WireError> {
        loop {
            match read(&mut self.stream, &mut self.buffer) {
                Ok(0) => return Err(WireError::Closed),
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    return Err(WireError::TimedOut(self.deadline.unwrap_or_default()));
                }
                Err(error) => return Err(closed(error)),
            }
        }
    }
}

fn closed(error: io::Error) -> WireError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => WireError::Closed,
        _ => WireError::Io(error),
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_every_size_arrive_in_order() {
        let (mut ours, theirs) = Channel::pair().unwrap();
        let mut theirs = Channel::new(UnixStream::from(theirs));
        let sizes = [
            0,
            1,
            100,
            READ_BUFFER - 4,
            READ_BUFFER,
            READ_BUFFER + 1,
            1 << 20,
        ];
        let sender = std::thread::spawn(move || {
            for size in sizes {
                ours.send(&vec![size as u8; size]).unwrap();
            }
        });
        for size in sizes {
            assert_eq!(theirs.receive::<Vec<u8>>().unwrap(), vec![size as u8; size]);
        }
        sender.join().unwrap();
        assert!(matches!(theirs.receive::<u8>(), Err(WireError::Closed)));
    }

    #[test]
    fn silence_ends_at_the_deadline() {
        let (mut ours, _theirs) = Channel::pair().unwrap();
        ours.set_deadline(Some(Duration::from_millis(20))).unwrap();
        assert!(matches!(ours.receive::<u8>(), Err(WireError::TimedOut(_))));
    }

    #[test]
    fn a_stream_out_of_step_is_refused() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut channel = Channel::new(ours);
        (&theirs).write_all(&u32::MAX.to_le_bytes()).unwrap();
        assert!(matches!(
            channel.receive::<u8>(),
            Err(WireError::TooLarge(_))
        ));
    }
}
