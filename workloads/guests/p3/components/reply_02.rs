//! `p3/reply` as a component of WASI 0.2; empty on other targets.

#![cfg_attr(target_os = "wasi", no_std)]

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_p3::wasi02::http;
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingRequest, ResponseOutparam};

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            http::reply(request, outparam);
        }
    }

    wasip2::http::proxy::export!(Component);
}
