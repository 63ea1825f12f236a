//! The shell of the 0.3 components: async functions and streams are part of
//! the component model, so there is nothing left to do but to name them.

pub mod command;
pub mod http;

use alloc::vec::Vec;

use wasip3::clocks::monotonic_clock;
use wasip3::wit_bindgen::{StreamReader, StreamResult, StreamWriter};

use crate::world::{Broken, Clock, Input, Output};

/// How much one read may bring.
const CHUNK: usize = 64 * 1024;

/// `wasi:clocks/monotonic-clock@0.3`.
#[derive(Debug)]
pub struct MonotonicClock;

impl Clock for MonotonicClock {
    fn now(&self) -> u64 {
        monotonic_clock::now()
    }

    async fn sleep(&self, nanoseconds: u64) {
        monotonic_clock::wait_for(nanoseconds).await;
    }
}

/// The readable end of a `stream<u8>`. How the stream ended, its future tells.
struct Reader(StreamReader<u8>);

impl Reader {
    /// The next bytes; none when the other end is gone.
    async fn next(&mut self) -> Vec<u8> {
        loop {
            let (result, bytes) = self.0.read(Vec::with_capacity(CHUNK)).await;
            if !bytes.is_empty() || result == StreamResult::Dropped {
                return bytes;
            }
        }
    }
}

/// The writable end of a `stream<u8>`.
struct Writer(StreamWriter<u8>);

impl Output for Writer {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Broken> {
        if self.0.write_all(bytes).await.is_empty() {
            Ok(())
        } else {
            Err(Broken)
        }
    }
}

/// A stream together with the future that tells how it ended.
struct Told<F> {
    reader: Reader,
    end: Option<F>,
}

impl<F, T, E> Input for Told<F>
where
    F: core::future::IntoFuture<Output = Result<T, E>>,
{
    async fn read(&mut self) -> Result<Vec<u8>, Broken> {
        let bytes = self.reader.next().await;
        if bytes.is_empty()
            && let Some(end) = self.end.take()
        {
            end.await.map_err(|_| Broken)?;
        }
        Ok(bytes)
    }
}
