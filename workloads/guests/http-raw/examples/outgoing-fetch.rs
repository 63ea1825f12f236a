//! `outgoing/*`: sends the request that its own path describes and reports the
//! outcome.
//!
//! - `/http/AUTHORITY/PATH` and `/https/AUTHORITY/PATH`: what comes back.
//! - `/trailers/AUTHORITY/PATH`: what future-trailers says behind a body that
//!   was read to its end or its error.
//! - `/both/AUTHORITY/AUTHORITY`: two requests at once.
//! - `/no-authority`: a request that no host can send.
//!
//! `x-connect-ms`, `x-first-byte-ms` and `x-between-bytes-ms` become request
//! options, `x-method` the method.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::outgoing_handler;
    use wasip2::http::types::{
        ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingRequest, IncomingResponse,
        Method, OutgoingRequest, RequestOptions, ResponseOutparam, Scheme,
    };
    use wasip2::io::poll::poll;
    use wasip2::io::streams::StreamError;

    /// The longest body that is shown in full.
    const SHOWN: usize = 200;

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let path = wire::path(&request);
            let mut parts = path.splitn(4, '/').skip(1);
            let kind = parts.next().unwrap_or_default();
            let authority = parts.next();
            let rest = parts.next().unwrap_or_default();
            let text = match (kind, authority) {
                ("http", Some(_)) => fetch(&request, &Scheme::Http, authority, rest, report),
                ("https", Some(_)) => fetch(&request, &Scheme::Https, authority, rest, report),
                ("trailers", Some(_)) => fetch(&request, &Scheme::Http, authority, rest, trailers),
                ("both", Some(first)) => both(first, rest),
                ("no-authority", _) => fetch(&request, &Scheme::Http, None, "", report),
                _ => format!("no behaviour at {path}\n"),
            };
            wire::answer(outparam, 200, &text);
        }
    }

    type Sent = Result<FutureIncomingResponse, ErrorCode>;

    /// Sends a request without a body.
    fn send(
        method: &Method,
        scheme: &Scheme,
        authority: Option<&str>,
        path: &str,
        options: Option<RequestOptions>,
    ) -> Sent {
        let request = OutgoingRequest::new(Fields::new());
        let set = [
            request.set_method(method),
            request.set_scheme(Some(scheme)),
            request.set_authority(authority),
            request.set_path_with_query(Some(path)),
        ];
        if set.iter().any(Result::is_err) {
            return Err(ErrorCode::HttpRequestUriInvalid);
        }
        outgoing_handler::handle(request, options)
    }

    fn fetch(
        request: &IncomingRequest,
        scheme: &Scheme,
        authority: Option<&str>,
        path: &str,
        then: fn(&IncomingResponse) -> String,
    ) -> String {
        let headers = request.headers();
        let header = |name: &str| {
            let value = headers.get(name).into_iter().next()?;
            String::from_utf8(value).ok()
        };
        let timeout = |name: &str| {
            let ms: u64 = header(name)?.parse().ok()?;
            Some(ms * 1_000_000)
        };
        let options = RequestOptions::new();
        let set = [
            options.set_connect_timeout(timeout("x-connect-ms")),
            options.set_first_byte_timeout(timeout("x-first-byte-ms")),
            options.set_between_bytes_timeout(timeout("x-between-bytes-ms")),
        ];
        if set.iter().any(Result::is_err) {
            return "this host does not support timeouts\n".to_owned();
        }
        let method = match header("x-method").as_deref() {
            None => Method::Get,
            Some("HEAD") => Method::Head,
            Some("DELETE") => Method::Delete,
            Some(other) => Method::Other(other.to_owned()),
        };
        let sent = send(
            &method,
            scheme,
            authority,
            &format!("/{path}"),
            Some(options),
        );
        match sent.and_then(|future| response(&future)) {
            Ok(response) => then(&response),
            Err(code) => format!("error {}\n", name(&code)),
        }
    }

    /// A host may refuse at once or later: the caller cannot tell.
    fn response(future: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
        future.subscribe().block();
        match future.get() {
            Some(Ok(outcome)) => outcome,
            // Neither is possible behind a ready pollable, before any get.
            None | Some(Err(())) => Err(ErrorCode::InternalError(None)),
        }
    }

    /// Two names fit a response that broke off; RFC 9209 tells them apart by
    /// whether it was the connection that ended, which here it always was.
    fn name(code: &ErrorCode) -> &'static str {
        match code {
            ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => {
                "connection-terminated or HTTP-response-incomplete"
            }
            other => names::error_code(other),
        }
    }

    fn stream_error(error: &StreamError) -> String {
        match error {
            StreamError::LastOperationFailed(error) => {
                match wasip2::http::types::http_error_code(error) {
                    Some(code) => format!("failed: {}", name(&code)),
                    None => "failed: http-error-code is none".to_owned(),
                }
            }
            StreamError::Closed => "closed".to_owned(),
        }
    }

    /// Fields that the server of the answer adds as it likes.
    const UNSHOWN: [&str; 6] = [
        "connection",
        "content-length",
        "date",
        "keep-alive",
        "server",
        "transfer-encoding",
    ];

    fn head(response: &IncomingResponse) -> String {
        let fields = wire::listing(&response.headers(), |name| !UNSHOWN.contains(&name));
        format!("status {}\n{fields}", response.status())
    }

    /// The body, how it ended, and whether that was well.
    fn content(body: &IncomingBody) -> (String, bool) {
        let (mut tally, mut shown) = (wire::Tally::default(), Vec::new());
        let Ok(stream) = body.stream() else {
            return ("no stream\n".to_owned(), false);
        };
        let error = wire::read_all(&stream, |bytes| {
            tally.take(bytes);
            if shown.len() <= SHOWN {
                shown.extend_from_slice(bytes);
            }
        });
        let what = if shown.len() <= SHOWN {
            names::quoted(&shown)
        } else {
            tally.line()
        };
        match error {
            None => (format!("body {what}\n"), true),
            Some(error) => (
                format!("body {what}, then {}\n", stream_error(&error)),
                false,
            ),
        }
    }

    fn report(response: &IncomingResponse) -> String {
        let head = head(response);
        let (first, second) = (response.consume(), response.consume());
        let (Ok(body), Err(())) = (first, second) else {
            return format!("{head}the body is not to be had exactly once\n");
        };
        match content(&body) {
            (content, true) => head + &content + &wire::trailers(body),
            (content, false) => head + &content,
        }
    }

    fn trailers(response: &IncomingResponse) -> String {
        let Ok(body) = response.consume() else {
            return "no body\n".to_owned();
        };
        let (_, complete) = content(&body);
        let future = IncomingBody::finish(body);
        future.subscribe().block();
        let outcome = match future.get() {
            Some(Ok(Ok(_))) => "ok",
            Some(Ok(Err(_))) => "error",
            Some(Err(())) | None => "not to be had",
        };
        format!(
            "body {}\ntrailers {outcome}\n",
            if complete { "complete" } else { "failed" }
        )
    }

    /// Two requests at the same time, told in the order of their answers.
    fn both(first: &str, second: &str) -> String {
        let start = |authority: &str, path: &str| {
            send(&Method::Get, &Scheme::Http, Some(authority), path, None)
        };
        let (a, b) = match (start(first, "/first"), start(second, "/second")) {
            (Ok(a), Ok(b)) => (a, b),
            (Err(code), _) | (_, Err(code)) => return format!("error {}\n", name(&code)),
        };
        let mut waiting = vec![("first", a), ("second", b)];
        let mut text = String::new();
        while !waiting.is_empty() {
            let pollables: Vec<_> = waiting
                .iter()
                .map(|(_, future)| future.subscribe())
                .collect();
            let ready = poll(&pollables.iter().collect::<Vec<_>>());
            drop(pollables);
            // From the back, so that the indices in front stay right.
            for index in ready.into_iter().rev() {
                let (label, future) = waiting.remove(index as usize);
                text += &match future.get() {
                    Some(Ok(Ok(response))) => format!("{label}\n{}", report(&response)),
                    Some(Ok(Err(code))) => format!("{label}\nerror {}\n", name(&code)),
                    Some(Err(())) => format!("{label}\ngone before the first get\n"),
                    None => format!("{label}\nnot ready although the pollable was\n"),
                };
                let again = match future.get() {
                    Some(Err(())) => "error",
                    Some(Ok(_)) => "ok",
                    None => "not ready",
                };
                text += &format!("get again {again}\n");
            }
        }
        text
    }

    wasip2::http::proxy::export!(Component);
}
