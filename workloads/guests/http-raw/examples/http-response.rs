//! `http/response`: the resources `outgoing-response` and `outgoing-body`, by
//! path. Most of it happens to a response that is never sent, and is reported
//! in one that is.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::types::{
        Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
    };

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            let text = match wire::path(&request).as_str() {
                "/defaults" => defaults(),
                "/valid-status" => statuses(&[100, 101, 200, 204, 299, 304, 418, 451, 500, 599]),
                "/invalid-status" => statuses(&[0, 1, 99, 1000, 65535]),
                "/status-above-599" => statuses(&[600, 999]),
                "/content-length" => content_length(),
                "/short" => return sent(outparam, b"12345"),
                "/exact" => return sent(outparam, b"1234567890"),
                other => format!("no behaviour at {other}\n"),
            };
            wire::answer(outparam, 200, &text);
        }
    }

    fn defaults() -> String {
        let response = OutgoingResponse::new(wire::fields(&[("x-a", "1")]));
        let mut text = format!("status-code {}\n", response.status_code());
        text += &wire::listing(&response.headers(), |_| true);
        let (first, second) = (response.body(), response.body());
        text += &format!("body {}\n", names::result(&first));
        text += &format!("body again {}\n", names::result(&second));
        if let Ok(body) = first {
            let (first, second) = (body.write(), body.write());
            text += &format!("write {}\n", names::result(&first));
            text += &format!("write again {}\n", names::result(&second));
            drop((first, second));
            drop(body);
        }
        drop(response);
        text
    }

    fn statuses(codes: &[u16]) -> String {
        let outcomes = codes.iter().map(|code| {
            let response = OutgoingResponse::new(Fields::new());
            let outcome = response.set_status_code(*code);
            let after = response.status_code();
            format!("set {code}: {}, then {after}\n", names::result(&outcome))
        });
        outcomes.collect()
    }

    /// Whether `finish` agrees with a stated length of 10. What `write` says
    /// to a byte too many is left to the host.
    fn content_length() -> String {
        let outcomes = [0, 9, 10, 11].map(|length| {
            let response = OutgoingResponse::new(wire::fields(&[("content-length", "10")]));
            let Ok(body) = response.body() else {
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

    /// States a length of 10 to the client and then sends `bytes`.
    fn sent(outparam: ResponseOutparam, bytes: &[u8]) {
        let headers = wire::fields(&[("content-type", "text/plain"), ("content-length", "10")]);
        let (body, output) = wire::begin(outparam, 200, headers);
        let _ = wire::write_all(&output, bytes);
        drop(output);
        let _ = OutgoingBody::finish(body, None);
    }

    wasip2::http::proxy::export!(Component);
}
