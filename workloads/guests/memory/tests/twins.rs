//! The native twins against the definitions. An expectation that the twin does
//! not meet is wrong before any engine is asked.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "../../numbers/tests/support/twins.rs"]
mod support;

use std::process::Command;

use support::Twins;
use toml::Value;

const TWINS: Twins = Twins {
    any: env!("CARGO_BIN_EXE_memory-stack"),
    family: "memory",
};

#[test]
fn every_twin_does_what_its_definition_says() {
    let cases = TWINS.cases();
    assert_eq!(cases.len(), 6);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(bin, case)| TWINS.difference(bin, case))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn another_output_is_found() {
    // The comparison itself must be able to fail.
    let (bin, mut case) = TWINS.cases().swap_remove(0);
    case["expect"]["stdout"]["text"] = Value::String("other".into());
    assert!(TWINS.difference(&bin, &case).is_some());
}

#[test]
fn a_case_that_is_not_there_is_refused() {
    let output = Command::new(TWINS.program("memory-stack"))
        .arg("other")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}
