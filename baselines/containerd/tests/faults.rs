//! Daemons that are not there, that may not be asked, and that hang up. Real
//! ones are in `baselines/tests/containers`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

const NOBODY: u32 = 65534;

fn client(program: &Path, socket: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .arg(format!("--socket={}", socket.display()))
        .args(words)
        .stdin(Stdio::null());
    command
}

fn own() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_assay-containerd"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every verb fails with the status that is its own, and says which socket.
fn fails(socket: &Path) {
    for (words, status) in [
        (["about"].as_slice(), 1),
        (&["pid", "n"], 1),
        (&["rm", "n"], 1),
        (&["run", "--name=n", "/absent.json"], 125),
    ] {
        let output = client(own(), socket, words).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", said(&output));
        assert!(!said(&output).is_empty(), "{words:?}");
    }
}

#[test]
fn where_nobody_listens_the_socket_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    let left = dir.path().join("left");
    drop(UnixListener::bind(&left).unwrap());
    for socket in [&absent, &left] {
        fails(socket);
        let output = client(own(), socket, &["about"]).output().unwrap();
        let said = said(&output);
        assert!(said.contains(socket.to_str().unwrap()), "{said}");
        assert!(said.contains("is it running"), "{said}");
    }
}

#[test]
fn a_daemon_that_hangs_up_is_an_error_and_no_wait() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("containerd.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream);
        }
    });
    fails(&socket);
}

#[test]
fn without_the_right_to_the_socket_it_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("containerd.sock");
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
    let copy = Command::new("cp").arg(own()).arg(&program).status();
    assert!(copy.unwrap().success());
    mode(&program, 0o755);
    let mut command = client(&program, &socket, &["about"]);
    // Root may write to any socket, and can be nobody, who may not; whoever is
    // not root needs no such change.
    let as_nobody = Command::new(&program).arg("--version").uid(NOBODY).output();
    if as_nobody.is_ok() {
        command.uid(NOBODY);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output).to_lowercase();
    assert!(said.contains("permission denied"), "{said}");
}
