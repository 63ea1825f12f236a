//! Twins against their definitions, for a package whose guests write to stdout
//! and have no files: its sibling `memory` uses this file too.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use toml::Value;

/// The programs of a package and the family that they are the twins of.
pub struct Twins {
    /// Any of its programs: all of them lie beside each other.
    pub any: &'static str,
    /// The directory of their definitions.
    pub family: &'static str,
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

impl Twins {
    /// The path of one program.
    pub fn program(&self, bin: &str) -> PathBuf {
        Path::new(self.any).with_file_name(bin)
    }

    /// What is wrong with one case of the program, if anything is.
    pub fn difference(&self, bin: &str, case: &Value) -> Option<String> {
        let args = case["args"].as_array().unwrap();
        let expect = &case["expect"];
        let output = Command::new(self.program(bin))
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
    pub fn cases(&self) -> Vec<(String, Value)> {
        let definitions = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../definitions")
            .join(self.family);
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
}
