//! Components and suites of others, on the command line. Nothing here needs
//! the measured binaries: what was given is checked before anything is built.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use support::assay;

fn file(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn exec(file: &Path, flags: &[&str]) -> (i32, String, String) {
    let mut args = vec!["exec", file.to_str().unwrap()];
    args.extend_from_slice(flags);
    assay(&args)
}

#[test]
fn what_is_no_component_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let preview_1 = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"#;
    let empty_instance = r#"(component (instance $i) (export "my:own/thing" (instance $i)))"#;
    for (name, text, part) in [
        ("none.wasm", "", "empty"),
        ("script.sh", "#!/bin/sh", "neither"),
        ("native", "\x7fELF", "ELF"),
        ("module.wat", "(module)", "core module"),
        ("preview1.wat", preview_1, "preview 1"),
        ("library.wat", empty_instance, "wasi:cli/run"),
    ] {
        let (code, out, err) = exec(&file(dir.path(), name, text), &[]);
        assert_eq!((code, out.as_str()), (2, ""), "{name}: {err}");
        assert!(err.contains(part) && err.contains(name), "{name}: {err}");
        assert!(!err.contains("building"), "{name}: {err}");
    }
    assert_eq!(exec(&dir.path().join("missing.wasm"), &[]).0, 2);
}

const COMMAND: &str = r#"(component (instance $i) (export "wasi:cli/run@0.2.0" (instance $i)))"#;
const HANDLER: &str =
    r#"(component (instance $i) (export "wasi:http/incoming-handler@0.2.0" (instance $i)))"#;

#[test]
fn flags_that_cannot_be_are_usage_before_anything_is_built() {
    let dir = tempfile::tempdir().unwrap();
    let command = file(dir.path(), "command.wat", COMMAND);
    let handler = file(dir.path(), "handler.wat", HANDLER);
    for flags in [
        ["--arms", "wasmtime/aott"],
        ["--grant", "everything"],
        ["--deny", "clock"],
        ["--clock", "noon"],
        ["--deadline", "soon"],
        ["--env", "K"],
        ["--world", "http"],
        ["--dir", "no-such-directory"],
        ["--stdin", "no-such-file"],
    ] {
        let (code, _, err) = exec(&command, &flags);
        assert_eq!(code, 2, "{flags:?}: {err}");
        assert!(!err.contains("building"), "{flags:?}: {err}");
    }
    assert_eq!(exec(&command, &["--request", "GET", "/"]).0, 2);
    assert_eq!(exec(&command, &["--arms", "nonesuch*"]).0, 4);
    for flags in [&["--env", "K=V"][..], &["--world", "cli"], &["--", "x"]] {
        let (code, _, err) = exec(&handler, flags);
        assert_eq!(code, 2, "{flags:?}: {err}");
    }
}

#[test]
fn a_broken_expectation_is_usage_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let command = file(dir.path(), "command.wat", COMMAND);
    file(dir.path(), "command.wat.expect.toml", "schema = 1\n");
    let (code, _, err) = exec(&command, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("command.wat.expect.toml"), "{err}");
}

#[test]
fn a_directory_that_is_no_suite_is_usage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let (code, _, err) = assay(&["verify", "--suite", path]);
    assert_eq!(code, 2);
    assert!(err.contains("manifest.json"), "{err}");
    assert_eq!(assay(&["run", "--suite", path]).0, 2);
    assert_eq!(assay(&["verify", "--suite", path, "--catalog", path]).0, 2);
}

#[test]
fn programs_of_a_suite_are_selected_by_name() {
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), "manifest.json", r#"{"name": "mine"}"#);
    let module = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;
    file(dir.path(), "fine.wat", module);
    let path = dir.path().to_str().unwrap();
    let (code, _, err) = assay(&["verify", "--suite", path, "--workloads", "suite/fin"]);
    assert_eq!(code, 2);
    assert!(err.contains("suite/fine"), "{err}");
}

#[test]
fn both_verbs_explain_themselves() {
    let (code, out, _) = assay(&["exec", "--help"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("expect.toml") && out.contains("--deny"),
        "{out}"
    );
    assert!(assay(&["verify", "--help"]).1.contains("wasi-testsuite"));
}
