//! `outgoing/relay`: a handler that sends requests to the server it runs in,
//! whose address it takes from the request, so that both ends of an outgoing
//! request are seen by one program.
//!
//! - `/echo`: the body as it comes. `/seen`: what came, in words.
//! - `/to-echo` and `/to-seen`: passes the request on to these and passes the
//!   answer back, while both still flow.
//! - `/trailers`: an upload with trailers. `/abandoned`: one that is dropped in
//!   the midst. `/binary`: a header that is not text.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_http_raw::{names, wire};
    use wasip2::exports::http::incoming_handler::Guest;
    use wasip2::http::outgoing_handler;
    use wasip2::http::types::{
        ErrorCode, Fields, FutureIncomingResponse, IncomingRequest, IncomingResponse, Method,
        OutgoingBody, OutgoingRequest, ResponseOutparam, Scheme,
    };
    use wasip2::io::poll::{Pollable, poll};
    use wasip2::io::streams::{InputStream, OutputStream, StreamError};

    struct Component;

    impl Guest for Component {
        fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
            match wire::path(&request).as_str() {
                "/echo" => echo(&request, outparam),
                "/to-echo" => relay(&request, outparam, "/echo"),
                "/to-seen" => relay(&request, outparam, "/seen"),
                "/trailers" => {
                    let outcome = upload(&request, with_trailers);
                    wire::answer(outparam, 200, &outcome.unwrap_or_else(no_answer));
                }
                "/abandoned" => {
                    // What came of it depends on who notices first. All that
                    // must not be is an answer that tells of a complete body.
                    let text = match upload(&request, abandoned) {
                        Some(text) if text.contains("trailers:") => text,
                        _ => "not taken for complete\n".to_owned(),
                    };
                    wire::answer(outparam, 200, &text);
                }
                "/binary" => wire::answer(outparam, 200, &binary(&request)),
                _ => wire::answer(outparam, 200, &seen(&request)),
            }
        }
    }

    fn text_head() -> Fields {
        wire::fields(&[("content-type", "text/plain")])
    }

    fn echo(request: &IncomingRequest, outparam: ResponseOutparam) {
        let Ok(body) = request.consume() else { return };
        let Ok(input) = body.stream() else { return };
        let (answer, output) = wire::begin(outparam, 200, text_head());
        let mut flow = Flow::new(input, output);
        while flow.open() {
            flow.pollable().block();
            flow.step();
        }
        let failed = flow.failed;
        drop(flow);
        if !failed {
            let _ = OutgoingBody::finish(answer, None);
        }
    }

    fn seen(request: &IncomingRequest) -> String {
        let mut text = format!(
            "{} {}\n",
            names::method(&request.method()),
            wire::path(request)
        );
        text += &wire::listing(&request.headers(), |name| name.starts_with("x-"));
        let Ok(body) = request.consume() else {
            return text + "no body\n";
        };
        let Ok(stream) = body.stream() else {
            return text + "no stream\n";
        };
        let mut tally = wire::Tally::default();
        let error = wire::read_all(&stream, |bytes| tally.take(bytes));
        drop(stream);
        text += &format!("{}\n", tally.line());
        match error {
            None => text + &wire::trailers(body),
            Some(error) => text + &format!("{}\n", wire::stream_error(&error)),
        }
    }

    /// A request to this very server.
    fn to_self(request: &IncomingRequest, headers: Fields, path: &str) -> Option<OutgoingRequest> {
        let onward = OutgoingRequest::new(headers);
        onward.set_scheme(Some(&Scheme::Http)).ok()?;
        onward.set_authority(request.authority().as_deref()).ok()?;
        onward.set_path_with_query(Some(path)).ok()?;
        Some(onward)
    }

    fn wait(future: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
        future.subscribe().block();
        match future.get() {
            Some(Ok(outcome)) => outcome,
            None | Some(Err(())) => Err(ErrorCode::InternalError(None)),
        }
    }

    /// One direction of a body, moved as its two ends allow.
    struct Flow {
        input: InputStream,
        output: Option<OutputStream>,
        held: Vec<u8>,
        failed: bool,
    }

    impl Flow {
        fn new(input: InputStream, output: OutputStream) -> Self {
            Self {
                input,
                output: Some(output),
                held: Vec::new(),
                failed: false,
            }
        }

        fn open(&self) -> bool {
            self.output.is_some()
        }

        fn pollable(&self) -> Pollable {
            match &self.output {
                Some(output) if !self.held.is_empty() => output.subscribe(),
                _ => self.input.subscribe(),
            }
        }

        fn step(&mut self) {
            match self.attempt() {
                Ok(()) => {}
                Err(StreamError::Closed) if self.held.is_empty() => self.output = None,
                Err(_) => {
                    self.failed = true;
                    self.output = None;
                }
            }
        }

        fn attempt(&mut self) -> Result<(), StreamError> {
            let Some(output) = &self.output else {
                return Ok(());
            };
            if self.held.is_empty() {
                self.held = self.input.read(64 * 1024)?;
            }
            let room = usize::try_from(output.check_write()?).unwrap_or(usize::MAX);
            let now = self.held.len().min(room);
            if now > 0 {
                output.write(&self.held[..now])?;
                self.held.drain(..now);
            }
            Ok(())
        }
    }

    /// Passes a request on, and its answer back, both at the same time.
    fn relay(request: &IncomingRequest, outparam: ResponseOutparam, path: &str) {
        match start(request, path) {
            Ok((upload, upload_body, future)) => both_ways(outparam, upload, upload_body, &future),
            Err(code) => {
                let text = format!("error {}\n", names::error_code(&code));
                wire::answer(outparam, 200, &text);
            }
        }
    }

    fn start(
        request: &IncomingRequest,
        path: &str,
    ) -> Result<(Flow, OutgoingBody, FutureIncomingResponse), ErrorCode> {
        let failed = || ErrorCode::InternalError(None);
        let kept: Vec<_> = request
            .headers()
            .entries()
            .into_iter()
            .filter(|(name, _)| name.to_ascii_lowercase().starts_with("x-"))
            .collect();
        let headers = Fields::from_list(&kept).map_err(|_| failed())?;
        let onward = to_self(request, headers, path).ok_or_else(failed)?;
        onward
            .set_method(&request.method())
            .map_err(|()| failed())?;
        let body = onward.body().map_err(|()| failed())?;
        let output = body.write().map_err(|()| failed())?;
        let input = request.consume().and_then(|body| {
            let stream = body.stream();
            // The stream is a child of the body: both live as long as this
            // instance, which is one request.
            std::mem::forget(body);
            stream
        });
        let input = input.map_err(|()| failed())?;
        let future = outgoing_handler::handle(onward, None)?;
        Ok((Flow::new(input, output), body, future))
    }

    fn both_ways(
        outparam: ResponseOutparam,
        mut up: Flow,
        up_body: OutgoingBody,
        future: &FutureIncomingResponse,
    ) {
        let (mut outparam, mut up_body) = (Some(outparam), Some(up_body));
        let mut down: Option<(Flow, OutgoingBody)> = None;
        loop {
            if up.open() {
                up.step();
            }
            if !up.open() {
                if let Some(body) = up_body.take() {
                    let _ = OutgoingBody::finish(body, None);
                }
            }
            if let Some(outcome) = outparam.as_ref().and_then(|_| future.get()) {
                let Some(outparam) = outparam.take() else {
                    return;
                };
                down = begin_down(outparam, outcome);
                if down.is_none() {
                    break;
                }
            }
            if let Some((flow, _)) = &mut down {
                flow.step();
                if !flow.open() {
                    break;
                }
            }
            let mut waits = Vec::new();
            if up.open() {
                waits.push(up.pollable());
            }
            match &down {
                Some((flow, _)) => waits.push(flow.pollable()),
                None => waits.push(future.subscribe()),
            }
            poll(&waits.iter().collect::<Vec<_>>());
        }
        if let Some((flow, body)) = down {
            let failed = flow.failed;
            drop(flow);
            if !failed {
                let _ = OutgoingBody::finish(body, None);
            }
        }
    }

    fn begin_down(
        outparam: ResponseOutparam,
        outcome: Result<Result<IncomingResponse, ErrorCode>, ()>,
    ) -> Option<(Flow, OutgoingBody)> {
        let response = match outcome {
            Ok(Ok(response)) => response,
            Ok(Err(code)) => {
                let text = format!("error {}\n", names::error_code(&code));
                wire::answer(outparam, 200, &text);
                return None;
            }
            Err(()) => return None,
        };
        let body = response.consume().ok()?;
        let input = body.stream().ok()?;
        std::mem::forget(body);
        let (answer, output) = wire::begin(outparam, response.status(), text_head());
        Some((Flow::new(input, output), answer))
    }

    fn no_answer() -> String {
        "no answer\n".to_owned()
    }

    type Upload = fn(OutgoingBody);

    /// An upload whose body is left to `fill`, and what became of it.
    fn upload(request: &IncomingRequest, fill: Upload) -> Option<String> {
        let headers = wire::fields(&[("trailer", "x-sum")]);
        let onward = to_self(request, headers, "/seen")?;
        onward.set_method(&Method::Put).ok()?;
        let body = onward.body().ok()?;
        let future = outgoing_handler::handle(onward, None).ok()?;
        fill(body);
        outcome(&future)
    }

    /// The answer to an upload, or nothing when there is none or it broke off.
    fn outcome(future: &FutureIncomingResponse) -> Option<String> {
        let response = wait(future).ok()?;
        let body = response.consume().ok()?;
        let stream = body.stream().ok()?;
        let mut text = Vec::new();
        match wire::read_all(&stream, |bytes| text.extend_from_slice(bytes)) {
            None => Some(format!(
                "answer {}:\n{}",
                response.status(),
                String::from_utf8_lossy(&text)
            )),
            Some(_) => None,
        }
    }

    fn with_trailers(body: OutgoingBody) {
        if let Ok(output) = body.write() {
            let _ = wire::write_all(&output, b"content");
        }
        // A refusal shows in what the other end has seen.
        let _ = OutgoingBody::finish(body, Some(wire::fields(&[("x-sum", "of it")])));
    }

    fn abandoned(body: OutgoingBody) {
        if let Ok(output) = body.write() {
            let _ = wire::write_all(&output, b"half of ");
        }
        drop(body);
    }

    fn binary(request: &IncomingRequest) -> String {
        let list = [
            ("x-binary".to_owned(), b"caf\xe9 \xff".to_vec()),
            ("x-two".to_owned(), b"1".to_vec()),
            ("x-two".to_owned(), b"2".to_vec()),
        ];
        let Some(onward) = Fields::from_list(&list)
            .ok()
            .and_then(|headers| to_self(request, headers, "/seen?of=binary"))
        else {
            return "cannot address this server\n".to_owned();
        };
        match outgoing_handler::handle(onward, None) {
            Ok(future) => outcome(&future).unwrap_or_else(no_answer),
            Err(code) => format!("error {}\n", names::error_code(&code)),
        }
    }

    wasip2::http::proxy::export!(Component);
}
