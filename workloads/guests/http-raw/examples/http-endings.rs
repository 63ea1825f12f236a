//! `http/endings`: every way a handler can end, by path.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::wire;
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{ErrorCode, IncomingRequest, OutgoingBody, ResponseOutparam};
    use wasip2::io::streams::OutputStream;

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            match wire::path(&request).as_str() {
                "/no-answer" => drop(outparam),
                "/kept" => std::mem::forget(outparam),
                "/error-code" => {
                    ResponseOutparam::set(outparam, Err(ErrorCode::InternalError(None)));
                }
                "/trap" => trap(),
                "/overflow" => wire::answer(outparam, 200, &format!("depth {}\n", descend(1))),
                "/body-dropped" => drop(half(outparam)),
                "/body-dropped-empty" => {
                    let headers = wire::fields(&[("content-type", "text/plain")]);
                    let (body, output) = wire::begin(outparam, 200, headers);
                    drop(output);
                    drop(body);
                }
                "/body-kept" => std::mem::forget(half(outparam)),
                "/trap-in-body" => {
                    let _open = half(outparam);
                    trap();
                }
                "/trap-after-finish" => {
                    let (output, body) = half(outparam);
                    drop(output);
                    let _ = OutgoingBody::finish(body, None);
                    trap();
                }
                _ => wire::answer(outparam, 200, "a whole answer\n"),
            }
        }
    }

    /// An answer of which half is written. The stream comes first, and so is
    /// dropped first: it is a child of the body.
    fn half(outparam: ResponseOutparam) -> (OutputStream, OutgoingBody) {
        let headers = wire::fields(&[("content-type", "text/plain")]);
        let (body, output) = wire::begin(outparam, 200, headers);
        let _ = wire::write_all(&output, b"half of ");
        (output, body)
    }

    fn trap() -> ! {
        core::arch::wasm32::unreachable()
    }

    /// Comes back from no depth, as nothing ever ends it.
    #[expect(unconditional_recursion, reason = "to use up the stack is its purpose")]
    fn descend(depth: u64) -> u64 {
        let below = std::hint::black_box([depth; 16]);
        descend(below[3] + 1) + below[7]
    }

    wasip2::http::proxy::export!(Component);
}
