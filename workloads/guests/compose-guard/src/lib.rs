//! The guard alone: it exports `wasi:http/incoming-handler` and imports the
//! same interface, which composition connects to the server behind it. On
//! other targets there is nothing here.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_compose_behind::incoming_handler;
    use assay_guests_lang_rust::{guard, wasi};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingRequest, ResponseOutparam};

    // A guest can ask another handler only with the resources it was given:
    // wasi:http 0.2 has no constructor for an incoming request or for a
    // response-outparam. So the guard refuses or passes on, and changes nothing.
    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let (path, authorization) = wasi::head(&request);
            if guard::admits(&path, &authorization) {
                incoming_handler::handle(request, outparam);
            } else {
                wasi::send(&guard::refusal(), outparam);
            }
        }
    }

    wasip2::http::proxy::export!(Component);
}
