//! The world `wasi:http/proxy@0.2`, served over HTTP/1.1: one instance per
//! request, as the world's documentation allows a host to do.

use crate::clock::now;
use crate::grants::grant;
use crate::host::{Ctx, Host, Machine};
use crate::link;
use assay_wire::grants::Grants;
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use wasmtime::{Result, Store, bail};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpHooks, WasiHttpView as _, default_send_request,
};

/// Outgoing requests are a capability: without it, each is refused with
/// `HTTP-request-denied`.
pub struct Outgoing {
    pub(crate) allowed: bool,
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        options: Option<RequestOptions>,
        _sent: Box<dyn Future<Output = std::result::Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let allowed = self.allowed;
        Box::new(async move {
            if !allowed {
                return Err(Error::HttpRequestDenied);
            }
            let (response, transmission) = default_send_request(request, options).await?;
            Ok((
                response.map(BodyExt::boxed_unsync),
                Box::new(transmission) as Transmission,
            ))
        })
    }
}

type Answer = std::result::Result<(hyper::Response<WasiBody>, Transmission), Error>;
type Transmission = Box<dyn Future<Output = std::result::Result<(), Error>> + Send>;

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

impl Host {
    /// Links a handler.
    ///
    /// # Errors
    /// When the component imports what is not offered.
    pub fn proxy(&self, machine: &Machine, withheld: &[String]) -> Result<Proxy> {
        let mut linker = self.linker();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        let linker = link::fibers(linker, machine, withheld)?;
        Ok(Proxy {
            pre: ProxyPre::new(linker.instantiate_pre(&machine.0)?)?,
            grants: Arc::default(),
        })
    }
}

/// A linked handler.
#[derive(Clone)]
pub struct Proxy {
    pre: ProxyPre<Ctx>,
    grants: Arc<Grants>,
}

impl Proxy {
    /// The same handler with these grants for each of its instances.
    #[must_use]
    pub fn granted(&self, grants: Grants) -> Proxy {
        Proxy {
            pre: self.pre.clone(),
            grants: Arc::new(grants),
        }
    }

    /// Serves connections until the task is aborted.
    ///
    /// # Errors
    /// When the listening socket fails.
    pub async fn serve(self, listener: TcpListener, on_request: OnRequest) -> std::io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            let proxy = self.clone();
            let on_request = Arc::clone(&on_request);
            tokio::spawn(async move {
                // A client that leaves is the client's business.
                let _ = proxy.connection(stream, on_request).await;
            });
        }
    }

    async fn connection(
        self,
        stream: TcpStream,
        on_request: OnRequest,
    ) -> std::result::Result<(), hyper::Error> {
        // Small answers must not wait for Nagle's algorithm; failing to set it
        // costs time, not correctness.
        let _ = stream.set_nodelay(true);
        let service = hyper::service::service_fn(move |request| {
            let proxy = self.clone();
            let on_request = Arc::clone(&on_request);
            async move { proxy.handle(request, on_request).await }
        });
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await
    }

    /// A guest that fails before it answers is an internal server error (RFC
    /// 9110 §15.6.1): the connection and the server live on.
    async fn handle(
        self,
        request: hyper::Request<hyper::body::Incoming>,
        on_request: OnRequest,
    ) -> Result<hyper::Response<HyperOutgoingBody>> {
        let (answer, answered) = oneshot::channel();
        let task = tokio::spawn(self.call(request, answer, on_request));
        match answered.await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                match task.await {
                    Ok(Ok(())) => eprintln!("assay: the guest returned without an answer"),
                    Ok(Err(error)) => eprintln!("assay: the guest failed: {error:?}"),
                    Err(error) => eprintln!("assay: the guest's task failed: {error}"),
                }
                let mut response = hyper::Response::new(HyperOutgoingBody::default());
                *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
                Ok(response)
            }
        }
    }

    async fn call(
        self,
        request: hyper::Request<hyper::body::Incoming>,
        answer: oneshot::Sender<
            std::result::Result<
                hyper::Response<HyperOutgoingBody>,
                wasmtime_wasi_http::p2::bindings::http::types::ErrorCode,
            >,
        >,
        on_request: OnRequest,
    ) -> Result<()> {
        let t0 = now();
        let mut wasi = WasiCtx::builder();
        grant(&self.grants, &mut wasi)?;
        let ctx = Ctx::new(wasi.build()).with_outgoing(self.grants.outgoing_http);
        let mut store = Store::new(self.pre.engine(), ctx);
        let request = store
            .data_mut()
            .http()
            .new_incoming_request(Scheme::Http, request)?;
        let out = store.data_mut().http().new_response_outparam(answer)?;
        let proxy = self.pre.instantiate_async(&mut store).await?;
        on_request(RequestStamps { t0, t5: now() });
        let Err(error) = proxy
            .wasi_http_incoming_handler()
            .call_handle(&mut store, request, out)
            .await
        else {
            return Ok(());
        };
        bail!("wasi:http/incoming-handler.handle: {error:?}")
    }
}
