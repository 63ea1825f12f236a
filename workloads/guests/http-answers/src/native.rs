//! The shell of the native twin, over the server of the other http guests.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};

use crate::handler::{self, Body, Fields, Head};
use crate::keystream::Keystream;
use crate::tally::Tally;

/// Blocks of 64 bytes in one piece of a key stream.
const BLOCKS: usize = 1024;

/// Answers one request.
pub async fn answer(request: Request<Incoming>) -> Response<Outgoing> {
    let headers = fields(request.headers());
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let uri = request.uri();
    let reply = handler::answer(Head {
        method: request.method().as_str(),
        target: uri.path_and_query().map_or("", |target| target.as_str()),
        authority: uri
            .authority()
            .map_or(host.unwrap_or(""), |authority| authority.as_str()),
        headers: &headers,
    });
    let mut status =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match reply.body {
        Body::Nothing => Outgoing::Bytes(None),
        Body::Text(text) => Outgoing::Bytes(Some(text.into())),
        Body::Keystream { seed, bytes } => Outgoing::Keystream(Keystream::new(seed, bytes)),
        Body::Echo => Outgoing::Passed(request.into_body()),
        Body::Tally => match tally(request.into_body()).await {
            Ok(text) => Outgoing::Bytes(Some(text.into())),
            // The client is gone, or breaks the protocol.
            Err(_) => {
                status = StatusCode::BAD_REQUEST;
                Outgoing::Bytes(None)
            }
        },
    };
    let mut response = Response::new(body);
    for (name, value) in reply.headers {
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(&value),
        ) {
            (Ok(name), Ok(value)) => {
                response.headers_mut().append(name, value);
            }
            // A mistake of the handler; it must be visible to the client.
            _ => status = StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
    *response.status_mut() = status;
    response
}

fn fields(map: &HeaderMap) -> Fields {
    let owned =
        |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.as_bytes().to_vec());
    map.iter().map(owned).collect()
}

async fn tally(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let (mut tally, mut trailers) = (Tally::default(), Fields::new());
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(bytes) => tally.take(&bytes),
            Err(frame) => trailers = frame.trailers_ref().map(fields).unwrap_or_default(),
        }
    }
    Ok(handler::tally(&tally, &trailers))
}

/// The body of a reply as hyper pulls it.
#[derive(Debug)]
pub enum Outgoing {
    /// These bytes, of known length.
    Bytes(Option<Bytes>),
    /// The body of the request, with its trailers.
    Passed(Incoming),
    /// Generated on the way.
    Keystream(Keystream),
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let bytes = match self.get_mut() {
            Self::Bytes(bytes) => bytes.take(),
            Self::Passed(body) => return Pin::new(body).poll_frame(context),
            Self::Keystream(stream) => {
                Some(stream.next(BLOCKS).into()).filter(|bytes: &Bytes| !bytes.is_empty())
            }
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_none(),
            Self::Passed(body) => body.is_end_stream(),
            Self::Keystream(stream) => stream.left() == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            // Unknown on purpose: hyper would turn an exact hint into a
            // content-length, and the component streams without one.
            Self::Passed(_) | Self::Keystream(_) => SizeHint::default(),
        }
    }
}
