//! The load generator against servers that stall, lie and close.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use assay_load::open_loop::{Arrivals, Load, LoadError, LoadResult, run};
use assay_load::{Body, ErrorKind, Limits, Request, Response};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use support::read_head_or_end;

/// Answers `GET`s on any number of connections; `answer` gets the running
/// number of the request, from 0, and may sleep. `None` closes the connection.
fn server(answer: impl Fn(u64) -> Option<Vec<u8>> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let shared = Arc::new((answer, AtomicU64::new(0)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                let mut stream: TcpStream = stream.unwrap();
                stream.set_nodelay(true).unwrap();
                while read_head_or_end(&mut stream).is_some() {
                    let number = shared.1.fetch_add(1, Ordering::Relaxed);
                    match (shared.0)(number) {
                        Some(bytes) if stream.write_all(&bytes).is_ok() => {}
                        _ => return,
                    }
                }
            });
        }
    });
    addr
}

fn ok(body: &str) -> Option<Vec<u8>> {
    let length = body.len();
    Some(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
}

fn load(addr: SocketAddr) -> Load {
    Load {
        addr,
        request: Request::get("/"),
        arrivals: Arrivals::Constant,
        rate: 1000.0,
        max_requests: 300,
        max_time: Duration::from_secs(5),
        connections: 4,
        timeout: Duration::from_secs(5),
        limits: Limits::default(),
    }
}

fn is_hello(response: &Response) -> bool {
    response.status == 200 && response.body == b"hello"
}

fn assert_all_counted(result: &LoadResult) {
    assert_eq!(result.due, result.correct + result.failed(), "{result:?}");
    assert_eq!(result.lateness.count(), result.due);
    assert_eq!(result.latency.count(), result.correct + result.censored);
    assert_eq!(result.service.count(), result.correct);
}

#[test]
fn a_good_server_gets_all_of_it_on_time() {
    let addr = server(|_| ok("hello"));
    for arrivals in [Arrivals::Constant, Arrivals::Poisson { seed: 3 }] {
        let result = run(
            &Load {
                arrivals,
                ..load(addr)
            },
            is_hello,
        )
        .unwrap();
        assert_eq!((result.due, result.correct, result.failed()), (300, 300, 0));
        assert_eq!(
            (result.reconnects, result.first_failure.as_deref()),
            (0, None)
        );
        assert_all_counted(&result);
        // 300 arrivals at 1000/s; Poisson's sum varies by 6 %, and the machine
        // may be busy, which only ever makes it slower.
        let offered = result.offered().unwrap();
        assert!(offered < 1300.0 && offered > 300.0, "{offered}");
        assert!(result.achieved().unwrap() <= offered * 1.1);
        let p50 = |d: &assay_load::open_loop::Distribution| d.quantile(0.5).unwrap();
        assert!(p50(&result.latency) >= p50(&result.service));
    }
}

#[test]
fn a_stall_counts_for_everybody_who_came_meanwhile() {
    // One connection, and the 50th answer takes 300 ms: at 1000/s some 300
    // requests are due meanwhile. A closed loop would see one slow answer.
    let stall = Duration::from_millis(300);
    let addr = server(move |number| {
        if number == 50 {
            std::thread::sleep(stall);
        }
        ok("hello")
    });
    let config = Load {
        connections: 1,
        max_requests: 500,
        ..load(addr)
    };
    let result = run(&config, is_hello).unwrap();
    assert_all_counted(&result);
    assert_eq!(result.correct, 500);
    let above = |d: &assay_load::open_loop::Distribution, ms: u64| {
        let histogram = d.histogram();
        histogram.len() - histogram.count_between(0, ms * 1_000_000)
    };
    assert!(result.latency.max().unwrap() >= stall);
    // Those due in the first 200 ms of the stall waited for more than 100 ms.
    assert!(
        above(&result.latency, 100) >= 190,
        "{}",
        above(&result.latency, 100)
    );
    assert!(
        above(&result.service, 100) < 20,
        "{}",
        above(&result.service, 100)
    );
    // Nor is the wait for the connection the generator's lateness, which grows
    // on a busy machine, as everything does.
    let late = result.lateness.quantile(0.9).unwrap();
    let waited = result.latency.quantile(0.9).unwrap();
    assert!(late < waited / 2, "{late:?} of {waited:?}");
}

#[test]
fn wrong_answers_are_not_throughput() {
    let addr = server(|number| ok(if number % 3 == 0 { "HELLO" } else { "hello" }));
    let result = run(&load(addr), is_hello).unwrap();
    assert_eq!((result.correct, result.wrong), (200, 100));
    assert!(result.first_failure.as_deref().unwrap().contains("200"));
    assert_all_counted(&result);
}

#[test]
fn a_silent_server_ends_with_censored_latencies() {
    // It never answers, so a run that waited for it would never end.
    let addr = server(|_| {
        loop {
            std::thread::park();
        }
    });
    let timeout = Duration::from_millis(100);
    let config = Load {
        timeout,
        max_requests: 50,
        ..load(addr)
    };
    let result = run(&config, is_hello).unwrap();
    assert_eq!(result.errors.get(&ErrorKind::Deadline), Some(&50));
    assert_eq!((result.correct, result.censored), (0, 50));
    assert_all_counted(&result);
    assert!(result.latency.quantile(0.0).unwrap() >= timeout - timeout / 100);
    assert!(result.first_failure.is_some());
}

#[test]
fn a_server_that_closes_is_connected_to_again() {
    let addr = server(|_| {
        Some(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello".to_vec())
    });
    let result = run(&load(addr), is_hello).unwrap();
    assert_eq!(result.correct, 300, "{:?}", result.first_failure);
    // All but the four that were there at the start.
    assert_eq!(result.reconnects, 296);
}

#[test]
fn broken_answers_are_told_by_kind() {
    let addr = server(|number| match number % 3 {
        0 => Some(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n".to_vec()),
        1 => None,
        _ => ok("hello"),
    });
    let result = run(&load(addr), is_hello).unwrap();
    assert_all_counted(&result);
    assert_eq!(result.correct, 100);
    assert_eq!(result.errors.get(&ErrorKind::Malformed), Some(&100));
    assert_eq!(result.errors.get(&ErrorKind::Incomplete), Some(&100));
}

#[test]
fn time_bounds_the_run_as_well() {
    let addr = server(|_| ok("hello"));
    let config = Load {
        max_requests: u64::MAX,
        max_time: Duration::from_millis(100),
        ..load(addr)
    };
    assert_eq!(run(&config, is_hello).unwrap().due, 101);
}

#[test]
fn a_body_that_is_larger_than_the_buffers_goes_through() {
    let addr = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || support::echo_chunks(stream.unwrap()));
            }
        });
        addr
    };
    let data: Vec<u8> = (0..3_u32 << 20).map(|i| (i >> 3) as u8).collect();
    let body = Body::Chunked {
        data: data.clone(),
        chunk: 8192,
        trailers: vec![],
    };
    let config = Load {
        request: Request::post("/", body),
        max_requests: 2,
        connections: 2,
        ..load(addr)
    };
    let result = run(&config, move |response| response.body == data).unwrap();
    assert_eq!(result.correct, 2, "{:?}", result.first_failure);
}

#[test]
fn load_is_only_for_this_machine() {
    for addr in ["192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80"] {
        let error = run(&load(addr.parse().unwrap()), is_hello).unwrap_err();
        assert!(matches!(error, LoadError::NotLoopback { .. }), "{error}");
    }
    let mapped: SocketAddr = "[::ffff:127.0.0.1]:1".parse().unwrap();
    let error = run(&load(mapped), is_hello).unwrap_err();
    assert!(matches!(error, LoadError::Connect { .. }), "{error}");
}

#[test]
fn nonsense_is_refused() {
    let good = load(server(|_| ok("hello")));
    for bad in [
        Load {
            rate: 0.0,
            ..good.clone()
        },
        Load {
            rate: f64::NAN,
            ..good.clone()
        },
        Load {
            rate: f64::INFINITY,
            ..good.clone()
        },
        Load {
            max_requests: 0,
            ..good.clone()
        },
        Load {
            max_time: Duration::ZERO,
            ..good.clone()
        },
        Load {
            connections: 0,
            ..good.clone()
        },
        Load {
            timeout: Duration::ZERO,
            ..good.clone()
        },
        Load {
            request: Request::get(""),
            ..good.clone()
        },
    ] {
        let error = run(&bad, is_hello).unwrap_err();
        assert!(matches!(error, LoadError::Config { .. }), "{error}");
    }
}
