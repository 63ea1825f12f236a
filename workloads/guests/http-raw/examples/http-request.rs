//! `http/request`: the resource `incoming-request` and its body, by path.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{IncomingRequest, ResponseOutparam};

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let path = wire::path(&request);
            let text = if path.starts_with("/once") {
                once(&request)
            } else if path.starts_with("/headers") {
                headers(&request)
            } else {
                parts(&request)
            };
            wire::answer(outparam, 200, &text);
        }
    }

    fn parts(request: &IncomingRequest) -> String {
        let scheme = request.scheme().map(|scheme| names::scheme(&scheme));
        format!(
            "method {}\npath-with-query {:?}\nscheme {:?}\nauthority {:?}\n",
            names::method(&request.method()),
            request.path_with_query(),
            scheme,
            request.authority(),
        )
    }

    fn headers(request: &IncomingRequest) -> String {
        let headers = request.headers();
        let get = |name: &str| {
            let values: Vec<String> = headers.get(name).iter().map(|v| names::quoted(v)).collect();
            format!(
                "get {name} = [{}], has = {}\n",
                values.join(", "),
                headers.has(name)
            )
        };
        get("x-one")
            + &get("X-ONE")
            + &get("x-absent")
            + &get("not a name")
            + &wire::listing(&headers, |name| name.starts_with("x-"))
    }

    /// What can be had once, had twice.
    fn once(request: &IncomingRequest) -> String {
        let (first, second) = (request.consume(), request.consume());
        let mut text = format!("consume {}\n", names::result(&first));
        text += &format!("consume again {}\n", names::result(&second));
        let Ok(body) = first else {
            return text;
        };
        let (first, second) = (body.stream(), body.stream());
        text += &format!("stream {}\n", names::result(&first));
        text += &format!("stream again {}\n", names::result(&second));
        if let Ok(stream) = first {
            let mut tally = wire::Tally::default();
            let error = wire::read_all(&stream, |bytes| tally.take(bytes));
            text += &match error {
                None => format!("{}\n", tally.line()),
                Some(error) => format!("{}\n", wire::stream_error(&error)),
            };
        }
        text + &wire::trailers(body)
    }

    wasip2::http::proxy::export!(Component);
}
