//! `http/state`: what an instance remembers of the requests before.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::wire;
    use std::sync::atomic::{AtomicU32, Ordering};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingRequest, ResponseOutparam};

    static REQUESTS: AtomicU32 = AtomicU32::new(0);
    static mut MARK: [u8; 4096] = [0; 4096];

    struct Component;

    impl Guest for Component {
        fn handle(_request: IncomingRequest, outparam: ResponseOutparam) {
            let before = REQUESTS.fetch_add(1, Ordering::Relaxed);
            let mark = &raw mut MARK;
            // SAFETY: a component has one thread and `handle` is not entered
            // while it runs, so nothing else touches the array.
            let marked = unsafe {
                let marked = (*mark).iter().filter(|byte| **byte != 0).count();
                (*mark).fill(0xa5);
                marked
            };
            let text = format!("requests before: {before}\nbytes marked before: {marked}\n");
            wire::answer(outparam, 200, &text);
        }
    }

    wasip2::http::proxy::export!(Component);
}
