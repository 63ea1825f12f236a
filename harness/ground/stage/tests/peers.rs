//! tcp and udp peers, against sockets of the standard library.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use assay_stage::script::{Peer, PeerKind, PeerStep, Side};
use assay_stage::{Peers, StageError, free_ports};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use support::{LOOPBACK, far, receive, send, soon, tcp, to_end, udp};

fn start(peers: &[Peer]) -> Peers {
    Peers::start(peers, far()).unwrap()
}

fn connect(peers: &Peers, name: &str) -> TcpStream {
    TcpStream::connect(&peers.placeholders()[name]).unwrap()
}

#[test]
fn a_conversation_is_followed_and_written_down() {
    let steps = vec![PeerStep::Accept, receive(4), send("pong"), to_end()];
    let peers = start(&[tcp("echo", steps)]);
    let mut stream = connect(&peers, "echo");
    stream.write_all(b"ping").unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"pong");
    stream.write_all(b" and more").unwrap();
    drop(stream);
    let finished = peers.finish_with_problems();
    assert_eq!(finished.received["echo"], b"ping and more");
    assert_eq!(finished.problems, Vec::<String>::new());
}

#[test]
fn what_is_sent_after_the_script_is_written_down_too() {
    let peers = start(&[tcp("a", vec![PeerStep::Accept, send("hello")])]);
    let mut stream = connect(&peers, "a");
    let mut all = String::new();
    // Ends, although the script has no shutdown.
    stream.read_to_string(&mut all).unwrap();
    assert_eq!(all, "hello");
    stream.write_all(b"late").unwrap();
    drop(stream);
    assert_eq!(peers.finish()["a"], b"late");
}

#[test]
fn connections_come_one_after_the_other() {
    let steps = vec![
        PeerStep::Accept,
        to_end(),
        PeerStep::Close,
        PeerStep::Accept,
        to_end(),
    ];
    let peers = start(&[tcp("a", steps)]);
    for text in ["one ", "two"] {
        let mut stream = connect(&peers, "a");
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
    assert_eq!(peers.finish()["a"], b"one two");
}

#[test]
fn a_reset_is_seen_as_one() {
    let peers = start(&[tcp(
        "a",
        vec![PeerStep::Accept, receive(1), PeerStep::Reset],
    )]);
    let mut stream = connect(&peers, "a");
    stream.write_all(b"x").unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(peers.finish()["a"], b"x");
}

#[test]
fn a_half_close_leaves_the_other_half() {
    let steps = vec![PeerStep::Accept, PeerStep::Shutdown(Side::Write), to_end()];
    let peers = start(&[tcp("a", steps)]);
    let mut stream = connect(&peers, "a");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    stream.write_all(b"still here").unwrap();
    drop(stream);
    assert_eq!(peers.finish()["a"], b"still here");
}

#[test]
fn large_answers_wait_for_a_slow_reader() {
    let large = vec![7; 8 << 20];
    let steps = vec![PeerStep::Accept, PeerStep::Send(large.clone())];
    let peers = start(&[tcp("a", steps)]);
    let mut stream = connect(&peers, "a");
    let mut read = Vec::new();
    stream.read_to_end(&mut read).unwrap();
    assert!(read == large);
    drop(stream);
    assert_eq!(peers.finish_with_problems().problems, Vec::<String>::new());
}

#[test]
fn ipv6_has_brackets() {
    let peer = Peer {
        name: "six".to_owned(),
        kind: PeerKind::Tcp {
            address: Ipv6Addr::LOCALHOST.into(),
            steps: vec![PeerStep::Accept, to_end()],
        },
    };
    let peers = start(&[peer]);
    assert!(peers.placeholders()["six"].starts_with("[::1]:"));
    connect(&peers, "six").write_all(b"6").unwrap();
    assert_eq!(peers.finish()["six"], b"6");
}

#[test]
fn datagrams_keep_their_edges() {
    let steps = vec![
        PeerStep::ReceiveDatagram,
        send("pong"),
        PeerStep::ReceiveDatagram,
        PeerStep::ReceiveDatagram,
        send(""),
    ];
    let peers = start(&[udp("u", steps)]);
    let to = &peers.placeholders()["u"];
    let socket = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut buffer = [0; 16];
    socket.send_to(b"ping", to).unwrap();
    let (length, from) = socket.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..length], b"pong");
    assert_eq!(&from.to_string(), to);
    socket.send_to(b"", to).unwrap();
    socket.send_to(b"a,b", to).unwrap();
    // An answer without content is a datagram too.
    assert_eq!(socket.recv_from(&mut buffer).unwrap().0, 0);
    // Nobody asked for this one.
    socket.send_to(b"z", to).unwrap();
    assert_eq!(peers.finish()["u"], b"4:ping,0:,3:a,b,1:z,");
}

#[test]
fn a_guest_that_never_comes_is_not_waited_for() {
    let begun = Instant::now();
    let peers = start(&[
        tcp("t", vec![PeerStep::Accept, receive(1)]),
        udp("u", vec![PeerStep::ReceiveDatagram]),
        tcp("p", vec![PeerStep::Pause(Duration::from_secs(3600))]),
    ]);
    let finished = peers.finish_with_problems();
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "not the deadline"
    );
    assert_eq!(
        finished.problems,
        [
            "peer 't': step 1 (accept a connection): nobody connected: the guest ended first",
            "peer 'u': step 1 (receive a datagram): none came: the guest ended first",
        ]
    );
    assert_eq!(finished.received["t"], b"");
}

#[test]
fn a_guest_that_says_too_little_is_a_problem_with_a_position() {
    let peers = start(&[tcp("a", vec![PeerStep::Accept, receive(4)])]);
    connect(&peers, "a").write_all(b"pi").unwrap();
    let finished = peers.finish_with_problems();
    assert_eq!(finished.received["a"], b"pi");
    assert_eq!(
        finished.problems,
        ["peer 'a': step 2 (receive 4 bytes): the guest ended its side after 2 bytes"]
    );
}

#[test]
fn finish_does_not_outlive_the_deadline() {
    let peers = [tcp("a", vec![PeerStep::Accept, to_end()])];
    let peers = Peers::start(&peers, soon()).unwrap();
    // Somebody who stays connected, and always has more to say.
    let mut stream = connect(&peers, "a");
    let chatty = std::thread::spawn(move || while stream.write_all(&[0; 4096]).is_ok() {});
    let begun = Instant::now();
    let finished = peers.finish_with_problems();
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert!(
        finished.problems[0].starts_with("peer 'a': step 2 (receive everything to the end): "),
        "{:?}",
        finished.problems
    );
    // The peer is gone, so the writer finds nobody.
    chatty.join().unwrap();
}

#[test]
fn dropping_stops_too() {
    let begun = Instant::now();
    drop(start(&[tcp("a", vec![PeerStep::Accept])]));
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_free_port_refuses() {
    let port = free_ports(["nobody"]).unwrap()["nobody"];
    let error = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn scripts_that_make_no_sense_are_refused() {
    let refused = |peers: &[Peer]| Peers::start(peers, far()).unwrap_err().to_string();
    assert_eq!(
        refused(&[tcp("a", vec![send("x")])]),
        "peer 'a', step 1 (send 1 byte): there is no connection; accept one first"
    );
    assert_eq!(
        refused(&[tcp(
            "a",
            vec![PeerStep::Accept, PeerStep::Reset, receive(2)]
        )]),
        "peer 'a', step 3 (receive 2 bytes): there is no connection; accept one first"
    );
    assert_eq!(
        refused(&[udp("a", vec![send("x")])]),
        "peer 'a', step 1 (send 1 byte): there is nobody to answer; receive a datagram first"
    );
    assert!(refused(&[udp("a", vec![PeerStep::Accept])]).contains("no connections"));
    assert!(refused(&[tcp("a", vec![PeerStep::ReceiveDatagram])]).contains("number of bytes"));
    let twice = Peers::start(&[tcp("a", vec![]), udp("a", vec![])], far());
    assert!(matches!(twice, Err(StageError::DuplicatePeer { name }) if name == "a"));
    let outside = Peer {
        name: "o".to_owned(),
        kind: PeerKind::Tcp {
            address: Ipv4Addr::UNSPECIFIED.into(),
            steps: vec![],
        },
    };
    assert!(matches!(
        Peers::start(&[outside], far()),
        Err(StageError::NotLoopback { .. })
    ));
}

#[test]
fn no_peers_are_no_problem() {
    assert!(start(&[]).finish().is_empty());
}

#[test]
fn a_full_peer_leaves_a_connect_without_an_answer() {
    let peers = start(&[Peer {
        name: "full".to_owned(),
        kind: PeerKind::Full { address: LOOPBACK },
    }]);
    let at = peers.placeholders()["full"].parse().unwrap();
    let error = TcpStream::connect_timeout(&at, Duration::from_millis(300)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let finished = peers.finish_with_problems();
    assert_eq!(finished.received["full"], b"");
    assert_eq!(finished.problems, Vec::<String>::new());
}
