//! One request to a guest, whatever the world of its handler.

use crate::body::Outgoing;
use crate::clock::now;
use crate::grants::grant;
use crate::host::Ctx;
use assay_wire::grants::Grants;
use std::sync::Arc;
use tokio::sync::oneshot;
use wasmtime::Result;
use wasmtime_wasi::WasiCtx;

/// Instants of one request inside the host, nanoseconds of `CLOCK_MONOTONIC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestStamps {
    /// The request's head was read; its store does not exist yet.
    pub t0: u64,
    /// The handler is instantiated.
    pub t5: u64,
}

/// Is told the stamps of every request, on the thread that serves it.
pub type OnRequest = Arc<dyn Fn(RequestStamps) + Send + Sync>;

/// What a guest answers, or that it chose to fail.
type Answered = std::result::Result<
    hyper::Response<Outgoing>,
    wasmtime_wasi_http::p2::bindings::http::types::ErrorCode,
>;

/// One request on its way to a guest.
pub(crate) struct Call {
    pub(crate) request: hyper::Request<hyper::body::Incoming>,
    pub(crate) answer: oneshot::Sender<Answered>,
    pub(crate) grants: Arc<Grants>,
    pub(crate) on_request: OnRequest,
    pub(crate) t0: u64,
}

impl Call {
    /// The context of the instance that will answer.
    pub(crate) fn ctx(&self) -> Result<Ctx> {
        let mut wasi = WasiCtx::builder();
        grant(&self.grants, &mut wasi)?;
        Ok(Ctx::new(wasi.build()).with_outgoing(self.grants.outgoing_http))
    }

    /// To be called when that instance is there.
    pub(crate) fn instantiated(&self) {
        (self.on_request)(RequestStamps {
            t0: self.t0,
            t5: now(),
        });
    }
}
