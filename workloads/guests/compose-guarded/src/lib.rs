//! The component of `compose/handler-single`. On other targets there is nothing here: the
//! native twin is `main.rs`.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_lang_rust::{guard, wasi};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingRequest, ResponseOutparam};

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            wasi::handle(request, outparam, guard::guarded);
        }
    }

    wasip2::http::proxy::export!(Component);
}
