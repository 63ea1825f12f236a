//! Requests that guests send.

use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

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
