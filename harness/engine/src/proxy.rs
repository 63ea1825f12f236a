//! The world `wasi:http/proxy@0.2`, served over HTTP/1.1: one instance per
//! request, as the world's documentation allows a host to do.

use crate::body::{Outgoing, Watch};
use crate::call::Call;
use crate::clock::now;
use crate::host::{Ctx, Host, Machine};
use crate::link;
#[cfg(feature = "p3")]
use crate::service;
use assay_wire::grants::Grants;
use hyper::server::conn::http1;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use wasmtime::{Result, Store, bail};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

pub use crate::call::{OnRequest, RequestStamps};

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
        Ok(Handler::new(Linked::Proxy(pre)))
    }

    /// Links a handler of WASI 0.3. The host must be a concurrent one.
    ///
    /// # Errors
    /// When the component imports what is not offered.
    #[cfg(feature = "p3")]
    pub fn service(&self, machine: &Machine, withheld: &[String]) -> Result<Handler> {
        let pre = service::link(self, machine, withheld)?;
        Ok(Handler::new(Linked::Service(pre)))
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

impl Handler {
    fn new(linked: Linked) -> Handler {
        Handler {
            linked,
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
            Linked::Service(pre) => tokio::spawn(service::call(pre, call)),
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
