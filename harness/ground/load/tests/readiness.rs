//! The connect loop against servers that come up late or never.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use assay_load::clock::{self, deadline_in};
use assay_load::{ReadinessError, connect_loop};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

const PERIOD: Duration = Duration::from_micros(100);

/// An address where nobody listens. Another process could take it, but the
/// kernel hands out ports far apart.
fn free_addr() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

#[test]
fn it_connects_soon_after_the_server_binds() {
    let addr = free_addr();
    let server = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        let listener = TcpListener::bind(addr).unwrap();
        let bound = clock::now();
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"hi").unwrap();
        bound
    });
    let connected = connect_loop(addr, PERIOD, deadline_in(Duration::from_secs(5))).unwrap();
    let mut stream = &connected.stream;
    let mut greeting = [0; 2];
    // Blocking again: this read waits for the greeting.
    stream.read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"hi");
    assert!(stream.nodelay().unwrap());
    let bound = server.join().unwrap();
    // The stamp of the server is taken after its listen(2), so the connect may
    // even precede it; on a busy machine it may follow late.
    assert!(connected.at.since(bound) < Duration::from_millis(50));
    assert!(connected.attempts > 20, "{} attempts", connected.attempts);
    assert!(connected.longest_gap >= PERIOD);
    assert_eq!(connected.period, PERIOD);
}

#[test]
fn a_server_that_is_up_needs_one_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let before = clock::now();
    let connected = connect_loop(addr, PERIOD, deadline_in(Duration::from_secs(5))).unwrap();
    assert_eq!(connected.attempts, 1);
    assert_eq!(connected.longest_gap, Duration::ZERO);
    assert!(connected.at >= before && connected.at <= clock::now());
}

#[test]
fn ipv6_works_where_the_machine_has_it() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("skipped: this machine has no IPv6 loopback");
        return;
    };
    let addr = listener.local_addr().unwrap();
    let connected = connect_loop(addr, PERIOD, deadline_in(Duration::from_secs(5))).unwrap();
    assert_eq!(connected.stream.peer_addr().unwrap(), addr);
}

#[test]
fn nobody_comes_up() {
    let addr = free_addr();
    let start = clock::now();
    let deadline = deadline_in(Duration::from_millis(30));
    match connect_loop(addr, PERIOD, deadline) {
        Err(ReadinessError::Deadline {
            attempts,
            last,
            addr: a,
        }) => {
            assert!(attempts > 5 && a == addr);
            assert!(last.contains("refused"), "{last}");
        }
        other => panic!("{other:?}"),
    }
    let took = clock::now().since(start);
    assert!(took >= Duration::from_millis(29) && took < Duration::from_secs(2));
}

#[test]
fn a_period_that_would_be_seen_is_refused() {
    for period in [Duration::ZERO, PERIOD + Duration::from_nanos(1)] {
        let result = connect_loop(free_addr(), period, deadline_in(Duration::ZERO));
        assert!(matches!(result, Err(ReadinessError::Period { .. })));
    }
}

#[test]
fn the_timer_slack_of_the_thread_is_as_before() {
    let before = rustix::thread::current_timer_slack().unwrap();
    let _ = connect_loop(free_addr(), PERIOD, deadline_in(Duration::from_millis(1)));
    assert_eq!(rustix::thread::current_timer_slack().unwrap(), before);
}

/// Nobody listens on the ports of the ephemeral range that this walks over, so
/// the kernel sooner or later connects a socket to itself; the loop must not
/// take that for a server.
#[test]
fn a_socket_connected_to_itself_is_not_a_server() {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
    let low: u16 = range.split_whitespace().next().unwrap().parse().unwrap();
    // connect(2) prefers ports of the parity of the lower bound; trying one of
    // them often enough meets it. 3 s bound the search.
    let addr = SocketAddr::from(([127, 0, 0, 1], low + 4000));
    let deadline = deadline_in(Duration::from_secs(3));
    match connect_loop(addr, Duration::from_micros(1), deadline) {
        Err(ReadinessError::Deadline { .. }) => {}
        Ok(connected) => panic!(
            "connected to {:?} from {:?}",
            connected.stream.peer_addr(),
            connected.stream.local_addr()
        ),
        Err(other) => panic!("{other}"),
    }
}
