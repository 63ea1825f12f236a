//! `assay merge`: records of several machines as one, as its user meets it.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says so"
)]

mod support;

use assay_model::record::SCHEMA;
use assay_model::{Digest, Record, State};
use std::path::{Path, PathBuf};
use support::assay;
use tempfile::TempDir;

/// The record that README shows.
fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/recorded")
}

/// It again, as if another machine had made it, with something changed.
fn elsewhere(change: impl FnOnce(&mut Record)) -> TempDir {
    let mut record = Record::read(&recorded()).unwrap();
    let manifest = &mut record.manifest;
    manifest.run_id = "elsewhere-1".parse().unwrap();
    manifest.fingerprint.arch = Some("aarch64".to_owned());
    for row in &mut record.outcomes {
        row.run_id = "elsewhere-1".parse().unwrap();
        row.arch = "aarch64".to_owned();
    }
    for sample in &mut record.samples {
        sample.run_id = "elsewhere-1".parse().unwrap();
        sample.arch = "aarch64".to_owned();
    }
    change(&mut record);
    let dir = tempfile::tempdir().unwrap();
    record.write(dir.path()).unwrap();
    dir
}

fn merge(other: &TempDir, more: &[&str]) -> (i32, String, String) {
    let (one, two) = (recorded(), other.path().to_owned());
    let mut args = vec!["merge", one.to_str().unwrap(), two.to_str().unwrap()];
    args.extend(more);
    assay(&args)
}

#[test]
fn two_machines_that_agree_are_one_grid() {
    let (code, out, err) = merge(&elsewhere(|_| {}), &[]);
    assert_eq!((code, err.as_str()), (0, ""));
    let last = out.lines().last().unwrap();
    assert!(last.starts_with("(all)") && last.ends_with('0'), "{out}");
    assert!(out.lines().next().unwrap().contains("aarch64"), "{out}");
}

#[test]
fn a_cell_that_differs_is_shown_with_both_values_and_fails() {
    let other = elsewhere(|record| {
        let row = &mut record.outcomes[0];
        row.state = State::Fail;
        row.digest = Digest::of(b"another").to_string();
        row.detail = "stdout differs at byte 3: expected 0x61, was 0x62".to_owned();
    });
    let (code, _, err) = merge(&other, &[]);
    assert_eq!(code, 100, "{err}");
    assert!(err.contains("differs: "), "{err}");
    assert!(err.contains("byte 3: expected 0x61, was 0x62"), "{err}");
    assert!(err.contains("1 differ between machines"), "{err}");
}

#[test]
fn a_merged_record_is_a_record_with_a_report() {
    let other = elsewhere(|_| {});
    let out = tempfile::tempdir().unwrap();
    let all = out.path().join("all");
    let (code, _, err) = merge(&other, &["--out", all.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    let record = Record::read(&all).unwrap();
    assert_eq!(record.manifest.merged.len(), 1);
    let report = std::fs::read_to_string(all.join("report.html")).unwrap();
    assert!(report.contains("No outcome differs."));
    // A record is never overwritten.
    assert_eq!(merge(&other, &["--out", all.to_str().unwrap()]).0, 2);
    // And it is read and merged as any other.
    let (code, out, err) = assay(&["merge", all.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("aarch64"), "{out}");
}

#[test]
fn every_cell_is_there_for_programs() {
    let (code, out, _) = merge(&elsewhere(|_| {}), &["--format", "csv"]);
    assert_eq!(code, 0);
    let mut lines = out.lines();
    assert_eq!(
        lines.next().unwrap(),
        "workload,arm,arch,emulated,profile,run_id,state,digest,expected,detail"
    );
    let cells = Record::read(&recorded()).unwrap().outcomes.len();
    assert_eq!(lines.count(), 2 * cells);
}

#[test]
fn other_bytes_are_refused_unless_they_are_to_be_shown() {
    let other = elsewhere(|record| {
        record.manifest.workloads[0].component = Digest::of(b"other bytes");
    });
    let (code, out, err) = merge(&other, &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains(Digest::of(b"other bytes").as_str()), "{err}");
    assert!(err.contains("elsewhere-1 (aarch64)"), "{err}");
    let (code, _, err) = merge(&other, &["--show-differing"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("not compared: "), "{err}");
}

#[test]
fn what_is_no_record_of_this_version_is_named_with_both_versions() {
    let other = elsewhere(|_| {});
    let path = other.path().join("record.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let schema = format!("\"schema\": {SCHEMA}");
    let changed = text.replacen(&schema, "\"schema\": 99", 1);
    assert_ne!(changed, text);
    std::fs::write(&path, changed).unwrap();
    let (code, _, err) = merge(&other, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("schema version 99"), "{err}");
    assert!(
        err.contains(&format!("this version of assay reads 1 to {SCHEMA}")),
        "{err}"
    );
    let (code, _, err) = assay(&["merge", "/nowhere"]);
    assert_eq!(code, 2);
    assert!(err.contains("/nowhere/record.json"), "{err}");
    assert_eq!(assay(&["merge"]).0, 2);
}

#[test]
fn a_run_is_given_once() {
    let (one, two) = (recorded(), recorded());
    let args = ["merge", one.to_str().unwrap(), two.to_str().unwrap()];
    let (code, _, err) = assay(&args);
    assert_eq!(code, 2);
    assert!(err.contains("are the same run"), "{err}");
}
