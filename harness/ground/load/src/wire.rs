//! Requests and responses as they cross the wire between the harness and the
//! launcher.

use crate::request::{Body, Request};
use crate::response::Response;
use assay_wire::launcher::{HttpRequest, HttpResponse};

impl From<&HttpRequest> for Request {
    fn from(request: &HttpRequest) -> Request {
        let body = match request.chunk {
            Some(chunk) => Body::Chunked {
                data: request.body.clone(),
                chunk: chunk as usize,
                trailers: Vec::new(),
            },
            None if request.body.is_empty() => Body::None,
            None => Body::Sized(request.body.clone()),
        };
        Request {
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            body,
        }
    }
}

impl From<Response> for HttpResponse {
    fn from(response: Response) -> HttpResponse {
        HttpResponse {
            status: response.status,
            headers: response.headers,
            body: response.body,
            trailers: response.trailers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_framed_as_the_request_says() {
        let framed = |body: &str, chunk| {
            let request = HttpRequest {
                method: "PUT".to_owned(),
                target: "/".to_owned(),
                headers: Vec::new(),
                body: body.into(),
                chunk,
            };
            Request::from(&request).body
        };
        assert_eq!(framed("", None), Body::None);
        assert_eq!(framed("ab", None), Body::Sized(b"ab".to_vec()));
        let chunked = |data: &str| Body::Chunked {
            data: data.into(),
            chunk: 7,
            trailers: Vec::new(),
        };
        assert_eq!(framed("ab", Some(7)), chunked("ab"));
        assert_eq!(framed("", Some(7)), chunked(""));
    }
}
