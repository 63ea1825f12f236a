//! `http/trailers-api`: the resource `future-trailers`, by path.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingBody, IncomingRequest, ResponseOutparam};

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let Ok(body) = request.consume() else {
                return wire::answer(outparam, 200, "no body\n");
            };
            let text = match wire::path(&request).as_str() {
                "/read" => read(body),
                "/part" => part(body),
                "/twice" => twice(body),
                _ => wire::trailers(body),
            };
            wire::answer(outparam, 200, &text);
        }
    }

    /// The trailers behind content that was read.
    fn read(body: IncomingBody) -> String {
        let mut tally = wire::Tally::default();
        if let Ok(stream) = body.stream() {
            if let Some(error) = wire::read_all(&stream, |bytes| tally.take(bytes)) {
                return format!("{}\n", wire::stream_error(&error));
            }
        }
        format!("{}\n{}", tally.line(), wire::trailers(body))
    }

    /// The trailers behind content of which a byte was read.
    fn part(body: IncomingBody) -> String {
        let first = match body.stream() {
            Ok(stream) => stream.blocking_read(1).unwrap_or_default(),
            Err(()) => Vec::new(),
        };
        format!("read {}\n{}", names::quoted(&first), wire::trailers(body))
    }

    fn twice(body: IncomingBody) -> String {
        let future = IncomingBody::finish(body);
        future.subscribe().block();
        let mut text = String::new();
        if let Some(Ok(Ok(Some(trailers)))) = future.get() {
            text += &wire::listing(&trailers, |_| true);
            text += &format!("append {}\n", names::set(&trailers.append("x-a", b"new")));
            text += &format!(
                "set {}\n",
                names::set(&trailers.set("x-a", &[b"new".to_vec()]))
            );
            text += &format!("delete {}\n", names::set(&trailers.delete("x-a")));
        }
        let again = match future.get() {
            None => "not ready",
            Some(Ok(_)) => "some(ok)",
            Some(Err(())) => "some(error)",
        };
        text + &format!("get again {again}\n")
    }

    wasip2::http::proxy::export!(Component);
}
