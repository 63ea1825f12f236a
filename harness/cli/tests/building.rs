//! What is said where programs cannot be found or built. Cargo is a script here
//! that leaves no program, so no build of this checkout is touched.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// `assay`, whose cargo is this program.
fn assay(args: &[&str], cargo: &Path) -> Command {
    let mut command = Command::new(cargo_bin("assay"));
    command
        .args(args)
        .env("CARGO", cargo)
        .env("ASSAY_BUILD", "measured")
        .env_remove("ASSAY_BIN_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn script(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("cargo");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn said(output: Output) -> (i32, String) {
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn without_cargo_it_says_what_to_install_or_to_set() {
    let output = assay(&["build"], Path::new("/no/such/cargo")).output();
    let (code, said) = said(output.unwrap());
    assert_eq!(code, 1, "{said}");
    for part in ["cannot start cargo", "rustup.rs", "ASSAY_BIN_DIR"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_full_disk_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let text = "echo 'error: failed to write x.rlib: No space left on device (os error 28)' >&2";
    let cargo = script(dir.path(), &format!("{text}; exit 101"));
    let (code, said) = said(assay(&["build"], &cargo).output().unwrap());
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("is full") && said.contains("free some space"),
        "{said}"
    );
    assert!(said.contains("failed to write x.rlib"), "{said}");
}

#[test]
fn a_build_that_fails_names_the_group_and_shows_why() {
    let dir = tempfile::tempdir().unwrap();
    let cargo = script(dir.path(), "echo 'error: expected `;`' >&2; exit 101");
    let (code, said) = said(assay(&["build"], &cargo).output().unwrap());
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("expected `;`"), "{said}");
    assert!(said.contains("failed (") && said.contains("101"), "{said}");
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args(["-INT", &pid]).status();
    assert!(status.unwrap().success());
}

#[test]
fn ctrl_c_ends_a_build_with_all_that_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let begun = dir.path().join("begun");
    let ended = dir.path().join("ended");
    let text = format!(
        "touch {}; sleep 20; touch {}",
        begun.display(),
        ended.display()
    );
    let cargo = script(dir.path(), &text);
    let child = assay(&["build"], &cargo).spawn().unwrap();
    let started = Instant::now();
    while !begun.exists() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "nothing is built"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    interrupt(&child);
    let (code, said) = said(child.wait_with_output().unwrap());
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("nothing half-built is used"), "{said}");
    assert!(!ended.exists(), "cargo went on to its end");
}

/// A run that needs the launcher and one twin.
const RUN: [&str; 5] = ["run", "--arms", "native", "--workloads", "cli/hello"];

fn run_from(dir: &Path) -> (i32, String) {
    let mut command = assay(&RUN, Path::new("/no/such/cargo"));
    said(command.env("ASSAY_BIN_DIR", dir).output().unwrap())
}

#[test]
fn a_folder_with_half_of_the_programs_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("assay-launcher"), "half a program").unwrap();
    let (code, said) = run_from(dir.path());
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("1 of 2 missing: cli-hello"), "{said}");
    assert!(said.contains("1 of 2 not listed"), "{said}");
    assert!(said.contains("unset ASSAY_BIN_DIR"), "{said}");
    assert!(
        !said.contains("assay-worker"),
        "nothing else is needed: {said}"
    );
}

#[test]
fn programs_of_another_version_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let entry = r#"{"version": "0.0.9+123456789abc", "profile": "measured", "sha256": "00"}"#;
    let manifest =
        format!(r#"{{"programs": {{"assay-launcher": {entry}, "cli-hello": {entry}}}}}"#);
    fs::write(dir.path().join("assay-programs.json"), manifest).unwrap();
    for name in ["assay-launcher", "cli-hello"] {
        fs::write(dir.path().join(name), "a program").unwrap();
    }
    let (code, said) = run_from(dir.path());
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("2 of 2 of another version, 0.0.9+123456789abc"),
        "{said}"
    );
    assert!(said.contains("assay-launcher, cli-hello"), "{said}");
}
