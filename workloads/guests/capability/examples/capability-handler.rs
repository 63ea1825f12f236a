//! `capability-handler`: `GET /fetch/AUTHORITY/PATH` asks for
//! `http://AUTHORITY/PATH` and says what it is told; `GET /ORDER` carries out
//! an order such as `wall-clock.now`.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_capability::wasi::handler;
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::outgoing_handler;
    use wasip2::http::types::{
        ErrorCode, Fields, IncomingRequest, IncomingResponse, OutgoingRequest, ResponseOutparam,
        Scheme,
    };

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let path = wire::path(&request);
            let order = path.trim_start_matches('/');
            let text = match order.strip_prefix("fetch/") {
                Some(target) => fetch(target),
                None => match handler(order, "written\n") {
                    Some(answer) => format!("{order}: {answer}\n"),
                    None => format!("no behaviour at {path}\n"),
                },
            };
            wire::answer(outparam, 200, &text);
        }
    }

    fn fetch(target: &str) -> String {
        let (authority, path) = target.split_once('/').unwrap_or((target, ""));
        match response(authority, &format!("/{path}")) {
            Ok(response) => format!("fetch: status {}, {}\n", response.status(), body(&response)),
            Err(code) => format!("fetch: {}\n", names::error_code(&code)),
        }
    }

    fn response(authority: &str, path: &str) -> Result<IncomingResponse, ErrorCode> {
        let request = OutgoingRequest::new(Fields::new());
        let set = [
            request.set_scheme(Some(&Scheme::Http)),
            request.set_authority(Some(authority)),
            request.set_path_with_query(Some(path)),
        ];
        if set.iter().any(Result::is_err) {
            return Err(ErrorCode::HttpRequestUriInvalid);
        }
        let future = outgoing_handler::handle(request, None)?;
        // A host may refuse at once or later: the caller cannot tell.
        future.subscribe().block();
        match future.get() {
            Some(Ok(outcome)) => outcome,
            // Neither is possible behind a ready pollable, before any get.
            None | Some(Err(())) => Err(ErrorCode::InternalError(None)),
        }
    }

    fn body(response: &IncomingResponse) -> String {
        let (Ok(body), mut content) = (response.consume(), Vec::new()) else {
            return "no body".to_owned();
        };
        let Ok(stream) = body.stream() else {
            return "no stream".to_owned();
        };
        match wire::read_all(&stream, |bytes| content.extend_from_slice(bytes)) {
            None => names::quoted(&content),
            Some(error) => wire::stream_error(&error),
        }
    }

    wasip2::http::proxy::export!(Component);
}
