//! The ways of `capability-escape` from a process without a sandbox: each must
//! get there, or a refusal elsewhere would say nothing.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use assay_guests_capability::escape::WAYS;
use toml::Value;

/// Of the canary, before a program runs.
const CONTENT: &str = "content\n";

/// The cases of every definition that has this twin.
fn cases() -> Vec<Value> {
    let definitions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../definitions/capability");
    let mut cases = Vec::new();
    for entry in fs::read_dir(definitions).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let definition: Value = toml::from_str(&text).unwrap();
        if definition["component"].as_str() == Some("capability-escape") {
            cases.extend(definition["case"].as_array().unwrap().clone());
        }
    }
    cases
}

/// A tree as the definitions have it beside a canary.
struct Folders(tempfile::TempDir);

impl Folders {
    fn new() -> Folders {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("tree/dir")).unwrap();
        fs::create_dir(root.join("outside")).unwrap();
        fs::write(root.join("outside/canary"), CONTENT).unwrap();
        fs::write(root.join("tree/own.txt"), "own\n").unwrap();
        symlink("..", root.join("tree/dir/up")).unwrap();
        symlink("/", root.join("tree/root")).unwrap();
        Folders(dir)
    }

    fn run(&self, args: &[String]) -> Output {
        let root = self.0.path().canonicalize().unwrap();
        let canary = root.join("outside/canary");
        let filled = args.iter().map(|arg| {
            arg.replace("{canary.relative}", "../outside/canary")
                .replace("{canary}", canary.to_str().unwrap())
        });
        Command::new(env!("CARGO_BIN_EXE_capability-escape"))
            .args(filled)
            .env_clear()
            .current_dir(root.join("tree"))
            .output()
            .unwrap()
    }

    /// What the canary holds, if it is still there.
    fn canary(&self) -> Option<String> {
        fs::read_to_string(self.0.path().join("outside/canary")).ok()
    }
}

fn args(case: &Value) -> Vec<String> {
    let args = case["args"].as_array().unwrap();
    args.iter()
        .map(|arg| arg.as_str().unwrap().to_owned())
        .collect()
}

fn said(output: &Output) -> &str {
    assert!(output.stderr.is_empty(), "{output:?}");
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn every_way_gets_there_where_nothing_stops_it() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (tcp_at, udp_at) = (tcp.local_addr().unwrap(), udp.local_addr().unwrap());
    std::thread::spawn(move || {
        let (_, from) = udp.recv_from(&mut [0; 16]).unwrap();
        udp.send_to(b"pong", from).unwrap();
    });
    let cases = cases();
    assert_eq!(cases.len(), 41);
    for case in &cases {
        let mut args = args(case);
        let address = match args[0].as_str() {
            "send" => udp_at,
            _ => tcp_at,
        };
        for arg in &mut args {
            *arg = arg.replace("{peer.peer}", &address.to_string());
        }
        let output = Folders::new().run(&args);
        assert_eq!(said(&output), "reached\n", "{args:?}");
    }
}

#[test]
fn every_definition_expects_a_refusal_and_every_way_has_one() {
    let cases = cases();
    for case in &cases {
        assert_eq!(case["expect"]["stdout"]["text"].as_str(), Some("refused\n"));
    }
    for (way, _) in WAYS {
        let used = cases.iter().any(|case| args(case)[0] == *way);
        assert!(used, "no case tries '{way}'");
    }
}

#[test]
fn what_changes_the_canary_is_seen_on_it() {
    let changing = [
        "write",
        "truncate",
        "write-through-symlink",
        "rename-over",
        "rename-away",
        "remove",
    ];
    for case in cases() {
        let args = args(&case);
        if case.get("canary").is_none() {
            continue;
        }
        let folders = Folders::new();
        folders.run(&args);
        let changed = folders.canary().as_deref() != Some(CONTENT);
        assert_eq!(changed, changing.contains(&args[0].as_str()), "{args:?}");
    }
}

#[test]
fn what_is_not_there_is_refused() {
    // The answer must be able to be the other one.
    let output = Folders::new().run(&["read".into(), "../outside/missing".into()]);
    assert_eq!(said(&output), "refused\n");
    assert!(output.status.success());
}

#[test]
fn an_unknown_way_is_an_error() {
    let output = Folders::new().run(&["nothing".into()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("one of read, stat, list"), "{text}");
}
