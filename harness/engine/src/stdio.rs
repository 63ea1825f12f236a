//! Where a guest's output goes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Takes what a guest writes. Called on the thread that runs the guest; may
/// block, which is how a slow reader slows a guest down.
pub trait Output: Send + Sync + 'static {
    /// Takes all of these bytes.
    ///
    /// # Errors
    /// `BrokenPipe` closes the guest's stream, anything else is reported to it
    /// as a failed operation.
    fn take(&self, bytes: &[u8]) -> io::Result<()>;
}

impl<F: Fn(&[u8]) -> io::Result<()> + Send + Sync + 'static> Output for F {
    fn take(&self, bytes: &[u8]) -> io::Result<()> {
        self(bytes)
    }
}

/// An output as a WASI stream that is always ready.
pub struct Sink<O>(Arc<O>);

impl<O: Output> Sink<O> {
    /// Wraps an output.
    pub fn new(output: O) -> Sink<O> {
        Sink(Arc::new(output))
    }
}

impl<O> Clone for Sink<O> {
    fn clone(&self) -> Self {
        Sink(Arc::clone(&self.0))
    }
}

/// Bytes a guest may write before it asks again: as much as one pipe holds.
const PERMIT: usize = 64 << 10;

/// One stream of WASI 0.2 to an output, with what the interface says of its
/// states (wasi:io/streams, output-stream).
struct Stream<O> {
    output: Arc<O>,
    /// What `check-write` has permitted and is not yet written.
    permit: usize,
    /// Nothing can be written any more, and every call says so.
    closed: bool,
}

impl<O: Output> OutputStream for Stream<O> {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        if self.closed {
            return Err(StreamError::Closed);
        }
        if bytes.len() > self.permit {
            // "Otherwise, this function will trap" (output-stream.write).
            return Err(StreamError::Trap(wasmtime::format_err!(
                "{} bytes were written with a permit of {}",
                bytes.len(),
                self.permit
            )));
        }
        self.permit -= bytes.len();
        self.output.take(&bytes).map_err(|error| {
            self.closed = true;
            match error.kind() {
                io::ErrorKind::BrokenPipe => StreamError::Closed,
                _ => StreamError::LastOperationFailed(error.into()),
            }
        })
    }

    fn flush(&mut self) -> StreamResult<()> {
        match self.closed {
            true => Err(StreamError::Closed),
            false => Ok(()),
        }
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        if self.closed {
            return Err(StreamError::Closed);
        }
        self.permit = PERMIT;
        Ok(PERMIT)
    }
}

#[wasmtime_wasi::async_trait]
impl<O: Output> Pollable for Stream<O> {
    async fn ready(&mut self) {}
}

impl<O: Output> tokio::io::AsyncWrite for Sink<O> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.take(buf).map(|()| buf.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl<O> IsTerminal for Sink<O> {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl<O: Output> StdoutStream for Sink<O> {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Stream {
            output: Arc::clone(&self.0),
            permit: 0,
            closed: false,
        })
    }
}

/// An output that writes to a file descriptor of this process, unbuffered: the
/// guest's own writes are what a reader sees.
#[derive(Debug)]
pub struct Descriptor(pub std::os::fd::BorrowedFd<'static>);

impl Output for Descriptor {
    fn take(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(self.0, bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
