//! The native twins against the definitions. An expectation that the twin does
//! not meet is wrong before any engine is asked.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::Regex;
use toml::Value;

fn workloads() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All of the package's programs lie beside each other.
fn program(bin: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_program-json")).with_file_name(bin)
}

fn content(entry: &Value) -> Vec<u8> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    if let Some(text) = text("text") {
        return text.as_bytes().to_vec();
    }
    if let Some(hex) = text("hex") {
        return (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
    }
    let file = workloads().join("fixtures").join(text("file").unwrap());
    std::fs::read(file).unwrap()
}

fn tree(table: Option<&Value>) -> BTreeMap<String, Vec<u8>> {
    table
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
        .map(|(name, entry)| (name.clone(), content(entry)))
        .collect()
}

fn left(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), bytes)
        })
        .collect()
}

/// What is wrong with one case of the program, if anything is.
fn difference(bin: &str, case: &Value) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in tree(case.get("tree")) {
        std::fs::write(directory.path().join(name), bytes).unwrap();
    }
    let args = case.get("args").and_then(Value::as_array);
    let mut child = Command::new(program(bin))
        .args(args.into_iter().flatten().map(|arg| arg.as_str().unwrap()))
        .env_clear()
        .current_dir(&directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = case.get("stdin").map(content).unwrap_or_default();
    // In a thread: a program may write before it has read everything.
    let feeder = std::thread::spawn(move || {
        // A program that does not read its stdin closes it; that is no failure.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();

    let expect = &case["expect"];
    let stderr = String::from_utf8_lossy(&output.stderr);
    let status = match output.status.code() {
        Some(0) => "ok",
        Some(1) => "err",
        _ => "trap",
    };
    if status != expect["exit"].as_str().unwrap() {
        return Some(format!("{}, {stderr}", output.status));
    }
    if output.stdout != content(&expect["stdout"]) {
        let stdout = String::from_utf8_lossy(&output.stdout);
        return Some(format!("stdout {stdout}"));
    }
    let wording = &expect["stderr"];
    let right = match wording.get("exact").and_then(Value::as_str) {
        Some(exact) => stderr == exact,
        None => Regex::new(wording["pattern"].as_str().unwrap())
            .unwrap()
            .is_match(&stderr),
    };
    if !right {
        return Some(format!("stderr {stderr}"));
    }
    (left(directory.path()) != tree(expect.get("tree"))).then(|| "other files are left".to_owned())
}

/// Every case of the programs of this package.
fn cases() -> Vec<(String, Value)> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(workloads().join("definitions/program")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let definition: Value = toml::from_str(&text).unwrap();
        let twin = &definition["twin"];
        if twin["package"].as_str() != Some(env!("CARGO_PKG_NAME")) {
            continue;
        }
        for case in definition["case"].as_array().unwrap() {
            cases.push((twin["bin"].as_str().unwrap().to_owned(), case.clone()));
        }
    }
    cases
}

#[test]
fn every_twin_does_what_its_definition_says() {
    let cases = cases();
    assert_eq!(cases.len(), 38);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(bin, case)| {
            let name = case.get("name").and_then(Value::as_str).unwrap_or_default();
            difference(bin, case).map(|what| format!("{bin}#{name}: {what}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_expectation_is_found() {
    // The comparison itself must be able to fail, in each of its parts.
    let (bin, case) = cases()
        .into_iter()
        .find(|(bin, case)| bin == "program-deflate" && case["name"].as_str() == Some("store"))
        .unwrap();
    assert_eq!(difference(&bin, &case), None);
    let changed = |path: &[&str], value: &str| {
        let mut case = case.clone();
        let mut place = &mut case["expect"];
        for key in path {
            place = &mut place[*key];
        }
        *place = Value::String(value.to_owned());
        difference(&bin, &case)
    };
    assert!(changed(&["exit"], "err").is_some());
    assert!(changed(&["stdout", "text"], "other").is_some());
    assert!(changed(&["stderr", "exact"], "other").is_some());
    assert!(changed(&["tree", "s.zz", "hex"], "00").is_some());
}
