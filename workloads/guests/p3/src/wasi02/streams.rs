//! `wasi:io/streams@0.2` as inputs and outputs.

use alloc::rc::Rc;
use alloc::vec::Vec;

use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use super::{Event, Executor};
use crate::world::{Broken, Input, Output};

/// How much one read may bring.
const CHUNK: u64 = 64 * 1024;

/// An input stream. One pollable serves all its reads.
pub(super) struct Reader<'a> {
    executor: &'a Executor,
    // Above the stream: fields are dropped in this order, and the pollable is
    // a child of the stream.
    ready: Rc<Event>,
    stream: InputStream,
}

impl<'a> Reader<'a> {
    pub(super) fn new(executor: &'a Executor, stream: InputStream) -> Self {
        Self {
            executor,
            ready: Event::new(stream.subscribe()),
            stream,
        }
    }
}

impl Input for Reader<'_> {
    async fn read(&mut self) -> Result<Vec<u8>, Broken> {
        loop {
            match self.stream.read(CHUNK) {
                // Nothing yet: the end is `closed`.
                Ok(bytes) if bytes.is_empty() => self.executor.happens(&self.ready).await,
                Ok(bytes) => return Ok(bytes),
                Err(StreamError::Closed) => return Ok(Vec::new()),
                Err(StreamError::LastOperationFailed(_)) => return Err(Broken),
            }
        }
    }
}

/// An output stream. One pollable serves all its writes.
pub(super) struct Writer<'a> {
    executor: &'a Executor,
    ready: Rc<Event>,
    stream: OutputStream,
}

impl<'a> Writer<'a> {
    pub(super) fn new(executor: &'a Executor, stream: OutputStream) -> Self {
        Self {
            executor,
            ready: Event::new(stream.subscribe()),
            stream,
        }
    }

    /// How much the host takes now; waits until that is something.
    async fn room(&self) -> Result<usize, Broken> {
        loop {
            match self.stream.check_write() {
                Ok(0) => self.executor.happens(&self.ready).await,
                Ok(bytes) => return Ok(usize::try_from(bytes).unwrap_or(usize::MAX)),
                Err(_) => return Err(Broken),
            }
        }
    }
}

impl Output for Writer<'_> {
    /// Writes, flushes, and waits until that is done: what a 0.3 stream does
    /// when a write comes back.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Broken> {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let now = self.room().await?.min(rest.len());
            let (head, tail) = rest.split_at(now);
            self.stream.write(head).map_err(|_| Broken)?;
            rest = tail;
        }
        self.stream.flush().map_err(|_| Broken)?;
        self.room().await.map(|_| ())
    }
}

/// Lets the host carry everything from one stream to the other: the bytes
/// never enter the component.
pub(super) async fn splice(input: &Reader<'_>, output: &Writer<'_>) -> Result<(), Broken> {
    loop {
        let room = output.room().await?.min(CHUNK as usize);
        match output.stream.splice(&input.stream, room as u64) {
            Ok(0) => input.executor.happens(&input.ready).await,
            Ok(_) => {}
            // The interface reports the end of either stream in this way; that
            // of the output would have shown when asked for room.
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return Err(Broken),
        }
    }
    output.stream.flush().map_err(|_| Broken)?;
    output.room().await.map(|_| ())
}
