//! The component of the workloads that use `http-answers`. On other targets
//! there is nothing here: the native twin is `src/main.rs`.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_answers::wasi;
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingRequest, ResponseOutparam};

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            wasi::handle(request, outparam);
        }
    }

    wasip2::http::proxy::export!(Component);
}
