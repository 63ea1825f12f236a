//! The command line as a stranger meets it. Nothing here needs the measured
//! binaries: what the user gave is checked before anything is built.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod support;

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use support::assay;

#[test]
fn an_unknown_arm_is_usage_and_names_the_nearest() {
    let (code, out, err) = assay(&["run", "--arms", "wasmtime/aott"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("'wasmtime/aot'"), "{err}");
    assert_eq!(assay(&["run", "--require", "natve"]).0, 2);
}

#[test]
fn an_unknown_workload_is_usage_and_names_the_nearest() {
    let (code, _, err) = assay(&["verify", "--workloads", "cli/helo"]);
    assert_eq!(code, 2);
    assert!(err.contains("cli/hello"), "{err}");
}

#[test]
fn a_glob_without_a_match_selects_nothing() {
    assert_eq!(assay(&["run", "--arms", "nonesuch*"]).0, 4);
    assert_eq!(assay(&["run", "--workloads", "gpu/*"]).0, 4);
}

#[test]
fn an_unknown_architecture_is_usage_and_names_the_nearest() {
    let (code, out, err) = assay(&["verify", "--arch", "x86_64,aarch46"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("'aarch46'") && err.contains("'aarch64'"),
        "{err}"
    );
    let (code, _, err) = assay(&["verify", "--arch", "arm64"]);
    assert_eq!(code, 2);
    assert!(err.contains("it is called 'aarch64' here"), "{err}");
}

#[test]
fn an_architecture_without_an_emulator_is_missing_and_the_script_is_named() {
    // With nothing in PATH there is no emulator anywhere; one of these is not
    // this machine's architecture.
    let foreign = match std::env::consts::ARCH {
        "s390x" => "riscv64",
        _ => "s390x",
    };
    let nowhere = tempfile::tempdir().unwrap();
    let output = Command::cargo_bin("assay")
        .unwrap()
        .args(["verify", "--arch", foreign, "--workloads", "cli/hello"])
        .env("PATH", nowhere.path())
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(6), "{err}");
    assert!(
        err.contains(&format!("`scripts/setup-cross {foreign}`")),
        "{err}"
    );
}

#[test]
fn wrong_flags_are_usage_and_help_is_not() {
    assert_eq!(assay(&["run", "--profile", "huge"]).0, 2);
    assert_eq!(assay(&["--no-such-flag"]).0, 2);
    let (code, out, _) = assay(&["--help"]);
    assert_eq!(code, 0);
    assert!(out.contains("100 conformance failure"));
}

#[test]
fn the_list_shows_arms_and_cases_in_every_form() {
    let (code, out, _) = assay(&["list", "--format", "json"]);
    assert_eq!(code, 0);
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    let exit = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "cli/exit")
        .unwrap();
    assert_eq!(exit["world"], "wasi:cli/command@0.2");
    assert_eq!(exit["language"], "rust");
    assert_eq!(exit["cases"], serde_json::json!(["ok", "error", "trap"]));
    assert!(exit["tags"].is_array());
    let (_, csv, _) = assay(&["list", "--format", "csv"]);
    assert!(csv.starts_with("kind,id,language,about\n"));
    for id in [
        "cli/exit#trap",
        "http/echo",
        "wasmtime/pooled",
        "youki",
        "native",
    ] {
        assert!(csv.contains(&format!(",{id},")), "{id} is missing");
    }
}

#[test]
fn the_figures_of_the_fixed_set_are_those_of_its_definitions() {
    let page = assay_workloads::Catalog::default_directory().join("README.md");
    let written = fs::read_to_string(&page).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let copied = copy.path().join("README.md");
    fs::write(&copied, &written).unwrap();
    let (code, _, err) = assay(&["list", "--splice", copied.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        fs::read_to_string(&copied).unwrap(),
        written,
        "run: assay list --splice workloads/README.md"
    );
}

/// `assay baselines` in a folder of its own.
fn baselines(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let mut assay = Command::cargo_bin("assay").unwrap();
    assay.arg("baselines").args(words);
    let output = assay.env("ASSAY_BASELINES", folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

#[test]
fn an_unknown_engine_is_usage_and_names_the_nearest() {
    let nowhere = Path::new("/nonexistent");
    for verb in ["start", "stop", "status"] {
        let (code, out, err) = baselines(nowhere, &[verb, "dokcer"]);
        assert_eq!((code, out.as_str()), (2, ""), "{verb}");
        assert!(
            err.contains("'dokcer'") && err.contains("'docker'"),
            "{err}"
        );
    }
}

#[test]
fn an_engine_that_was_not_started_is_told_with_what_starts_it() {
    let dir = tempfile::tempdir().unwrap();
    // The number of a process that runs, and the start of another one.
    let note = format!("{} 1\n", std::process::id());
    fs::write(dir.path().join("ctr.pid"), note).unwrap();
    let (code, out, _) = baselines(dir.path(), &["status", "--format", "json"]);
    assert_eq!(code, 0, "who names no engine needs none");
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    let rows = rows.as_array().unwrap();
    let named: Vec<&str> = rows
        .iter()
        .map(|row| row["engine"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["crun", "runc", "gvisor", "ctr", "docker", "podman"]);
    let words = ["status", "ctr", "--format", "json"];
    let (code, out, err) = baselines(dir.path(), &words);
    assert_eq!(code, 6, "{out}{err}");
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    let ctr = &rows[0];
    assert_ne!(ctr["state"], "running");
    assert_eq!(ctr["pid"], "");
    let socket = ctr["socket"].as_str().unwrap();
    assert!(socket.ends_with("/containerd.sock"), "{socket}");
    let remedy = ctr["remedy"].as_str().unwrap();
    assert!(
        remedy.ends_with("baselines start ctr") || remedy.ends_with("setup-baselines install ctr"),
        "{remedy}"
    );
}

#[test]
fn what_was_never_started_is_stopped_any_number_of_times() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("none");
    for _ in 0..2 {
        let (code, out, err) = baselines(&folder, &["stop"]);
        assert_eq!((code, out.as_str()), (0, ""));
        assert!(err.contains("nothing was started in"), "{err}");
    }
    assert!(!folder.exists());
    // A folder of somebody else's is not removed.
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let (code, _, err) = baselines(dir.path(), &["stop"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("nothing was started in"), "{err}");
    assert!(file.exists());
    // Nor is anything started in one; without root nothing is started at all.
    let (code, _, err) = baselines(dir.path(), &["start"]);
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains("name another one in") || err.contains("need root"),
        "{err}"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// A catalog of its own that a test may damage.
fn catalog(dir: &Path) {
    let source = assay_workloads::Catalog::default_directory();
    for part in ["definitions", "components", "fixtures"] {
        copy(&source.join(part), &dir.join(part));
    }
    fs::copy(source.join("components.lock"), dir.join("components.lock")).unwrap();
}

#[test]
fn a_component_that_is_not_the_pinned_one_is_refused_before_anything_runs() {
    let dir = tempfile::tempdir().unwrap();
    catalog(dir.path());
    let components = dir.path().join("components");
    fs::copy(
        components.join("cli-hold.wasm.zst"),
        components.join("cli-hello.wasm.zst"),
    )
    .unwrap();
    let (code, _, err) = assay(&[
        "verify",
        "--workloads",
        "cli/hello",
        "--catalog",
        dir.path().to_str().unwrap(),
    ]);
    assert_eq!(code, 2);
    assert!(
        err.contains("cli-hello") && err.contains("SHA-256"),
        "{err}"
    );
    assert!(!err.contains("building"), "{err}");
}

#[test]
fn an_unknown_key_in_a_definition_is_named_with_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    catalog(dir.path());
    let file = dir.path().join("definitions/cli/hello.toml");
    let text = fs::read_to_string(&file)
        .unwrap()
        .replace("deadline_ms", "deadline_sm");
    let line = text
        .lines()
        .position(|line| line.contains("deadline_sm"))
        .unwrap()
        + 1;
    fs::write(&file, text).unwrap();
    let (code, _, err) = assay(&["list", "--catalog", dir.path().to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains(&format!("hello.toml:{line}")), "{err}");
    assert!(
        err.contains("deadline_sm") && err.contains("deadline_ms"),
        "{err}"
    );
}

/// The record whose chart README shows.
fn recorded() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/recorded")
}

#[test]
fn a_record_is_rendered_again_from_its_files_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = assay(&[
        "report",
        recorded().to_str().unwrap(),
        "--out",
        dir.path().to_str().unwrap(),
    ]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("cli/hello") && out.contains("claims"), "{out}");
    let page = fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(page.contains("data-claim=\"9c\""));
}

#[test]
fn a_broken_record_is_named_by_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let render = || assay(&["report", dir.path().to_str().unwrap()]);
    let (code, _, err) = render();
    assert_eq!(code, 2);
    assert!(err.contains("record.json"), "{err}");

    copy(&recorded(), dir.path());
    let samples = dir.path().join("samples.csv");
    let text = fs::read_to_string(&samples).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2] = "not,a,row";
    fs::write(&samples, lines.join("\n")).unwrap();
    let (code, _, err) = render();
    assert_eq!(code, 2);
    assert!(err.contains("samples.csv:3"), "{err}");

    let manifest = dir.path().join("record.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replacen("\"schema\": 1", "\"schema\": 99", 1),
    )
    .unwrap();
    let (code, _, err) = render();
    assert_eq!(code, 2);
    assert!(err.contains("schema version 99"), "{err}");
}

#[test]
fn a_record_is_never_overwritten() {
    let (code, _, err) = assay(&["run", "--out", recorded().to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("already holds a record"), "{err}");
}
