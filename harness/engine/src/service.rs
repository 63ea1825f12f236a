//! The world `wasi:http/service@0.3`, an instance per request as for 0.2.

use crate::body::{Outgoing, Watch};
use crate::call::Call;
use crate::host::{Ctx, Host, Machine};
use crate::link;
use http_body_util::BodyExt as _;
use std::future::poll_fn;
use wasmtime::{Result, Store, bail};
use wasmtime_wasi_http::p3::Request;
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpView as _};

/// Links a handler.
pub(crate) fn link(host: &Host, machine: &Machine, withheld: &[String]) -> Result<ServicePre<Ctx>> {
    let mut linker = host.linker();
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    let linker = link::concurrent(linker, machine, withheld)?;
    ServicePre::new(linker.instantiate_pre(&machine.0)?)
}

/// One request from its head to the end of the guest's last task.
pub(crate) async fn call(pre: ServicePre<Ctx>, call: Call) -> Result<()> {
    let watch = Watch::default();
    let mut store = Store::new(pre.engine(), call.ctx()?);
    let service = pre.instantiate_async(&mut store).await?;
    call.instantiated();
    let request = with_authority(call.request)?;
    let request = request.map(|body| -> WasiBody { body.map_err(Error::from).boxed_unsync() });
    let (request, received) = Request::from_http(store.data_mut().http().hooks, request);
    let answer = call.answer;
    let watched = watch.clone();
    let ran = store
        .run_concurrent(async move |accessor| -> Result<()> {
            let response = match service.handle(accessor, request).await? {
                Ok(response) => response,
                Err(code) => bail!("wasi:http/handler.handle: {code:?}"),
            };
            let response = accessor.with(|mut access| response.into_http(&mut access, received))?;
            let mut reader = None;
            let response = response.map(|body| {
                let (body, gone) = Outgoing::new(body, watched);
                reader = Some(gone);
                body
            });
            // A client that has left is its own business.
            let _ = answer.send(Ok(response));
            // Guests go on after `handle` has returned: what writes the body is
            // a task of theirs, and it is driven only in here.
            poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
            if let Some(gone) = reader {
                let _ = gone.await;
            }
            Ok(())
        })
        .await
        .and_then(|ran| ran);
    if ran.is_err() {
        watch.fail();
    }
    drop(store);
    ran
}

/// A server is given the target in origin form and the authority in `Host`
/// (RFC 9112 §3.2); the guest asks for both by name.
fn with_authority<B>(request: hyper::Request<B>) -> Result<hyper::Request<B>> {
    let (mut head, body) = request.into_parts();
    if head.uri.authority().is_none()
        && let Some(host) = head.headers.get(hyper::header::HOST)
        && let Ok(host) = hyper::http::uri::Authority::try_from(host.as_bytes())
    {
        let mut parts = std::mem::take(&mut head.uri).into_parts();
        parts.scheme = Some(hyper::http::uri::Scheme::HTTP);
        parts.authority = Some(host);
        head.uri = hyper::Uri::from_parts(parts)?;
    }
    Ok(hyper::Request::from_parts(head, body))
}
