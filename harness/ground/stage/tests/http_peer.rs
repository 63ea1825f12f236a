//! http peers, against requests written byte by byte.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use assay_stage::Peers;
use assay_stage::script::{CannedResponse, Peer, PeerKind, Trickle};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use support::{LOOPBACK, far, soon};

/// SHA-256 of "abc" (FIPS 180-4).
const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn answer(path: &str, body: &str) -> CannedResponse {
    CannedResponse {
        path: path.to_owned(),
        status: 200,
        headers: vec![("content-type".to_owned(), b"text/plain".to_vec())],
        body: body.as_bytes().to_vec(),
        delay: Duration::ZERO,
        body_delay: Duration::ZERO,
        trickle: None,
    }
}

fn start(responses: Vec<CannedResponse>, deadline: Instant) -> Peers {
    let kind = PeerKind::Http {
        address: LOOPBACK,
        responses,
    };
    let name = "origin".to_owned();
    Peers::start(&[Peer { name, kind }], deadline).unwrap()
}

fn connect(peers: &Peers) -> TcpStream {
    TcpStream::connect(&peers.placeholders()["origin"]).unwrap()
}

/// Sends on a new connection and returns all that comes back.
fn exchange(peers: &Peers, request: &str) -> String {
    let mut stream = connect(peers);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn transcript(peers: Peers) -> String {
    let finished = peers.finish_with_problems();
    assert_eq!(finished.problems, Vec::<String>::new());
    String::from_utf8(finished.received["origin"].clone()).unwrap()
}

#[test]
fn paths_have_their_answers() {
    let peers = start(
        vec![answer("/a", "first"), answer("/a?x=1", "with query")],
        far(),
    );
    let get = |target: &str| {
        exchange(
            &peers,
            &format!("GET {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"),
        )
    };
    assert_eq!(
        get("/a"),
        "HTTP/1.1 200 \r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nfirst"
    );
    assert!(get("/a?x=1").ends_with("\r\n\r\nwith query"));
    assert!(get("/a?x=2").ends_with("\r\n\r\nfirst"));
    assert!(get("/b").starts_with("HTTP/1.1 404 "));
    assert_eq!(
        transcript(peers),
        "GET /a {} 0\nGET /a?x=1 {} 0\nGET /a?x=2 {} 0\nGET /b {} 0\n"
    );
}

#[test]
fn requests_are_written_down_in_one_form() {
    let peers = start(vec![answer("/", "")], far());
    let first = "POST / HTTP/1.1\r\nHost: h\r\nX-B: 2\r\nX-A: \x01\"\r\nX-B: 1\r\nContent-Length: 3\r\n\r\nabc";
    let second = "POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nx-sum: 7\r\n\r\n";
    // Both on one connection, at once.
    let both = exchange(&peers, &(first.replace('\x01', "\t") + second));
    assert_eq!(both.matches("HTTP/1.1 200").count(), 2);
    assert_eq!(
        transcript(peers),
        format!(
            "POST / {{x-a: \"\\\"\", x-b: \"2\", x-b: \"1\"}} 3 {ABC}\n\
             POST / {{}} 3 {ABC} trailers {{x-sum: \"7\"}}\n"
        )
    );
}

#[test]
fn a_head_request_has_no_content() {
    let peers = start(vec![answer("/", "body")], far());
    let answer = exchange(
        &peers,
        "HEAD / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.ends_with("content-length: 4\r\n\r\n"), "{answer}");
}

#[test]
fn a_request_that_breaks_off_is_incomplete() {
    let peers = start(vec![answer("/", "")], far());
    let mut stream = connect(&peers);
    stream
        .write_all(b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nabc")
        .unwrap();
    drop(stream);
    assert_eq!(transcript(peers), "POST / {} incomplete\n");
}

#[test]
fn delays_and_trickle_are_at_least_that_long() {
    let peers = start(
        vec![CannedResponse {
            delay: Duration::from_millis(30),
            body_delay: Duration::from_millis(30),
            trickle: Some(Trickle {
                bytes: 2,
                pause: Duration::from_millis(20),
            }),
            ..answer("/", "12345")
        }],
        far(),
    );
    let begun = Instant::now();
    let answer = exchange(
        &peers,
        "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.ends_with("\r\n\r\n12345"));
    // Three pieces, two pauses.
    assert!(begun.elapsed() >= Duration::from_millis(100));
}

#[test]
fn a_trickle_comes_in_pieces() {
    let trickle = Some(Trickle {
        bytes: 1,
        pause: Duration::from_secs(3600),
    });
    let peers = start(
        vec![CannedResponse {
            trickle,
            ..answer("/", "12")
        }],
        far(),
    );
    let mut stream = connect(&peers);
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
        .unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n1") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    // The second byte is an hour away, and the end of the guest ends the wait.
    drop(stream);
    assert_eq!(transcript(peers), "GET / {} 0\n");
}

#[test]
fn many_at_once_are_sorted() {
    let peers = start(vec![answer("/", "")], far());
    std::thread::scope(|scope| {
        for number in 0..50 {
            let peers = &peers;
            scope.spawn(move || {
                exchange(
                    peers,
                    &format!("GET /{number:02} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"),
                )
            });
        }
    });
    let expected: String = (0..50).map(|n| format!("GET /{n:02} {{}} 0\n")).collect();
    assert_eq!(transcript(peers), expected);
}

#[test]
fn what_is_not_http_is_a_problem() {
    let peers = start(vec![], far());
    let mut stream = connect(&peers);
    stream
        .write_all(b"\x16\x03\x01\x00\x05hello\r\n\r\n")
        .unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    let finished = peers.finish_with_problems();
    assert_eq!(finished.received["origin"], b"");
    assert!(
        finished.problems[0].starts_with("peer 'origin': not a request of HTTP/1"),
        "{:?}",
        finished.problems
    );
}

#[test]
fn an_open_connection_does_not_hold_up_the_end() {
    let peers = start(vec![answer("/", "")], soon());
    let idle = connect(&peers);
    let mut half = connect(&peers);
    half.write_all(b"GET / HT").unwrap();
    let begun = Instant::now();
    let finished = peers.finish_with_problems();
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(finished.received["origin"], b"");
    drop((idle, half));
}
