//! The component of `lang/json-api-rust`. On other targets there is nothing here: the
//! native twin is `main.rs`.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_lang_rust::{json_api, wasi};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingRequest, ResponseOutparam};

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            wasi::handle(request, outparam, json_api::answer);
        }
    }

    wasip2::http::proxy::export!(Component);
}
