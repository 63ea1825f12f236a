//! The body of an answer as the server pulls it.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use wasmtime_wasi_http::{Error, WasiBody};

/// Whether the guest behind a body has failed.
///
/// When a guest traps in the middle of a body, its store goes away and the
/// body merely ends: to the client a truncated answer would look complete. A
/// message that could not be completed must be recognisable as such (RFC 9112
/// §8), so such an end is turned into an error, and the server closes the
/// connection without the last chunk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch(Arc<AtomicBool>);

impl Watch {
    /// To be called before the guest's store is dropped.
    pub(crate) fn fail(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn has_failed(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A body whose end is checked against the fate of its guest.
pub struct Outgoing {
    body: WasiBody,
    watch: Watch,
    /// Dropped with the body: nobody reads any more.
    _reader: oneshot::Sender<()>,
}

impl Outgoing {
    /// The body, and what ends when nobody reads it any more.
    pub(crate) fn new(body: WasiBody, watch: Watch) -> (Outgoing, oneshot::Receiver<()>) {
        let (reader, gone) = oneshot::channel();
        let outgoing = Outgoing {
            body,
            watch,
            _reader: reader,
        };
        (outgoing, gone)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(None) if self.watch.has_failed() => {
                let why = "the guest failed in the middle of its answer".to_owned();
                Poll::Ready(Some(Err(Error::InternalError(Some(why)))))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.watch.has_failed() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
