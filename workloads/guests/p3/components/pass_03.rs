//! `p3/pass` as a component of WASI 0.3; empty on other targets.

#![cfg_attr(target_os = "wasi", no_std)]

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_p3::wasi03::http;
    use wasip3::exports::http::handler::Guest;
    use wasip3::http::types::{ErrorCode, Request, Response};

    struct Component;

    impl Guest for Component {
        async fn handle(request: Request) -> Result<Response, ErrorCode> {
            http::pass(request).await
        }
    }

    wasip3::http::service::export!(Component);
}
