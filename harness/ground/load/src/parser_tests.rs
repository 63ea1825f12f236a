//! The framing rules, without a network.

use super::*;
use proptest::prelude::*;

fn parse(head_method: bool, wire: &[u8]) -> Result<Response, ExchangeError> {
    let mut parser = Parser::new(head_method, Limits::default());
    if !parser.feed(wire, Nanos(10))? {
        parser.end(Nanos(20))?;
    }
    Ok(parser.into_response(true))
}

fn section(wire: &str) -> &'static str {
    match parse(false, wire.as_bytes()) {
        Err(ExchangeError::Malformed { section, .. }) => section,
        other => panic!("{wire:?} gave {other:?}"),
    }
}

#[test]
fn headers_are_raw_and_in_order() {
    let wire =
        b"HTTP/1.1 200 All right\r\nb: 1\r\nA:  two \r\nB:\xff\r\nContent-Length:2\r\n\r\nhi";
    let response = parse(false, wire).unwrap();
    assert_eq!(
        (response.status, response.reason.as_str()),
        (200, "All right")
    );
    let fields: Vec<(&str, &[u8])> = response
        .headers
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_slice()))
        .collect();
    let expected: [(&str, &[u8]); 4] = [
        ("b", b"1"),
        ("A", b"two"),
        ("B", b"\xff"),
        ("Content-Length", b"2"),
    ];
    assert_eq!(fields, expected);
    assert_eq!(
        response.header("B").collect::<Vec<_>>(),
        [&b"1"[..], b"\xff"]
    );
    assert_eq!(response.body, b"hi");
    assert!(response.reusable);
}

#[test]
fn some_responses_have_no_content_whatever_they_say() {
    for (head_method, status) in [(true, 200), (false, 204), (false, 304)] {
        let wire = format!("HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n");
        let response = parse(head_method, wire.as_bytes()).unwrap();
        assert_eq!(response.body, b"");
        assert_eq!(
            response.complete_at,
            Nanos(10),
            "did not wait for the content"
        );
        assert!(response.reusable);
    }
    let wire = b"HTTP/1.1 204 X\r\n\r\nbody";
    let response = parse(false, wire).unwrap();
    assert_eq!(response.excess, b"body");
    assert!(
        !response.reusable,
        "what follows would be taken for the next response"
    );
}

#[test]
fn only_the_end_of_the_connection_ends_an_undelimited_body() {
    let response = parse(false, b"HTTP/1.1 200 OK\r\n\r\nabc").unwrap();
    assert_eq!(response.body, b"abc");
    assert_eq!(
        (response.first_byte_at, response.complete_at),
        (Nanos(10), Nanos(20))
    );
    assert!(!response.reusable);
}

#[test]
fn informational_responses_come_before() {
    let mut parser = Parser::new(false, Limits::default());
    assert!(
        !parser
            .feed(b"HTTP/1.1 100 Continue\r\n\r\n", Nanos(1))
            .unwrap()
    );
    assert!(
        !parser
            .feed(b"HTTP/1.1 103 E\r\nLink: x\r\n\r\nHTTP", Nanos(2))
            .unwrap()
    );
    assert!(
        parser
            .feed(b"/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Nanos(3))
            .unwrap()
    );
    let response = parser.into_response(true);
    assert_eq!(response.interim, [100, 103]);
    assert_eq!(response.headers.len(), 1, "not those of the 103");
    assert_eq!(
        (response.first_byte_at, response.complete_at),
        (Nanos(2), Nanos(3))
    );
}

#[test]
fn faulty_framing_is_named_with_its_section() {
    let head = "HTTP/1.1 200 OK\r\n";
    for length in ["x", "", "-1", "+1", "1, 2", "1,", "18446744073709551616"] {
        let wire = format!("{head}Content-Length: {length}\r\n\r\n");
        assert_eq!(section(&wire), "RFC 9112 §6.3 item 5", "{length:?}");
    }
    let two = format!("{head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n");
    assert_eq!(section(&two), "RFC 9112 §6.3 item 5");
    let both = format!("{head}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n");
    assert_eq!(section(&both), "RFC 9112 §6.3 item 3");
    for coding in ["gzip", "gzip, chunked", "chunked, chunked", "identity"] {
        let wire = format!("{head}Transfer-Encoding: {coding}\r\n\r\n");
        assert_eq!(section(&wire), "RFC 9112 §6.1", "{coding}");
    }
    assert_eq!(
        section("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        "RFC 9112 §6.1"
    );
    assert_eq!(
        section("HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n"),
        "RFC 9110 §15.2.2"
    );
    assert_eq!(section("HTTP/1.1 099 Low\r\n\r\n"), "RFC 9110 §15");
    assert_eq!(section("\r\nHTTP/1.1 200 OK\r\n\r\n"), "RFC 9112 §4");
    assert_eq!(section("HTTP/2.0 200 OK\r\n\r\n"), "RFC 9112 §4");
    assert_eq!(
        section("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
        "RFC 9112 §4"
    );
    assert_eq!(
        section(&format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n"
        )),
        "RFC 9112 §7.1.2"
    );
}

#[test]
fn one_repeated_length_is_that_length() {
    let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\nok";
    assert_eq!(parse(false, wire).unwrap().body, b"ok");
}

#[test]
fn connection_reuse_follows_version_and_options() {
    for (head, reusable) in [
        ("HTTP/1.1 200 OK\r\n", true),
        ("HTTP/1.0 200 OK\r\n", false),
        ("HTTP/1.1 200 OK\r\nConnection: Close\r\n", false),
        ("HTTP/1.1 200 OK\r\nConnection: x, close\r\n", false),
        ("HTTP/1.1 200 OK\r\nConnection: closed\r\n", true),
    ] {
        let wire = format!("{head}Content-Length: 0\r\n\r\n");
        assert_eq!(
            parse(false, wire.as_bytes()).unwrap().reusable,
            reusable,
            "{head}"
        );
    }
}

#[test]
fn limits_hold() {
    let limits = Limits {
        head: 64,
        fields: 2,
        body: 4,
        interim: 1,
    };
    let what = |wire: &str| match Parser::new(false, limits).feed(wire.as_bytes(), Nanos(1)) {
        Err(ExchangeError::Limit { what, .. }) => what,
        other => panic!("{wire:?} gave {other:?}"),
    };
    let ok = "HTTP/1.1 200 OK\r\n";
    let long = "x".repeat(64);
    assert_eq!(what(&format!("{ok}a: {long}")), "head in bytes");
    assert_eq!(what(&format!("{ok}a: {long}\r\n\r\n")), "head in bytes");
    assert_eq!(
        what(&format!("{ok}a:1\r\nb:2\r\nc:3\r\n\r\n")),
        "number of fields"
    );
    assert_eq!(
        what(&format!("{ok}Content-Length: 5\r\n\r\n")),
        "body in bytes"
    );
    assert_eq!(what(&format!("{ok}\r\n12345")), "body in bytes");
    let interim = "HTTP/1.1 100 C\r\n\r\n".repeat(2);
    assert_eq!(what(&interim), "informational responses");
}

#[test]
fn an_early_end_says_what_is_missing() {
    for (wire, missing) in [
        ("", "no byte of a response"),
        ("HTTP/1.1 200", "the end of the head"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234",
            "5 bytes of content",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
            "the last chunk",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            "the last chunk",
        ),
    ] {
        match parse(false, wire.as_bytes()) {
            Err(ExchangeError::Incomplete {
                missing: m,
                received,
                ..
            }) => {
                assert_eq!((m.as_str(), received), (missing, wire.len() as u64));
            }
            other => panic!("{wire:?} gave {other:?}"),
        }
    }
}

proptest! {
    /// A response parses alike however the network cuts it.
    #[test]
    fn any_split_parses_alike(
        chunked in any::<bool>(),
        data in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..16),
    ) {
        let mut wire = b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n".to_vec();
        if chunked {
            wire.extend_from_slice(b"Transfer-Encoding: Chunked\r\n\r\n");
            for piece in data.chunks(7) {
                wire.extend_from_slice(format!("{:X}\r\n", piece.len()).as_bytes());
                wire.extend_from_slice(piece);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\nSum: 1\r\n\r\n");
        } else {
            wire.extend_from_slice(format!("Content-Length: {}\r\n\r\n", data.len()).as_bytes());
            wire.extend_from_slice(&data);
        }
        let mut at: Vec<usize> = cuts.iter().map(|i| i.index(wire.len())).collect();
        at.extend([0, wire.len()]);
        at.sort_unstable();
        let mut parser = Parser::new(false, Limits::default());
        let mut done = false;
        for (i, w) in at.windows(2).enumerate() {
            prop_assert!(!done || w[0] == w[1], "complete before its end");
            if w[0] < w[1] {
                done = parser.feed(&wire[w[0]..w[1]], Nanos(i as u64)).unwrap();
            }
        }
        prop_assert!(done);
        let response = parser.into_response(true);
        prop_assert_eq!(response.body, data);
        prop_assert_eq!(response.trailers.len(), usize::from(chunked));
        prop_assert_eq!(response.interim, vec![100]);
        prop_assert!(response.excess.is_empty() && response.reusable);
    }

    /// No server can make the parser panic.
    #[test]
    fn garbage_never_panics(
        start in prop::sample::select(vec!["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]),
        garbage in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let wire = [start.as_bytes(), &garbage].concat();
        let _ = parse(false, &wire);
    }
}
