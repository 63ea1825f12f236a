//! Records of several machines as one.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says so"
)]

mod support;

use assay_model::record::{MergeError, Mixed};
use assay_model::{ArmFacts, ArmKind, Digest, Metric, Record, State, Verdict};
use assay_reports::analyse::{Analysis, Architectures};
use assay_reports::{charts, render_html};
use support::Builder;

/// A machine that verified the fixture's cases, all passed.
fn machine(run: &str, arch: &str, emulated: bool) -> Builder {
    let mut b = Builder::empty();
    let manifest = &mut b.record.manifest;
    manifest.run_id = run.parse().unwrap();
    manifest.fingerprint.arch = Some(arch.to_owned());
    manifest.fingerprint.emulated = Some(emulated);
    manifest.fingerprint.emulator = emulated.then(|| "qemu 7.2".to_owned());
    for cell in manifest.plan.verify.clone() {
        let (workload, arm) = (cell.workload.as_str(), cell.arm.as_str());
        b.outcome(workload, arm, arch, emulated, State::Pass);
    }
    b
}

fn merged(records: Vec<Builder>) -> Record {
    let records = records.into_iter().map(|b| b.record).collect();
    Record::merge(records, Mixed::Refused).unwrap()
}

#[test]
fn machines_that_agree_confirm_what_they_share() {
    let record = merged(vec![
        machine("r-s390x", "s390x", true),
        machine("r-x86", "x86_64", false),
    ]);
    assert_eq!(record.manifest.arch(), "x86_64", "the native one leads");
    let beside = Architectures::of(&record);
    let labels: Vec<&str> = beside.machines.iter().map(|m| m.label.as_str()).collect();
    assert_eq!(labels, ["x86_64", "s390x, emulated"]);
    assert_eq!((beside.all.compared, beside.all.differing), (36, 0));
    assert!(
        beside
            .all
            .counts
            .iter()
            .all(|c| (c.passed, c.failed) == (36, 0))
    );
    let html = render_html(&record).unwrap();
    assert!(html.contains("No outcome differs."), "the section is there");
    support::html::assert_sound(&html);
}

#[test]
fn a_cell_that_differs_is_shown_with_both_ends() {
    let mut other = machine("r-arm", "aarch64", true);
    let row = &mut other.record.outcomes[0];
    let cell = (row.workload.clone(), row.arm.clone());
    row.state = State::Fail;
    row.digest = Digest::of(b"another").to_string();
    row.detail = "stdout differs at byte 3: expected 0x61, was 0x62".to_owned();
    let beside = Architectures::of(&merged(vec![machine("r-x86", "x86_64", false), other]));
    assert_eq!((beside.all.compared, beside.all.differing), (36, 1));
    let [difference] = beside.differences.as_slice() else {
        panic!("{:?}", beside.differences);
    };
    assert_eq!((difference.workload.clone(), difference.arm.clone()), cell);
    let said = difference.to_string();
    assert!(said.contains("\n  x86_64: pass "), "{said}");
    assert!(said.contains("\n  aarch64, emulated: fail "), "{said}");
    assert!(said.contains("byte 3: expected 0x61, was 0x62"), "{said}");
}

#[test]
fn a_crash_on_one_machine_is_a_difference() {
    let mut other = machine("r-arm", "aarch64", true);
    let row = &mut other.record.outcomes[0];
    (row.state, row.digest) = (State::Crash, String::new());
    let beside = Architectures::of(&merged(vec![machine("r-x86", "x86_64", false), other]));
    assert_eq!(beside.all.differing, 1);
}

#[test]
fn controls_and_defects_of_all_are_not_compared() {
    let edit = |b: &mut Builder, text: &[u8]| {
        for receipt in &mut b.record.manifest.workloads {
            receipt.control = receipt.id.as_str() == "cli/exit#trap";
        }
        for row in &mut b.record.outcomes {
            match row.workload.as_str() {
                "cli/exit#trap" => row.digest = Digest::of(text).to_string(),
                "cli/sha256" => {
                    row.state = State::ExpectedFail;
                    row.digest = Digest::of(text).to_string();
                }
                "http/echo" => (row.state, row.digest) = (State::Unsupported, String::new()),
                _ => {}
            }
        }
    };
    let (mut one, mut two) = (
        machine("r-x86", "x86_64", false),
        machine("r-arm", "aarch64", true),
    );
    edit(&mut one, b"1");
    edit(&mut two, b"2");
    let beside = Architectures::of(&merged(vec![one, two]));
    assert_eq!(beside.differences, []);
    // Neither the control's six cells, nor those of the defect, nor the six
    // without an outcome.
    assert_eq!(beside.all.compared, 18);
}

#[test]
fn a_planned_cell_without_a_row_is_a_failure_of_its_machine() {
    let mut other = machine("r-arm", "aarch64", true);
    other.record.outcomes.pop();
    let record = merged(vec![machine("r-x86", "x86_64", false), other]);
    let beside = Architectures::of(&record);
    let failed: Vec<usize> = beside.all.counts.iter().map(|c| c.failed).collect();
    assert_eq!(failed, [0, 1]);
    assert_eq!(Analysis::of(&record).grid.counts.missing, 1);
}

#[test]
fn other_bytes_are_refused_and_both_sides_named() {
    let mut other = machine("r-arm", "aarch64", true);
    other.record.manifest.workloads[0].component = Digest::of(b"other bytes");
    other.record.outcomes[0].digest = Digest::of(b"another").to_string();
    let records = || {
        vec![
            machine("r-x86", "x86_64", false).record,
            other.record.clone(),
        ]
    };
    let error = Record::merge(records(), Mixed::Refused).unwrap_err();
    let said = error.to_string();
    for part in [
        "cli/hello",
        "r-x86",
        "r-arm",
        "x86_64",
        "aarch64",
        "--show-differing",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.contains(Digest::of(b"other bytes").as_str()), "{said}");
    let beside = Architectures::of(&Record::merge(records(), Mixed::Shown).unwrap());
    assert_eq!(beside.other_bytes.len(), 1);
    assert_eq!(
        beside.differences,
        [],
        "what is not the same bytes does not compare"
    );
}

#[test]
fn a_run_is_merged_once() {
    let records = vec![
        machine("r-x86", "x86_64", false).record,
        machine("r-x86", "x86_64", false).record,
    ];
    let error = Record::merge(records, Mixed::Refused).unwrap_err();
    assert!(matches!(error, MergeError::Twice(_)), "{error}");
    assert_eq!(
        Record::merge(Vec::new(), Mixed::Refused),
        Err(MergeError::Nothing)
    );
}

#[test]
fn merging_in_steps_is_merging_at_once() {
    let one = || machine("r-x86", "x86_64", false);
    let two = || machine("r-arm", "aarch64", true);
    let three = || {
        let mut b = machine("r-s390x", "s390x", true);
        b.record.manifest.workloads[0].tags = vec!["other".to_owned()];
        b
    };
    let at_once = merged(vec![one(), two(), three()]);
    let dir = tempfile::tempdir().unwrap();
    merged(vec![one(), two()]).write(dir.path()).unwrap();
    let first = Record::read(dir.path()).unwrap();
    let in_steps = Record::merge(vec![first, three().record], Mixed::Refused).unwrap();
    assert_eq!(in_steps.manifest, at_once.manifest);
    assert_eq!(Architectures::of(&in_steps), Architectures::of(&at_once));
}

#[test]
fn figures_are_those_of_the_first_native_machine_alone() {
    let mut again = Builder::smoke();
    again.record.manifest.run_id = "r-again".parse().unwrap();
    for sample in &mut again.record.samples {
        sample.run_id = "r-again".parse().unwrap();
        sample.value *= 3.0;
    }
    for row in &mut again.record.outcomes {
        row.run_id = "r-again".parse().unwrap();
    }
    let alone = Builder::smoke().record;
    let both = merged(vec![Builder::smoke(), again]);
    let (alone, both) = (Analysis::of(&alone), Analysis::of(&both));
    assert_eq!(alone.summaries, both.summaries);
    assert_eq!(both.left_out.foreign, alone.record.samples.len());
    let labels: Vec<&str> = both
        .architectures
        .machines
        .iter()
        .map(|m| m.label.as_str())
        .collect();
    assert!(labels[1].contains("r-again"), "{labels:?}");
}

#[test]
fn claim_six_is_judged_from_a_merged_record() {
    let verdict = |emulated| {
        let record = merged(vec![
            machine("r-x86", "x86_64", false),
            machine("r-arm", "aarch64", emulated),
        ]);
        let findings = assay_reports::claims::findings(&Analysis::of(&record));
        findings
            .into_iter()
            .find(|f| f.id.0 == "6")
            .unwrap()
            .verdict
    };
    assert_eq!(verdict(false), Verdict::Confirmed);
    assert_eq!(verdict(true), Verdict::Depends);
}

#[test]
fn machine_code_is_compared_over_the_components_that_all_have() {
    let sized = |run: &str, arch: &str, factor: f64, workloads: &[&str]| {
        let mut b = machine(run, arch, arch != "x86_64");
        for receipt in &mut b.record.manifest.workloads {
            receipt.size = Some(assay_model::Bytes(1000));
        }
        for workload in workloads {
            b.sample(
                workload,
                "wasmtime/aot",
                Metric::ARTIFACT_CWASM,
                1000.0 * factor,
            );
        }
        for sample in &mut b.record.samples {
            (sample.arch, sample.emulated) = (arch.to_owned(), arch != "x86_64");
        }
        b
    };
    let record = merged(vec![
        sized("r-x86", "x86_64", 2.0, &["cli/hello", "http/echo"]),
        sized("r-arm", "aarch64", 3.0, &["cli/hello"]),
    ]);
    let analysis = Analysis::of(&record);
    let found: Vec<(usize, usize, f64)> = analysis
        .architectures
        .code
        .iter()
        .map(|size| (size.machine, size.components, size.total))
        .collect();
    assert_eq!(found, [(0, 1, 2000.0), (1, 1, 3000.0)]);
    let drawn = charts::all(&analysis).unwrap();
    assert!(drawn.iter().any(|chart| chart.id == "code-size"));
}

#[test]
fn every_target_of_the_interpreter_has_a_row_that_says_what_became_of_it() {
    let with_pulley = |run: &str, arch: &str, target: &str| {
        let mut b = machine(run, arch, arch != "x86_64");
        let mut arm = b.record.manifest.arms[0].clone();
        arm.id = "wasmtime/pulley".parse().unwrap();
        arm.facts = ArmFacts {
            compiler: Some("pulley".to_owned()),
            ..ArmFacts::of(ArmKind::WasmResident, "wasmtime".parse().unwrap())
        };
        arm.config.insert("target".to_owned(), target.to_owned());
        b.record.manifest.arms.push(arm);
        b
    };
    let html = render_html(&merged(vec![
        with_pulley("r-x86", "x86_64", "pulley64"),
        with_pulley("r-s390x", "s390x", "pulley64be"),
    ]))
    .unwrap();
    assert_eq!(html.matches("verified as wasmtime/pulley").count(), 2);
    assert_eq!(
        html.matches("not run: its word size or byte order").count(),
        6
    );
}
