//! Services: `wasi:http/service@0.3`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wasip3::http::client;
use wasip3::http::types::{ErrorCode, Fields, Request, Response, Scheme};
use wasip3::{spawn_local, wit_future, wit_stream};

use super::{MonotonicClock, Reader, Told, Writer};
use crate::program;
use crate::world::{Answer, Broken, Client, Input, Output, error_name};

/// Answers one request as `p3/reply`.
///
/// # Errors
/// When the host does not take the head of the answer.
pub async fn reply(_request: Request) -> Result<Response, ErrorCode> {
    respond(program::reply_headers(), async |output| {
        program::hello(output).await
    })
}

/// Answers one request as `p3/echo`.
///
/// # Errors
/// When the host does not take the head of the answer.
pub async fn echo(request: Request) -> Result<Response, ErrorCode> {
    let content_type =
        header(&request, "content-type").unwrap_or_else(|| program::UNTYPED.to_vec());
    let (_heard, received) = wit_future::new(|| Ok(()));
    let (reader, end) = Request::consume_body(request, received);
    let mut input = Told {
        reader: Reader(reader),
        end: Some(end),
    };
    respond(program::typed(content_type), async move |output| {
        program::echo(&mut input, output).await
    })
}

/// Answers one request as `p3/pass`: the body of the request is the body of
/// the answer, and the component is not asked again.
///
/// # Errors
/// When the host does not take the head of the answer.
pub async fn pass(request: Request) -> Result<Response, ErrorCode> {
    let content_type =
        header(&request, "content-type").unwrap_or_else(|| program::UNTYPED.to_vec());
    let (_heard, received) = wit_future::new(|| Ok(()));
    let (contents, trailers) = Request::consume_body(request, received);
    let (response, _sent) = Response::new(
        fields(&program::typed(content_type))?,
        Some(contents),
        trailers,
    );
    Ok(response)
}

/// Answers one request as `p3/join`.
///
/// # Errors
/// When the host does not take the head of the answer.
pub async fn join(request: Request) -> Result<Response, ErrorCode> {
    let text = |name| {
        header(&request, name)
            .and_then(|value| String::from_utf8(value).ok())
            .unwrap_or_default()
    };
    let origins = text("x-origins");
    let below = text("x-below-ms").parse().ok();
    let answer = program::join(&origins, below, &Outgoing, &MonotonicClock).await;
    respond(
        program::typed(b"text/plain".to_vec()),
        async move |output| output.write(answer).await,
    )
}

fn header(request: &Request, name: &str) -> Option<Vec<u8>> {
    request.get_headers().get(name).into_iter().next()
}

fn fields(headers: &[program::Header]) -> Result<Fields, ErrorCode> {
    Fields::from_list(headers)
        .map_err(|_| ErrorCode::InternalError(Some("cannot make a response".to_string())))
}

/// Gives back the head of the answer, and lets its body follow.
fn respond(
    headers: Vec<program::Header>,
    body: impl AsyncFnOnce(&mut Writer) -> Result<(), Broken> + 'static,
) -> Result<Response, ErrorCode> {
    let headers = fields(&headers)?;
    let (writer, contents) = wit_stream::new();
    let (ended, trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(headers, Some(contents), trailers);
    spawn_local(async move {
        let mut output = Writer(writer);
        let done = body(&mut output).await;
        drop(output);
        // An error ends the connection, so that the client sees that the body
        // is incomplete. Nobody takes it when the client is gone.
        let told = match done {
            Ok(()) => Ok(None),
            Err(Broken) => Err(ErrorCode::InternalError(Some("broken body".to_string()))),
        };
        drop(ended.write(told).await);
    });
    Ok(response)
}

/// `wasi:http/client`.
struct Outgoing;

impl Client for Outgoing {
    async fn get(&self, authority: &str, path: &str) -> Result<Answer, String> {
        let refused = |()| "refused by a setter".to_string();
        let named = |error: ErrorCode| error_name(&format!("{error:?}"));
        let (_no_trailers, trailers) = wit_future::new(|| Ok(None));
        let (request, _sent) = Request::new(Fields::new(), None, trailers, None);
        request.set_scheme(Some(&Scheme::Http)).map_err(refused)?;
        request.set_authority(Some(authority)).map_err(refused)?;
        request.set_path_with_query(Some(path)).map_err(refused)?;
        let response = client::send(request).await.map_err(named)?;

        let status = response.get_status_code();
        let (_heard, received) = wit_future::new(|| Ok(()));
        let (reader, end) = Response::consume_body(response, received);
        let mut input = Told {
            reader: Reader(reader),
            end: Some(end),
        };
        let mut body = Vec::new();
        loop {
            let bytes = input
                .read()
                .await
                .map_err(|Broken| "broken body".to_string())?;
            if bytes.is_empty() {
                return Ok(Answer { status, body });
            }
            body.extend_from_slice(&bytes);
        }
    }
}
