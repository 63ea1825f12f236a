//! The world `wasi:http/proxy@0.2`, served over HTTP/1.1: one instance per
//! request, as the world's documentation allows a host to do.

use crate::body::{Outgoing, Watch};
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
pub struct Requests {
    pub(crate) allowed: bool,
}

impl WasiHttpHooks for Requests {
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
    pub fn proxy(&self, machine: &Machine, withheld: &[String]) -> Result<Handler> {
        let mut linker = self.linker();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        let linker = link::fibers(linker, machine, withheld)?;
        let pre = ProxyPre::new(linker.instantiate_pre(&machine.0)?)?;
        Ok(Handler {
            linked: Linked::Proxy(pre),
            grants: Arc::default(),
            log: to_stderr,
        })
    }
}

/// A linked handler.
#[derive(Clone)]
pub struct Handler {
    linked: Linked,
    grants: Arc<Grants>,
    log: fn(&str),
}

fn to_stderr(line: &str) {
    eprintln!("assay: {line}");
}

#[derive(Clone)]
enum Linked {
    Proxy(ProxyPre<Ctx>),
    #[cfg(feature = "p3")]
    Service(wasmtime_wasi_http::p3::bindings::ServicePre<Ctx>),
}

/// What a guest answers, or that it chose to fail.
type Answered = std::result::Result<
    hyper::Response<Outgoing>,
    wasmtime_wasi_http::p2::bindings::http::types::ErrorCode,
>;

/// One request on its way to a guest.
pub(crate) struct Call {
    pub(crate) request: hyper::Request<hyper::body::Incoming>,
    pub(crate) answer: oneshot::Sender<Answered>,
    grants: Arc<Grants>,
    on_request: OnRequest,
    t0: u64,
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

impl Handler {
    #[cfg(feature = "p3")]
    pub(crate) fn concurrent(pre: wasmtime_wasi_http::p3::bindings::ServicePre<Ctx>) -> Handler {
        Handler {
            linked: Linked::Service(pre),
            grants: Arc::default(),
            log: to_stderr,
        }
    }

    /// The same handler with these grants for each of its instances.
    #[must_use]
    pub fn granted(&self, grants: Grants) -> Handler {
        Handler {
            linked: self.linked.clone(),
            grants: Arc::new(grants),
            log: self.log,
        }
    }

    /// The same handler without a word on stderr about guests that fail: the
    /// stderr of a resident host is a user's terminal, and a guest that fails
    /// may be what a case wants.
    #[must_use]
    pub fn silent(self) -> Handler {
        Handler {
            log: |_| (),
            ..self
        }
    }

    /// Serves connections until the task is aborted.
    ///
    /// # Errors
    /// When the listening socket fails.
    pub async fn serve(self, listener: TcpListener, on_request: OnRequest) -> std::io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            let handler = self.clone();
            let on_request = Arc::clone(&on_request);
            tokio::spawn(async move {
                // A client that leaves is the client's business.
                let _ = handler.connection(stream, on_request).await;
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
            let handler = self.clone();
            let on_request = Arc::clone(&on_request);
            async move { handler.handle(request, on_request).await }
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
    ) -> Result<hyper::Response<Body>> {
        let log = self.log;
        let (answer, answered) = oneshot::channel();
        let call = Call {
            request,
            answer,
            grants: self.grants,
            on_request,
            t0: now(),
        };
        let task = match self.linked {
            Linked::Proxy(pre) => tokio::spawn(proxied(pre, call)),
            #[cfg(feature = "p3")]
            Linked::Service(pre) => tokio::spawn(crate::service::call(pre, call)),
        };
        match answered.await {
            Ok(Ok(answer)) => Ok(answer.map(Body::Left)),
            failed => {
                match (failed, task.await) {
                    (Ok(Err(code)), _) => log(&format!("the guest answered {code:?}")),
                    (_, Ok(Ok(()))) => log("the guest returned without an answer"),
                    (_, Ok(Err(error))) => log(&format!("the guest failed: {error:?}")),
                    (_, Err(error)) => log(&format!("the guest's task failed: {error}")),
                }
                let mut response = hyper::Response::new(Body::Right(HyperOutgoingBody::default()));
                *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
                Ok(response)
            }
        }
    }
}

/// The guest's body, or that of the server itself.
type Body = http_body_util::Either<Outgoing, HyperOutgoingBody>;

/// One request to a guest of WASI 0.2.
async fn proxied(pre: ProxyPre<Ctx>, call: Call) -> Result<()> {
    let mut store = Store::new(pre.engine(), call.ctx()?);
    let watch = Watch::default();
    let watched = watch.clone();
    let proxy = pre.instantiate_async(&mut store).await?;
    call.instantiated();
    let Call {
        request, answer, ..
    } = call;
    let mut http = store.data_mut().http();
    let request = http.new_incoming_request(Scheme::Http, request)?;
    let out = http.new_response_outparam_from_callback(move |response| {
        let response = response.map(|response| response.map(|body| Outgoing::new(body, watched).0));
        // A client that has left is its own business.
        let _ = answer.send(response);
    })?;
    let ran = proxy
        .wasi_http_incoming_handler()
        .call_handle(&mut store, request, out)
        .await;
    if ran.is_err() {
        watch.fail();
    }
    drop(store);
    match ran {
        Ok(()) => Ok(()),
        Err(error) => bail!("wasi:http/incoming-handler.handle: {error:?}"),
    }
}
