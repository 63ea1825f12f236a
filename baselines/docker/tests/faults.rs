//! Daemons that are not there, that refuse, and that die in the middle, played
//! by a thread of this test. Real ones are in `baselines/tests/containers`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

const NOBODY: u32 = 65534;

fn client(socket: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay-docker"));
    command
        .arg(format!("--host=unix://{}", socket.display()))
        .arg("--api=1.41")
        .args(words)
        .stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Answers each request with what `answer` writes, and hangs up.
fn daemon(socket: &Path, answer: impl Fn(&str, &mut UnixStream) + Send + 'static) {
    let listener = UnixListener::bind(socket).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head = head(&mut stream);
            answer(&head, &mut stream);
        }
    });
}

/// A request up to the end of its content, of which the first line is returned.
fn head(stream: &mut UnixStream) -> String {
    let mut bytes = Vec::new();
    let mut one = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read_exact(&mut one).is_ok() {
        bytes.extend(one);
    }
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut content = vec![0; length.unwrap_or(0)];
    let _ = stream.read_exact(&mut content);
    text.lines().next().unwrap_or_default().to_owned()
}

fn json(stream: &mut UnixStream, status: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
}

/// The body of a request that creates a container, beside the socket.
fn body(dir: &Path) -> String {
    let path = dir.join("body.json");
    std::fs::write(&path, r#"{"Image":"x"}"#).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn where_nobody_listens_the_socket_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    let left = dir.path().join("left");
    drop(UnixListener::bind(&left).unwrap());
    let body = body(dir.path());
    for socket in [&absent, &left] {
        let output = client(socket, &["pid", "n"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains("cannot") || said(&output).contains("could not"));
        let output = client(socket, &["run", "--name=n", &body])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(125), "{}", said(&output));
        assert!(!said(&output).is_empty());
    }
}

#[test]
fn without_the_right_to_the_socket_it_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(dir.path(), 0o755);
    mode(&socket, 0o000);
    // A program that others may run, wherever this was built. It is copied by a
    // process of its own: while this one had it open to write, another test could
    // start a child that holds it open too, and nobody could execute it (ETXTBSY).
    let program = dir.path().join("client");
    let copy = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_assay-docker"))
        .arg(&program)
        .status();
    assert!(copy.unwrap().success());
    mode(&program, 0o755);
    let mut command = Command::new(&program);
    command
        .arg(format!("--host=unix://{}", socket.display()))
        .args(["--api=1.41", "pid", "n"]);
    // Root may write to any socket, and can be nobody, who may not; whoever is
    // not root needs no such change.
    let as_nobody = Command::new(&program).arg("--version").uid(NOBODY).output();
    if as_nobody.is_ok() {
        command.uid(NOBODY);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).to_lowercase().contains("permission denied"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_refusal_is_passed_on_in_the_daemons_words() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("docker.sock");
    daemon(&socket, |_, stream| {
        json(
            stream,
            "500 Internal Server Error",
            r#"{"message":"no space left on device"}"#,
        );
    });
    let output = client(&socket, &["run", "--name=n", &body(dir.path())])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
    let said = said(&output);
    assert!(
        said.contains("create container n") && said.contains("no space left on device"),
        "{said}"
    );
}

#[test]
fn what_is_not_there_counts_as_removed() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("docker.sock");
    daemon(&socket, |_, stream| {
        json(
            stream,
            "404 Not Found",
            r#"{"message":"No such container"}"#,
        );
    });
    for verb in ["rm", "rmi"] {
        let output = client(&socket, &[verb, "n"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{verb}: {}", said(&output));
    }
}

/// Creates, attaches, starts, says `half`; then the last answer is `wait`'s.
fn until_wait(wait: impl Fn(&mut UnixStream) + Send + 'static) -> impl Fn(&str, &mut UnixStream) {
    move |request, stream| {
        if request.contains("/create") {
            json(stream, "201 Created", r#"{"Id":"n","Warnings":[]}"#);
        } else if request.contains("/attach") {
            let _ = stream.write_all(
                b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n\x01\0\0\0\0\0\0\x04half",
            );
        } else if request.contains("/start") {
            json(stream, "204 No Content", "");
        } else {
            wait(stream);
        }
    }
}

#[test]
fn a_daemon_that_dies_is_no_end_of_the_container() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("docker.sock");
    // It hangs up where it should say how the container ended.
    daemon(&socket, until_wait(|_| ()));
    let output = client(&socket, &["run", "--name=n", &body(dir.path())])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125), "{}", said(&output));
    assert!(said(&output).contains("container n"), "{}", said(&output));
    assert_eq!(output.stdout, b"half");
}

#[test]
fn the_containers_status_and_output_are_passed_on() {
    for status in ["0", "7", "139"] {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("docker.sock");
        let answer = format!(r#"{{"StatusCode":{status}}}"#);
        daemon(
            &socket,
            until_wait(move |stream| json(stream, "200 OK", &answer)),
        );
        let output = client(&socket, &["run", "--name=n", &body(dir.path())])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status.parse().unwrap()));
        assert_eq!(output.stdout, b"half");
        assert_eq!(said(&output), "");
    }
}
