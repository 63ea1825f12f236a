//! What an arm is stands in its facts: names decide nothing.

#![allow(clippy::unwrap_used, reason = "functions shared by tests unwrap too")]

mod support;

use assay_model::facts::Stack;
use assay_model::{ArmClass, ArmKind, Availability, Metric, State, Verdict};
use assay_reports::analyse::Analysis;
use assay_reports::{charts, claims, render_html};
use support::Builder;
use support::html::{assert_links, assert_sound};

fn finding(b: &Builder, id: &str) -> (Verdict, String) {
    let analysis = Analysis::of(&b.record);
    let mut all = claims::findings(&analysis).into_iter();
    let found = all.find(|f| f.id.0 == id).unwrap();
    (found.verdict, found.reason)
}

#[test]
fn one_engine_in_two_wrappers_is_one_implementation() {
    let mut b = Builder::smoke();
    b.arm("fast-host", ArmKind::WasmProcess, "wasmtime", |facts| {
        facts.stack = Stack::EngineApi;
    });
    b.outcome("cli/hello", "fast-host", "x86_64", false, State::Pass);
    let (verdict, reason) = finding(&b, "7");
    assert_eq!(verdict, Verdict::NotMeasured);
    assert!(reason.contains("It is wasmtime"), "{reason}");
    assert!(reason.contains("Where to add what"), "{reason}");

    b.arm("other", ArmKind::WasmProcess, "v8", |_| {});
    b.record.manifest.arms.last_mut().unwrap().availability = Availability::Unavailable {
        reason: "it is not installed".to_owned(),
        remedy: "install it".to_owned(),
    };
    let (verdict, reason) = finding(&b, "7");
    assert_eq!(verdict, Verdict::NotMeasured);
    assert!(
        reason.contains("did not run: it is not installed; install it"),
        "{reason}"
    );
}

#[test]
fn an_engine_is_another_one_whatever_its_arm_is_called() {
    let mut b = Builder::smoke();
    b.arm("wasmtime/x", ArmKind::WasmProcess, "v8", |_| {});
    b.outcome("cli/hello", "wasmtime/x", "x86_64", false, State::Pass);
    let (verdict, reason) = finding(&b, "7");
    assert_eq!(verdict, Verdict::Confirmed);
    assert!(reason.contains("wasmtime/x (v8) passed 1 of 1"), "{reason}");
    assert_links(&render_html(&b.record).unwrap());
}

#[test]
fn an_arm_of_an_unknown_name_is_drawn_by_its_facts() {
    let mut b = Builder::smoke();
    b.arm("zebra", ArmKind::SandboxedContainer, "stripes", |facts| {
        facts.stack = Stack::Runtime;
    });
    let sample = b.sample("cli/hello", "zebra", Metric::COLD_START, 9e7);
    (sample.block, sample.seq) = (3, 3);
    let analysis = Analysis::of(&b.record);
    let ladder = charts::all(&analysis).unwrap();
    let ladder = ladder.iter().find(|c| c.id == "cold-start").unwrap();
    assert!(ladder.svg.contains("zebra"));
    assert!(ladder.svg.contains(ArmClass::Sandboxed.label()));
    assert!(ladder.svg.contains("var(--class-sandboxed)"));
    let (_, reason) = finding(&b, "2");
    assert!(reason.contains("zebra cli/hello 90.0 ms"), "{reason}");
    assert_sound(&render_html(&b.record).unwrap());
}

#[test]
fn an_arm_without_facts_is_named_and_no_chart_has_it() {
    let mut b = Builder::smoke();
    b.sample("cli/hello", "nobody", Metric::COLD_START, 9e7);
    let analysis = Analysis::of(&b.record);
    let said = |text: &String| text.contains("does not say what nobody is");
    assert!(analysis.warnings().iter().any(said));
    for chart in charts::all(&analysis).unwrap() {
        assert!(!chart.svg.contains("nobody"), "{}", chart.id);
    }
    assert_sound(&render_html(&b.record).unwrap());
}

/// A component and a native program that the same sort of engine starts.
fn packed() -> Builder {
    let mut b = Builder::smoke();
    let engine = |facts: &mut assay_model::ArmFacts| facts.stack = Stack::EngineApi;
    b.arm("box/wasm", ArmKind::WasmProcess, "wasmtime", engine);
    b.arm("box/native", ArmKind::Container, "box", engine);
    b.outcome("cli/hello", "box/wasm", "x86_64", false, State::Pass);
    for (arm, start) in [("box/wasm", 9e7), ("box/native", 8e7)] {
        let sample = b.sample("cli/hello", arm, Metric::COLD_START, start);
        (sample.block, sample.seq) = (3, 3);
    }
    b
}

#[test]
fn a_component_in_a_container_engine_is_judged_by_figures_that_count() {
    assert_eq!(finding(&packed(), "11").0, Verdict::Confirmed);
    // A bare runtime is no container engine.
    let mut b = packed();
    b.record.manifest.arms.last_mut().unwrap().facts.stack = Stack::Runtime;
    assert_eq!(finding(&b, "11").0, Verdict::NotMeasured);

    let mut b = packed();
    b.record.manifest.arms[0]
        .labels
        .push("built-for-checks".to_owned());
    assert!(finding(&b, "11").1.contains("built for checks"));
    let mut b = packed();
    b.record.manifest.fingerprint.emulated = Some(true);
    assert!(finding(&b, "11").1.contains("emulator"));
    let mut b = packed();
    for arm in &mut b.record.manifest.arms {
        arm.facts.untimed = Some("verified only".to_owned());
    }
    assert!(finding(&b, "11").1.contains("to compare outcomes"));
    // And where the figures of one of the two do not count.
    let mut b = packed();
    b.record.manifest.arms.last_mut().unwrap().facts.untimed = Some("verified only".to_owned());
    assert_eq!(finding(&b, "11").0, Verdict::NotMeasured);
}

#[test]
fn compiling_ahead_pays_within_one_engine() {
    let even = |b: &Builder| Analysis::of(&b.record).break_even.len();
    let mut b = Builder::smoke();
    let before = even(&b);
    assert!(before > 0);
    let compiles = b.record.manifest.arms.iter_mut();
    let jit = compiles
        .into_iter()
        .find(|arm| arm.facts.compiles_per_start);
    jit.unwrap().facts.engine = "another".parse().unwrap();
    assert_eq!(even(&b), 0);
}
