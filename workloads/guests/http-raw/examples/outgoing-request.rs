//! `outgoing/request`: the resources `outgoing-request` and `request-options`,
//! by path. Nothing is sent.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{
        Fields, IncomingRequest, Method, OutgoingBody, OutgoingRequest, RequestOptions,
        ResponseOutparam, Scheme,
    };

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let text = match wire::path(&request).as_str() {
                "/defaults" => defaults(),
                "/methods" => methods(),
                "/invalid-methods" => invalid_methods(),
                "/paths" => paths(&[
                    None,
                    Some("/"),
                    Some("/a/b%20c?d=e&f"),
                    Some("/?"),
                    Some(""),
                ]),
                "/invalid-paths" => {
                    paths(&[Some("/a b"), Some("/a\n"), Some("/a\r\nx: y"), Some("/\0")])
                }
                "/fragments" => paths(&[Some("/a#b"), Some("/a?b#c")]),
                "/schemes" => schemes(),
                "/invalid-schemes" => invalid_schemes(),
                "/scheme-of-nothing" => scheme_line(&Scheme::Other(String::new())),
                "/scheme-by-digit" => scheme_line(&Scheme::Other("1st".to_owned())),
                "/authorities" => authorities(&[
                    None,
                    Some("localhost"),
                    Some("127.0.0.1:8080"),
                    Some("[::1]:1"),
                    Some("user@example.test:80"),
                ]),
                "/invalid-authorities" => authorities(&[
                    Some("a b"),
                    Some("a/b"),
                    Some("a?b"),
                    Some("a\r\n"),
                    Some("[::1"),
                    Some("localhost:http"),
                ]),
                "/authority-of-two-users" => authorities(&[Some("a@b@c")]),
                "/content-length" => content_length(),
                "/options" => options(),
                other => format!("no behaviour at {other}\n"),
            };
            wire::answer(outparam, 200, &text);
        }
    }

    fn new() -> OutgoingRequest {
        OutgoingRequest::new(Fields::new())
    }

    fn scheme_of(request: &OutgoingRequest) -> String {
        request
            .scheme()
            .map_or_else(|| "none".to_owned(), |scheme| names::scheme(&scheme))
    }

    fn defaults() -> String {
        let request = OutgoingRequest::new(wire::fields(&[("x-a", "1")]));
        let mut text = format!(
            "method {}\npath-with-query {:?}\nscheme {}\nauthority {:?}\n",
            names::method(&request.method()),
            request.path_with_query(),
            scheme_of(&request),
            request.authority(),
        );
        text += &wire::listing(&request.headers(), |_| true);
        let (first, second) = (request.body(), request.body());
        text += &format!("body {}\n", names::result(&first));
        text += &format!("body again {}\n", names::result(&second));
        if let Ok(body) = first {
            let (first, second) = (body.write(), body.write());
            text += &format!("write {}\n", names::result(&first));
            text + &format!("write again {}\n", names::result(&second))
        } else {
            text
        }
    }

    fn method_line(method: &Method) -> String {
        let request = new();
        let outcome = request.set_method(method);
        let after = names::method(&request.method());
        format!(
            "set {}: {}, then {after}\n",
            names::method(method).escape_debug(),
            names::result(&outcome)
        )
    }

    fn methods() -> String {
        let other = |name: &str| Method::Other(name.to_owned());
        let methods = [
            Method::Get,
            Method::Head,
            Method::Post,
            Method::Put,
            Method::Delete,
            Method::Connect,
            Method::Options,
            Method::Trace,
            Method::Patch,
            other("PURGE"),
            other("m-search"),
            other("!#$%&'*+-.^_`|~"),
        ];
        methods.iter().map(method_line).collect()
    }

    fn invalid_methods() -> String {
        let names = ["", "A B", "A\r\nX: y", "A/B", "A:B", "Ä"];
        names
            .iter()
            .map(|name| method_line(&Method::Other((*name).to_owned())))
            .collect()
    }

    fn paths(paths: &[Option<&str>]) -> String {
        let lines = paths.iter().map(|path| {
            let request = new();
            let outcome = request.set_path_with_query(*path);
            let after = request.path_with_query();
            format!(
                "set {path:?}: {}, then {after:?}\n",
                names::result(&outcome)
            )
        });
        lines.collect()
    }

    fn scheme_line(scheme: &Scheme) -> String {
        let request = new();
        let outcome = request.set_scheme(Some(scheme));
        let after = scheme_of(&request);
        format!(
            "set {}: {}, then {after}\n",
            names::scheme(scheme).escape_debug(),
            names::result(&outcome)
        )
    }

    fn schemes() -> String {
        let other = |name: &str| Scheme::Other(name.to_owned());
        let schemes = [Scheme::Http, Scheme::Https, other("ftp"), other("a+b-c.1")];
        let set: String = schemes.iter().map(scheme_line).collect();
        let request = new();
        let _ = request.set_scheme(Some(&Scheme::Http));
        let outcome = request.set_scheme(None);
        set + &format!(
            "set none: {}, then {}\n",
            names::result(&outcome),
            scheme_of(&request)
        )
    }

    fn invalid_schemes() -> String {
        let names = ["a b", "a:", "a/b", "a\r\n", "ä"];
        names
            .iter()
            .map(|name| scheme_line(&Scheme::Other((*name).to_owned())))
            .collect()
    }

    fn authorities(authorities: &[Option<&str>]) -> String {
        let lines = authorities.iter().map(|authority| {
            let request = new();
            let outcome = request.set_authority(*authority);
            let after = request.authority();
            format!(
                "set {authority:?}: {}, then {after:?}\n",
                names::result(&outcome)
            )
        });
        lines.collect()
    }

    fn content_length() -> String {
        let outcomes = [0, 9, 10, 11].map(|length| {
            let request = OutgoingRequest::new(wire::fields(&[("content-length", "10")]));
            let Ok(body) = request.body() else {
                return "no body\n".to_owned();
            };
            if let Ok(output) = body.write() {
                let _ = wire::write_all(&output, &vec![b'x'; length]);
            }
            let outcome = match OutgoingBody::finish(body, None) {
                Ok(()) => "ok",
                Err(_) => "error",
            };
            format!("{length} of 10: finish {outcome}\n")
        });
        outcomes.concat()
    }

    /// Each timeout as it is at first, set, and taken back. A host may support
    /// none of them, so a refusal is told apart from a value that is lost.
    fn options() -> String {
        let options = RequestOptions::new();
        let mut text = format!(
            "new: connect {:?}, first-byte {:?}, between-bytes {:?}\n",
            options.connect_timeout(),
            options.first_byte_timeout(),
            options.between_bytes_timeout(),
        );
        for (connect, first, between) in [
            (Some(1), Some(2), Some(3)),
            (Some(0), None, Some(9_000_000_000)),
            (None, Some(1_500_000_000), None),
        ] {
            let outcomes = [
                options.set_connect_timeout(connect),
                options.set_first_byte_timeout(first),
                options.set_between_bytes_timeout(between),
            ];
            let after = [
                options.connect_timeout(),
                options.first_byte_timeout(),
                options.between_bytes_timeout(),
            ];
            text += &format!(
                "set: {}, then {after:?}\n",
                outcomes.map(|o| names::result(&o)).join(" ")
            );
        }
        text
    }

    wasip2::http::proxy::export!(Component);
}
