//! The native twins against the definitions. An expectation that the twin does
//! not meet is wrong before any engine is asked.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use toml::Value;

fn program(bin: &str) -> std::path::PathBuf {
    // All of the package's programs lie beside each other.
    Path::new(env!("CARGO_BIN_EXE_numbers-arithmetic")).with_file_name(bin)
}

/// The class of a twin's end. The test profile unwinds where the measured one
/// aborts, and then std ends the process with 101 instead of SIGABRT.
fn class(status: ExitStatus) -> &'static str {
    match (status.code(), status.signal()) {
        (Some(0), _) => "ok",
        (Some(101), _) | (None, Some(_)) => "trap",
        _ => "err",
    }
}

/// What is wrong with one case of the program, if anything is.
fn difference(bin: &str, case: &Value) -> Option<String> {
    let args = case["args"].as_array().unwrap();
    let expect = &case["expect"];
    let output = Command::new(program(bin))
        .args(args.iter().map(|arg| arg.as_str().unwrap()))
        .env_clear()
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if class(output.status) != expect["exit"].as_str().unwrap() {
        return Some(format!("{bin}: exit {}, {stderr}", output.status));
    }
    if stdout != expect["stdout"]["text"].as_str().unwrap() {
        return Some(format!("{bin}: stdout {stdout}"));
    }
    let exact = expect["stderr"].get("exact").and_then(Value::as_str);
    (exact.is_some_and(|exact| exact != stderr)).then(|| format!("{bin}: stderr {stderr}"))
}

/// Every case that has a twin: its program and its table.
fn cases() -> Vec<(String, Value)> {
    let definitions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../definitions/numbers");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(definitions).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let definition: Value = toml::from_str(&text).unwrap();
        let Some(bin) = definition["twin"].get("bin") else {
            continue;
        };
        for case in definition["case"].as_array().unwrap() {
            cases.push((bin.as_str().unwrap().to_owned(), case.clone()));
        }
    }
    cases
}

#[test]
fn every_twin_does_what_its_definition_says() {
    let cases = cases();
    assert_eq!(cases.len(), 34);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(bin, case)| difference(bin, case))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn another_output_is_found() {
    // The comparison itself must be able to fail.
    let (bin, mut case) = cases().swap_remove(0);
    case["expect"]["stdout"]["text"] = Value::String("other".into());
    assert!(difference(&bin, &case).is_some());
}

#[test]
fn a_case_that_is_not_there_is_refused() {
    let output = Command::new(program("numbers-arithmetic"))
        .arg("other")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}
