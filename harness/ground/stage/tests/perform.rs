//! Steps, beside small programs.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use assay_stage::script::{Amount, Family, Output, PeerStep, Side, Step, Stream, Until};
use assay_stage::{Peers, Performed, Stdio, StdioGuest, perform, pipes};
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};
use support::{Guest, LOOPBACK, far, soon, tcp, to_end};

fn write(text: &str) -> Step {
    Step::Write(text.as_bytes().to_vec())
}

fn read(from: Output, count: u64) -> Step {
    let until = Until::Bytes(count);
    Step::Read { from, until }
}

fn read_line() -> Step {
    Step::Read {
        from: Output::Stdout,
        until: Until::Delimiter(b"\n".to_vec()),
    }
}

fn run(script: &str, steps: &[Step]) -> Performed {
    let (mut guest, stdio) = Guest::sh(script);
    perform(steps, stdio, &mut guest, far())
}

/// Its problem, which must be there.
fn problem(performed: &Performed) -> &str {
    performed.problem.as_deref().unwrap()
}

#[test]
fn a_dialogue_goes_back_and_forth() {
    let performed = run(
        "read a; echo got $a; read b; echo got $b >&2; cat",
        &[
            write("one\n"),
            read_line(),
            write("two\n"),
            read(Output::Stderr, 8),
            write("rest"),
        ],
    );
    assert_eq!(performed.problem, None);
    assert_eq!(performed.stdout, b"got one\nrest");
    assert_eq!(performed.stderr, b"got two\n");
    assert!(performed.first_byte.is_some());
}

#[test]
fn a_guest_that_writes_while_it_is_written_to_does_not_stand_still() {
    let (mut guest, stdio) = Guest::start("cat", &[]);
    let large: Vec<u8> = (0..4 << 20).map(|n: u32| (n % 251) as u8).collect();
    let performed = perform(&[Step::Write(large.clone())], stdio, &mut guest, far());
    assert_eq!(performed.problem, None);
    assert!(performed.stdout == large);
}

#[test]
fn a_closed_input_is_the_end_and_a_guest_may_close_it_first() {
    let performed = run("cat; echo end", &[write("a"), Step::Close(Stream::Stdin)]);
    assert_eq!(
        (performed.problem, performed.stdout),
        (None, b"aend\n".to_vec())
    );

    // Nobody will read this: more than a pipe holds, so the write must fail.
    let (mut guest, stdio) = Guest::sh("exec <&-; echo closed");
    let steps = [read_line(), Step::Write(vec![0; 1 << 20]), write("x")];
    let performed = perform(&steps, stdio, &mut guest, far());
    assert_eq!(
        (performed.problem, performed.stdout),
        (None, b"closed\n".to_vec())
    );
}

#[test]
fn a_closed_output_is_a_broken_pipe() {
    // `yes` never ends by itself. What it wrote beyond the step is timing.
    let performed = run(
        "yes; echo ended >&2",
        &[read(Output::Stdout, 5), Step::Close(Stream::Stdout)],
    );
    assert_eq!(performed.problem, None);
    assert_eq!(performed.stdout, b"y\ny\ny");
    assert!(performed.stderr.ends_with(b"ended\n"));
}

#[test]
fn in_a_pause_nobody_reads() {
    // The guest notes how long it took to write twice what a pipe holds.
    let pause = Duration::from_millis(400);
    let script = "dd if=/dev/zero bs=131072 count=1 2>/dev/null; echo done >&2";
    let begun = Instant::now();
    let performed = run(script, &[Step::Pause(pause), read(Output::Stderr, 5)]);
    // Read after the pause: neither is there before it.
    assert!(begun.elapsed() >= pause);
    assert_eq!(performed.problem, None);
    assert_eq!(performed.stdout.len(), 131_072);
}

#[test]
fn signals_and_exits_go_through_the_control() {
    let performed = run(
        "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.01; done",
        &[read_line(), Step::Signal("TERM".to_owned()), Step::WaitExit],
    );
    assert_eq!(performed.problem, None);
    assert_eq!(performed.stdout, b"ready\ncaught\n");

    let performed = run("cat", &[Step::Signal("NONSENSE".to_owned())]);
    assert_eq!(
        problem(&performed),
        "step 1 (signal NONSENSE): kill -NONSENSE failed"
    );
}

#[test]
fn waiting_for_the_exit_reads_meanwhile() {
    let performed = run(
        "dd if=/dev/zero bs=1048576 count=1 2>/dev/null",
        &[Step::WaitExit],
    );
    assert_eq!(performed.problem, None);
    assert_eq!(performed.stdout.len(), 1 << 20);
}

#[test]
fn an_output_that_ends_early_is_a_problem_with_a_position() {
    let performed = run("echo hi", &[write(""), read(Output::Stdout, 10)]);
    assert_eq!(
        problem(&performed),
        "step 2 (read 10 bytes from stdout): stdout ended after 3 bytes"
    );
    assert_eq!(performed.stdout, b"hi\n");
    let performed = run("printf hi", &[read_line()]);
    assert_eq!(
        problem(&performed),
        "step 1 (read up to \"\\n\" from stdout): stdout ended after 2 bytes"
    );
}

#[test]
fn steps_end_at_the_deadline() {
    let begun = Instant::now();
    for (script, step, expected) in [
        (
            "exec sleep 600",
            read(Output::Stdout, 1),
            "step 1 (read 1 byte from stdout): 0 bytes came: not before the deadline",
        ),
        (
            "exec sleep 600",
            Step::WaitExit,
            "step 1 (wait for the exit): the guest runs: not before the deadline",
        ),
        (
            "exec sleep 600",
            write(""),
            "after the last step: the guest's stdout and stderr did not end before the deadline",
        ),
        // A stream that never stops to be ready.
        (
            "exec yes",
            Step::WaitExit,
            "step 1 (wait for the exit): the guest runs: not before the deadline",
        ),
    ] {
        let (mut guest, stdio) = Guest::sh(script);
        let performed = perform(&[step], stdio, &mut guest, soon());
        assert_eq!(problem(&performed), expected);
    }
    let (mut guest, stdio) = Guest::sh("exec sleep 600");
    let large = Step::Write(vec![0; 1 << 20]);
    let performed = perform(&[large], stdio, &mut guest, soon());
    assert!(problem(&performed).ends_with("bytes: not before the deadline"));
    assert!(begun.elapsed() < Duration::from_secs(60));
}

/// A guest of this process: a thread at the other end of the pipes.
fn threaded(
    guest: impl FnOnce(StdioGuest) + Send + 'static,
) -> (thread::JoinHandle<()>, Stdio, Nobody) {
    let (ours, theirs) = pipes().unwrap();
    (thread::spawn(move || guest(theirs)), ours, Nobody)
}

struct Nobody;

impl assay_stage::Control for Nobody {
    fn signal(&mut self, _: &str) -> Result<(), String> {
        Err("no process".to_owned())
    }
    fn wait_exit(&mut self, _: Instant) -> Result<bool, String> {
        Err("no process".to_owned())
    }
}

fn connect(port: u16) -> Step {
    Step::Connect {
        name: "a".to_owned(),
        to: port.to_string(),
        family: Family::Ipv4,
    }
}

fn send(text: &str) -> Step {
    Step::Send {
        on: "a".to_owned(),
        content: text.as_bytes().to_vec(),
    }
}

fn receive(amount: Amount) -> Step {
    let on = "a".to_owned();
    Step::Receive { on, amount }
}

/// A socket that is bound and does not listen, and its port, which refuses
/// connections and cannot be taken by others.
fn bound() -> (OwnedFd, u16) {
    let (family, kind) = (AddressFamily::INET, SocketType::STREAM);
    let socket = net::socket_with(family, kind, SocketFlags::CLOEXEC, None).unwrap();
    net::bind(&socket, &SocketAddr::from((LOOPBACK, 0))).unwrap();
    let address = SocketAddr::try_from(net::getsockname(&socket).unwrap()).unwrap();
    (socket, address.port())
}

#[test]
fn a_guest_that_listens_is_connected_to() {
    let (socket, port) = bound();
    let (guest, stdio, mut control) = threaded(move |_stdio| {
        // Late on purpose: the step tries again.
        thread::sleep(Duration::from_millis(50));
        net::listen(&socket, 1).unwrap();
        let listener = TcpListener::from(socket);
        let (mut stream, _) = listener.accept().unwrap();
        let mut four = [0; 4];
        stream.read_exact(&mut four).unwrap();
        stream.write_all(b"pong").unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"!");
        stream.write_all(b" bye").unwrap();
    });
    let steps = [
        connect(port),
        send("ping"),
        receive(Amount::Bytes(4)),
        send("!"),
        Step::Shutdown {
            on: "a".to_owned(),
            side: Side::Write,
        },
        receive(Amount::End),
    ];
    let performed = perform(&steps, stdio, &mut control, far());
    assert_eq!(performed.problem, None);
    assert_eq!(performed.received["a"], b"pong bye");
    guest.join().unwrap();
}

#[test]
fn a_reset_reaches_the_guest_and_one_of_the_guest_is_a_problem() {
    let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (guest, stdio, mut control) = threaded(move |_stdio| {
        let (mut stream, _) = listener.accept().unwrap();
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        let error = stream.read(&mut byte).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    });
    let steps = [connect(port), send("x"), Step::Reset("a".to_owned())];
    assert_eq!(perform(&steps, stdio, &mut control, far()).problem, None);
    guest.join().unwrap();

    let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (guest, stdio, mut control) = threaded(move |_stdio| {
        let (stream, _) = listener.accept().unwrap();
        // Closing with something unread resets.
        stream.peek(&mut [0]).unwrap();
    });
    let steps = [connect(port), send("x"), receive(Amount::End)];
    let performed = perform(&steps, stdio, &mut control, far());
    assert!(
        problem(&performed)
            .starts_with("step 3 (receive everything to the end on 'a'): after 0 bytes: "),
        "{performed:?}"
    );
    guest.join().unwrap();
}

#[test]
fn a_connection_left_open_is_read_to_its_end() {
    let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (guest, stdio, mut control) = threaded(move |_stdio| {
        let (mut stream, _) = listener.accept().unwrap();
        // Ends, since the last step is past.
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        stream.write_all(b"last words").unwrap();
    });
    let performed = perform(&[connect(port)], stdio, &mut control, far());
    assert_eq!(performed.problem, None);
    assert_eq!(performed.received["a"], b"last words");
    guest.join().unwrap();
}

#[test]
fn nobody_listens_until_the_deadline_or_the_end_of_the_guest() {
    let (_socket, port) = bound();
    let (mut guest, stdio) = Guest::sh("exec sleep 600");
    let performed = perform(&[connect(port)], stdio, &mut guest, soon());
    assert_eq!(
        problem(&performed),
        format!(
            "step 1 (connect 'a' to {port}): Connection refused (os error 111), not before the deadline"
        )
    );
    // Not the deadline here: the guest ends.
    let performed = run("exit 0", &[connect(port)]);
    assert!(problem(&performed).ends_with("and the guest ended"));
}

#[test]
fn steps_that_make_no_sense_say_so() {
    for (steps, expected) in [
        (
            vec![send("x")],
            "step 1 (send 1 byte on 'a'): no connection; connect first",
        ),
        (
            vec![Step::Close(Stream::Stdin), write("x")],
            "step 2 (write 1 byte to stdin): stdin was closed by an earlier step",
        ),
        (
            vec![Step::Close(Stream::Stdout), read(Output::Stdout, 1)],
            "step 2 (read 1 byte from stdout): stdout was closed by an earlier step",
        ),
        (
            vec![Step::Connect {
                name: "a".to_owned(),
                to: "{port.x}".to_owned(),
                family: Family::Ipv6,
            }],
            "step 1 (connect 'a' to {port.x}): neither a port nor an address with one",
        ),
    ] {
        assert_eq!(problem(&run("cat", &steps)), expected);
    }
}

#[test]
fn the_ends_of_the_guest_can_be_opened_by_path() {
    let (ours, theirs) = pipes().unwrap();
    let paths = theirs.paths();
    // Another process, which inherits none of them.
    let script = format!(
        "exec <{} >{} 2>{}; read a; echo got $a; echo err >&2",
        paths.stdin.display(),
        paths.stdout.display(),
        paths.stderr.display()
    );
    // It must have opened them before ours are dropped, so it says so first.
    let opened = std::env::temp_dir().join(format!("assay-stage-{}", std::process::id()));
    let script = format!(
        "{}; ",
        script.replacen(';', &format!("; : >{};", opened.display()), 1)
    );
    let (mut guest, _unused) = Guest::sh(&script);
    let until = far();
    while !opened.exists() && Instant::now() < until {
        thread::sleep(Duration::from_millis(1));
    }
    std::fs::remove_file(&opened).unwrap();
    drop(theirs);
    assert!(OpenOptions::new().write(true).open(&paths.stdout).is_err());
    let performed = perform(&[write("it\n")], ours, &mut guest, far());
    assert_eq!(performed.problem, None);
    assert_eq!(performed.stdout, b"got it\n");
    assert_eq!(performed.stderr, b"err\n");
}

#[test]
fn a_guest_talks_to_a_peer_while_steps_talk_to_it() {
    let peers = [tcp("p", vec![PeerStep::Accept, to_end()])];
    let peers = Peers::start(&peers, far()).unwrap();
    let address = peers.placeholders()["p"].clone();
    let (guest, stdio, mut control) = threaded(move |stdio| {
        let mut input = std::fs::File::from(stdio.stdin);
        let mut all = Vec::new();
        input.read_to_end(&mut all).unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(&all).unwrap();
    });
    let performed = perform(&[write("passed on")], stdio, &mut control, far());
    guest.join().unwrap();
    assert_eq!(performed.problem, None);
    assert_eq!(peers.finish()["p"], b"passed on");
}
