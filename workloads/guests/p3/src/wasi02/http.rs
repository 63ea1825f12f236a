//! Services: `wasi:http/proxy@0.2`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingRequest,
    OutgoingResponse, ResponseOutparam, Scheme,
};

use super::streams::{Reader, Writer, splice};
use super::{Event, Executor, MonotonicClock};
use crate::program;
use crate::world::{Answer, Broken, Client, Input, Output, error_name};

/// Answers one request as `p3/reply`.
pub fn reply(_request: IncomingRequest, outparam: ResponseOutparam) {
    let executor = Executor::default();
    send(
        &executor,
        outparam,
        program::reply_headers(),
        async |mut output| program::hello(&mut output).await,
    );
}

/// Answers one request as `p3/echo`.
pub fn echo(request: IncomingRequest, outparam: ResponseOutparam) {
    carry(&request, outparam, async |mut input, mut output| {
        program::echo(&mut input, &mut output).await
    });
}

/// Answers one request as `p3/pass`.
pub fn pass(request: IncomingRequest, outparam: ResponseOutparam) {
    carry(&request, outparam, async |input, output| {
        splice(&input, &output).await
    });
}

fn carry(
    request: &IncomingRequest,
    outparam: ResponseOutparam,
    body: impl AsyncFnOnce(Reader<'_>, Writer<'_>) -> Result<(), Broken>,
) {
    let executor = Executor::default();
    let content_type = header(request, "content-type").unwrap_or_else(|| program::UNTYPED.to_vec());
    let Some(outgoing) = start(outparam, program::typed(content_type)) else {
        return;
    };
    // The first calls for this request and for these bodies.
    let (Ok(incoming), Ok(output)) = (request.consume(), outgoing.write()) else {
        return;
    };
    let Ok(input) = incoming.stream() else {
        return;
    };
    let input = Reader::new(&executor, input);
    let output = Writer::new(&executor, output);
    let done = executor.block_on(body(input, output));
    finish(outgoing, done);
}

/// Answers one request as `p3/join`.
pub fn join(request: IncomingRequest, outparam: ResponseOutparam) {
    let executor = Executor::default();
    let text = |name| {
        header(&request, name)
            .and_then(|value| String::from_utf8(value).ok())
            .unwrap_or_default()
    };
    let origins = text("x-origins");
    let below = text("x-below-ms").parse().ok();
    let answer = executor.block_on(program::join(
        &origins,
        below,
        &Outgoing(&executor),
        &MonotonicClock(&executor),
    ));
    let headers = program::typed(b"text/plain".to_vec());
    send(&executor, outparam, headers, async |mut output| {
        output.write(answer).await
    });
}

fn send<'a>(
    executor: &'a Executor,
    outparam: ResponseOutparam,
    headers: Vec<program::Header>,
    body: impl AsyncFnOnce(Writer<'a>) -> Result<(), Broken>,
) {
    let Some(outgoing) = start(outparam, headers) else {
        return;
    };
    // The first call for this body.
    let Ok(output) = outgoing.write() else {
        return;
    };
    let output = Writer::new(executor, output);
    let done = executor.block_on(body(output));
    finish(outgoing, done);
}

fn header(request: &IncomingRequest, name: &str) -> Option<Vec<u8>> {
    request.headers().get(name).into_iter().next()
}

/// Sends the head of the answer: before the body is there, as streaming is.
fn start(outparam: ResponseOutparam, headers: Vec<program::Header>) -> Option<OutgoingBody> {
    let response = Fields::from_list(&headers).map(OutgoingResponse::new);
    let started = response.map(|response| (response.body(), response));
    match started {
        Ok((Ok(body), response)) => {
            ResponseOutparam::set(outparam, Ok(response));
            Some(body)
        }
        _ => {
            let error = ErrorCode::InternalError(Some("cannot make a response".to_string()));
            ResponseOutparam::set(outparam, Err(error));
            None
        }
    }
}

fn finish(body: OutgoingBody, done: Result<(), Broken>) {
    match done {
        // An error means that the client is gone: nobody is left to tell.
        Ok(()) => drop(OutgoingBody::finish(body, None)),
        // Dropped without `finish`: the host tells the client that the body is
        // incomplete.
        Err(Broken) => drop(body),
    }
}

/// `wasi:http/outgoing-handler`.
struct Outgoing<'a>(&'a Executor);

impl Client for Outgoing<'_> {
    async fn get(&self, authority: &str, path: &str) -> Result<Answer, String> {
        let refused = |()| "refused by a setter".to_string();
        let named = |error: ErrorCode| error_name(&format!("{error:?}"));
        let request = OutgoingRequest::new(Fields::new());
        request.set_scheme(Some(&Scheme::Http)).map_err(refused)?;
        request.set_authority(Some(authority)).map_err(refused)?;
        request.set_path_with_query(Some(path)).map_err(refused)?;
        let body = request.body().map_err(refused)?;
        let answer = outgoing_handler::handle(request, None).map_err(named)?;
        OutgoingBody::finish(body, None).map_err(named)?;

        let arrived = Event::new(answer.subscribe());
        let response = loop {
            match answer.get() {
                Some(Ok(response)) => break response.map_err(named)?,
                Some(Err(())) => return Err("taken twice".to_string()),
                None => self.0.happens(&arrived).await,
            }
        };
        drop(arrived);

        let status = response.status();
        let incoming = response.consume().map_err(refused)?;
        let stream = incoming.stream().map_err(refused)?;
        let mut input = Reader::new(self.0, stream);
        let mut body = Vec::new();
        loop {
            let bytes = input
                .read()
                .await
                .map_err(|Broken| "broken body".to_string())?;
            if bytes.is_empty() {
                break;
            }
            body.extend_from_slice(&bytes);
        }
        drop(input);
        drop(IncomingBody::finish(incoming));
        Ok(Answer { status, body })
    }
}
