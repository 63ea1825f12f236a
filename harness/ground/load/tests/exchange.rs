//! Exchanges over real connections, with servers of every temper.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use assay_load::clock::{self, deadline_in};
use assay_load::{
    Body, ErrorKind, ExchangeError, Limits, Nanos, Phase, Request, Response, exchange,
    exchange_encoded, exchange_new_connection,
};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use support::{Server, echo_chunks, read_head};

const SOON: Duration = Duration::from_secs(10);

fn get(addr: SocketAddr) -> Result<Response, ExchangeError> {
    exchange_new_connection(addr, &Request::get("/"), deadline_in(SOON))
}

/// Sends `answer` in one piece, and in pieces of three bytes.
fn both_ways(answer: &[u8]) -> Response {
    let whole = Server::answering(vec![answer.to_vec()], Duration::ZERO);
    let dribble = Server::answering(
        answer.chunks(3).map(<[u8]>::to_vec).collect(),
        Duration::from_millis(1),
    );
    let (a, b) = (get(whole.addr).unwrap(), get(dribble.addr).unwrap());
    whole.join();
    dribble.join();
    let same = Response {
        first_byte_at: a.first_byte_at,
        complete_at: a.complete_at,
        ..b.clone()
    };
    assert_eq!(a, same);
    assert!(
        b.first_byte_at < b.complete_at,
        "dribbled over several reads"
    );
    a
}

#[test]
fn a_length_delimits() {
    let response = both_ways(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    assert_eq!(response.body, b"hello");
    assert!(response.reusable && response.request_sent);
}

#[test]
fn chunks_delimit_and_carry_trailers() {
    let response = both_ways(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n\
          3\r\nhel\r\n2\r\nlo\r\n0\r\nSum: abc\r\nsum: d\r\n\r\n",
    );
    assert_eq!(response.body, b"hello");
    let trailers = [("Sum", b"abc".to_vec()), ("sum", b"d".to_vec())];
    assert_eq!(response.trailers, trailers.map(|(n, v)| (n.to_owned(), v)));
    assert!(response.reusable);
}

#[test]
fn the_close_delimits() {
    let response = both_ways(b"HTTP/1.0 200 OK\r\n\r\nhello");
    assert_eq!(response.body, b"hello");
    assert!(!response.reusable);
}

#[test]
fn interim_responses_are_passed_over() {
    let response = both_ways(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n\
          HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    );
    assert_eq!((response.status, response.interim), (204, vec![100, 103]));
}

#[test]
fn a_head_response_is_complete_without_its_content() {
    // The server keeps the connection open: waiting for content would hang.
    let server = Server::once(|mut stream| {
        assert!(read_head(&mut stream).starts_with("HEAD /x HTTP/1.1\r\n"));
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            .unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "client closes first");
    });
    let mut request = Request::get("/x");
    request.method = "HEAD".into();
    let response = exchange_new_connection(server.addr, &request, deadline_in(SOON)).unwrap();
    assert_eq!((response.status, response.body.len()), (200, 0));
    server.join();
}

#[test]
fn two_exchanges_share_a_connection() {
    let server = Server::once(|mut stream| {
        for body in ["one", "two"] {
            let head = read_head(&mut stream);
            assert!(head.starts_with(&format!("GET /{body} ")), "{head}");
            let port = stream.local_addr().unwrap().port();
            assert!(head.contains(&format!("\r\nHost: 127.0.0.1:{port}\r\n")));
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{body}").unwrap();
        }
    });
    let stream = TcpStream::connect(server.addr).unwrap();
    for body in ["one", "two"] {
        let request = Request::get(format!("/{body}"));
        let response = exchange(&stream, &request, deadline_in(SOON)).unwrap();
        assert_eq!(response.body, body.as_bytes());
        assert!(response.reusable);
    }
    server.join();
}

#[test]
fn a_streaming_echo_of_4_mib_does_not_deadlock() {
    let data: Vec<u8> = (0..4_u32 << 20).map(|i| ((i * 31) >> 5) as u8).collect();
    for chunk in [4093, 64 << 10] {
        let server = Server::once(echo_chunks);
        let body = Body::Chunked {
            data: data.clone(),
            chunk,
            trailers: vec![("X-Sum".into(), b"42".to_vec())],
        };
        let request = Request::post("/echo", body);
        let response = exchange_new_connection(server.addr, &request, deadline_in(SOON)).unwrap();
        assert!(response.body == data, "content differs");
        assert_eq!(response.trailers, [("X-Sum".into(), b"42".to_vec())]);
        assert!(response.request_sent && response.reusable);
        server.join();
    }
}

#[test]
fn a_sized_body_arrives_whole() {
    let data = vec![7_u8; 1 << 20];
    let sent = data.clone();
    let server = Server::once(move |mut stream| {
        let head = read_head(&mut stream);
        assert!(head.contains("Content-Length: 1048576\r\n"), "{head}");
        let mut body = vec![0; 1 << 20];
        stream.read_exact(&mut body).unwrap();
        assert!(body == sent);
        stream
            .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
    });
    let request = Request::post("/", Body::Sized(data));
    let response = exchange_new_connection(server.addr, &request, deadline_in(SOON)).unwrap();
    assert_eq!(response.status, 201);
    server.join();
}

#[test]
fn an_early_response_is_taken_although_the_request_is_not_out() {
    let server = Server::once(|mut stream| {
        read_head(&mut stream);
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            .unwrap();
        // Reads nothing: the rest of the request stays stuck.
        std::thread::sleep(Duration::from_millis(300));
    });
    let request = Request::post("/", Body::Sized(vec![0; 32 << 20]));
    let response = exchange_new_connection(server.addr, &request, deadline_in(SOON)).unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (413, &b"no"[..])
    );
    assert!(!response.request_sent && !response.reusable);
    server.join();
}

#[test]
fn a_half_closed_answer_is_still_read_after_the_server_stops_reading() {
    let server = Server::once(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\nwhy").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // Linger reading, as RFC 9112 §9.6 advises, then stop.
        let mut sink = vec![0; 1 << 16];
        while stream.read(&mut sink).is_ok_and(|n| n > 0) {}
    });
    let request = Request::post("/", Body::Sized(vec![0; 8 << 20]));
    let response = exchange_new_connection(server.addr, &request, deadline_in(SOON)).unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (400, &b"why"[..])
    );
    server.join();
}

#[test]
fn stamps_tell_a_slow_writer() {
    let gap = Duration::from_millis(40);
    let server = Server::answering(
        vec![
            b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".to_vec(),
            b"a".to_vec(),
            b"b".to_vec(),
        ],
        gap,
    );
    let start = clock::now();
    let response = get(server.addr).unwrap();
    let end = clock::now();
    assert!(response.first_byte_at.since(start) >= gap, "not the 100");
    assert!(response.complete_at.since(response.first_byte_at) >= gap * 2);
    assert!(response.complete_at <= end);
    server.join();
}

#[test]
fn an_early_close_says_how_far_it_came() {
    for (answer, phase, received) in [
        (&b""[..], Phase::Head, 0),
        (b"HTTP/1.1 200 OK\r\nCont", Phase::Head, 21),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            Phase::Body,
            41,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTra",
            Phase::Trailers,
            53,
        ),
    ] {
        let server = Server::answering(vec![answer.to_vec()], Duration::ZERO);
        match get(server.addr) {
            Err(ExchangeError::Incomplete {
                phase: p,
                received: r,
                ..
            }) => assert_eq!((p, r), (phase, received)),
            other => panic!("{other:?}"),
        }
        server.join();
    }
}

#[test]
fn garbage_is_malformed_at_once() {
    for answer in ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n", "\0\0\0"] {
        let server = Server::once(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            // Stays open: the client must not need the end to see it.
            assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
        });
        let error = get(server.addr).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{answer:?}: {error}");
        server.join();
    }
}

#[test]
fn a_reset_is_an_io_error() {
    let server = Server::once(|stream| {
        // Closing with unread input makes the kernel send a reset.
        std::thread::sleep(Duration::from_millis(50));
        drop(stream);
    });
    let error = get(server.addr).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    server.join();
}

#[test]
fn the_deadline_ends_silence_and_endless_talk() {
    let silent = Server::once(|mut stream| {
        read_head(&mut stream);
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "client gives up");
    });
    let talking = Server::once(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b"more").is_ok() {
            std::thread::sleep(Duration::from_micros(100));
        }
    });
    for server in [silent, talking] {
        let start = Instant::now();
        let deadline = deadline_in(Duration::from_millis(100));
        let error = exchange_new_connection(server.addr, &Request::get("/"), deadline).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
        assert!(start.elapsed() >= Duration::from_millis(99));
        assert!(start.elapsed() < Duration::from_secs(5));
        server.join();
    }
}

#[test]
fn a_stuck_request_meets_the_deadline_and_says_how_much_was_sent() {
    let server = Server::once(|mut stream| {
        read_head(&mut stream);
        std::thread::sleep(Duration::from_millis(300));
    });
    let request = Request::post("/", Body::Sized(vec![0; 32 << 20]));
    let deadline = deadline_in(Duration::from_millis(150));
    match exchange_new_connection(server.addr, &request, deadline) {
        Err(ExchangeError::Deadline {
            sent,
            to_send,
            received: 0,
            ..
        }) => {
            assert!(sent > 0 && sent < to_send, "{sent} of {to_send}");
        }
        other => panic!("{other:?}"),
    }
    server.join();
}

#[test]
fn the_limit_of_the_caller_counts() {
    let server = Server::answering(
        vec![b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec()],
        Duration::ZERO,
    );
    let stream = TcpStream::connect(server.addr).unwrap();
    let encoded = Request::get("/").encode("x").unwrap();
    let limits = Limits {
        body: 8,
        ..Limits::default()
    };
    let error = exchange_encoded(&stream, &encoded, &limits, deadline_in(SOON)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    server.join();
}

#[test]
fn nobody_there_is_a_connect_error_that_names_the_place() {
    let addr = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let error = get(addr).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains(&addr.to_string()), "{error}");
}

#[test]
fn a_deadline_in_the_past_sends_no_answer() {
    let server = Server::once(|mut stream| {
        let _ = stream.read(&mut [0]);
    });
    let stream = TcpStream::connect(server.addr).unwrap();
    let error = exchange(&stream, &Request::get("/"), Nanos(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    drop(stream);
    server.join();
}
