//! Clients that are slow, that leave, and that come in crowds.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use assay_load::clock::{self, deadline_in};
use assay_load::{
    Body, Encoded, Ending, ErrorKind, ExchangeError, Limits, Manner, Phase, Request, Response,
    connect, exchange_in_manner, exchange_new_connection, exchange_together,
};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use support::{Server, echo_chunks, read_head};

const SOON: Duration = Duration::from_secs(10);

fn visit(addr: SocketAddr, request: &Encoded, manner: Manner) -> Result<Ending, ExchangeError> {
    let deadline = deadline_in(SOON);
    let stream = connect(addr, request, deadline)?;
    exchange_in_manner(stream, request, &Limits::default(), &manner, deadline)
}

fn answered(ending: Ending) -> Response {
    match ending {
        Ending::Answered(response) => *response,
        Ending::Gone => panic!("the client left"),
    }
}

fn chunked(data: &[u8], chunk: usize) -> Encoded {
    let body = Body::Chunked {
        data: data.to_vec(),
        chunk,
        trailers: vec![("X-End".into(), b"of it".to_vec())],
    };
    Request::post("/", body).encode("localhost").unwrap()
}

#[test]
fn a_slow_sender_pauses_behind_its_head_and_each_chunk() {
    let server = Server::once(echo_chunks);
    let manner = Manner {
        send_pause: Duration::from_millis(20),
        ..Manner::default()
    };
    let started = clock::now();
    let response = answered(visit(server.addr, &chunked(b"abcdefgh", 3), manner).unwrap());
    // Head, three chunks, last chunk: four pauses before the last of them.
    assert!(clock::now().since(started) >= Duration::from_millis(80));
    assert_eq!(response.body, b"abcdefgh");
    assert_eq!(response.trailers, [("X-End".into(), b"of it".to_vec())]);
    assert!(response.request_sent);
    server.join();
}

#[test]
fn a_slow_sender_reads_at_once() {
    // The server answers after the head: nobody waits for the long rest.
    let server = Server::answering(
        vec![b"HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n".to_vec()],
        Duration::ZERO,
    );
    let manner = Manner {
        send_pause: Duration::from_secs(60),
        send_piece: 1,
        ..Manner::default()
    };
    let request = Request::post("/", Body::Sized(vec![0; 100]));
    let response =
        answered(visit(server.addr, &request.encode("localhost").unwrap(), manner).unwrap());
    assert_eq!((response.status, response.request_sent), (413, false));
    server.join();
}

#[test]
fn raw_bytes_go_out_as_they_are_in_pieces() {
    let server = Server::once(|mut stream| {
        assert_eq!(read_head(&mut stream), "get  /?\r\nx\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
    });
    let manner = Manner {
        send_pause: Duration::from_millis(1),
        send_piece: 2,
        ..Manner::default()
    };
    let raw = Encoded::raw(b"get  /?\r\nx\r\n\r\n".to_vec());
    assert_eq!(
        answered(visit(server.addr, &raw, manner).unwrap()).status,
        400
    );
    server.join();
}

#[test]
fn a_slow_reader_gets_everything_and_is_felt() {
    const BODY: usize = 8 << 20;
    let server = Server::once(|mut stream| {
        read_head(&mut stream);
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\n\r\n").unwrap();
        let body: Vec<u8> = (0..BODY).map(|i| (i / 251) as u8).collect();
        stream.write_all(&body).unwrap();
    });
    let manner = Manner {
        read_pause: Duration::from_micros(100),
        ..Manner::default()
    };
    let started = clock::now();
    let get = Request::get("/").encode("localhost").unwrap();
    let response = answered(visit(server.addr, &get, manner).unwrap());
    // At least 2,048 reads of 4 KiB, each with its pause.
    assert!(clock::now().since(started) >= Duration::from_millis(200));
    assert_eq!(response.body.len(), BODY);
    assert!(
        response
            .body
            .iter()
            .enumerate()
            .all(|(i, &b)| b == (i / 251) as u8)
    );
    server.join();
}

#[test]
fn a_client_leaves_after_as_many_bytes_as_told() {
    let server = Server::once(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        // What comes of writing on and on to a client that is gone.
        let error = (0..).find_map(|_| stream.write_all(&[b'x'; 4096]).err());
        let kind = error.unwrap().kind();
        let gone = [
            std::io::ErrorKind::BrokenPipe,
            std::io::ErrorKind::ConnectionReset,
        ];
        assert!(gone.contains(&kind), "{kind}");
    });
    let manner = Manner {
        leave_after: Some(100_000),
        ..Manner::default()
    };
    let get = Request::get("/").encode("localhost").unwrap();
    assert_eq!(visit(server.addr, &get, manner).unwrap(), Ending::Gone);
    server.join();
}

#[test]
fn a_client_that_leaves_at_once_sends_its_head_alone() {
    let server = Server::once(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        assert!(
            all.ends_with(b"Transfer-Encoding: chunked\r\n\r\n"),
            "{all:?}"
        );
    });
    let manner = Manner {
        leave_after: Some(0),
        ..Manner::default()
    };
    let ending = visit(server.addr, &chunked(b"never sent", 5), manner).unwrap();
    assert_eq!(ending, Ending::Gone);
    server.join();
}

#[test]
fn who_is_answered_before_leaving_was_answered() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    let leaving = |after| {
        let server = Server::answering(vec![answer.to_vec()], Duration::ZERO);
        let manner = Manner {
            leave_after: Some(after),
            ..Manner::default()
        };
        let get = Request::get("/").encode("localhost").unwrap();
        let ending = visit(server.addr, &get, manner).unwrap();
        server.join();
        ending
    };
    let all = answer.len() as u64;
    assert_eq!(answered(leaving(all + 1)).body, b"x");
    assert_eq!(leaving(all), Ending::Gone);
    assert_eq!(leaving(1), Ending::Gone);
}

#[test]
fn an_answer_that_breaks_off_is_aborted_and_others_are_not() {
    let against = |answer: &[u8], reset: bool| {
        let answer = answer.to_vec();
        let server = Server::once(move |mut stream| {
            if !reset {
                read_head(&mut stream);
            }
            stream.write_all(&answer).unwrap();
            if reset {
                // Closing with an unread request sends a reset.
                while stream.peek(&mut [0]).unwrap() == 0 {}
            }
        });
        let error = exchange_new_connection(server.addr, &Request::get("/"), deadline_in(SOON))
            .unwrap_err();
        server.join();
        error
    };
    let chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    let length = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    for reset in [false, true] {
        assert_eq!(against(chunk, reset).aborted(), Some(Phase::Body));
        assert_eq!(against(length, reset).aborted(), Some(Phase::Body));
        assert_eq!(against(b"HTTP/1.1 2", reset).aborted(), Some(Phase::Head));
    }
    let malformed = against(b"HTTP/1.1 20x OK\r\n\r\n", false);
    assert_eq!(
        (malformed.kind(), malformed.aborted()),
        (ErrorKind::Malformed, None)
    );
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = exchange_new_connection(nobody, &Request::get("/"), deadline_in(SOON));
    assert_eq!(refused.unwrap_err().aborted(), None);
}

#[test]
fn a_crowd_is_there_at_the_same_time() {
    const CROWD: usize = 50;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    // Answers nobody until everybody has asked; the last is answered wrongly.
    let server = std::thread::spawn(move || {
        let mut streams: Vec<_> = (0..CROWD).map(|_| listener.accept().unwrap().0).collect();
        for stream in &mut streams {
            stream.set_read_timeout(Some(SOON)).unwrap();
            read_head(stream);
        }
        for (index, stream) in streams.iter_mut().enumerate() {
            let length = if index + 1 == CROWD { 3 } else { 2 };
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhi"
            )
            .unwrap();
        }
    });
    let get = Request::get("/").encode("localhost").unwrap();
    let manner = Manner::default();
    let limits = Limits::default();
    let results =
        exchange_together(addr, &get, &limits, &manner, CROWD, deadline_in(SOON)).unwrap();
    server.join().unwrap();
    assert_eq!(results.len(), CROWD);
    for (index, result) in results.into_iter().enumerate() {
        if index + 1 == CROWD {
            assert_eq!(result.unwrap_err().aborted(), Some(Phase::Body));
        } else {
            assert_eq!(answered(result.unwrap()).body, b"hi");
        }
    }
}

#[test]
fn a_deadline_ends_every_manner() {
    let server = Server::once(|mut stream| {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
    });
    let get = Request::post("/", Body::Sized(vec![1; 50]))
        .encode("h")
        .unwrap();
    let manner = Manner {
        send_pause: Duration::from_secs(60),
        read_pause: Duration::from_secs(60),
        ..Manner::default()
    };
    let deadline = deadline_in(Duration::from_millis(50));
    let stream = connect(server.addr, &get, deadline).unwrap();
    let error = exchange_in_manner(stream, &get, &Limits::default(), &manner, deadline);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Deadline);
    server.join();
}
