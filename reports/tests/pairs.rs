//! Workloads set beside each other: ratios, the cost of one call, and the claims
//! that rest on them.

#![allow(clippy::unwrap_used, reason = "functions shared by tests unwrap too")]

mod support;

use assay_model::{Bytes, Compare, Metric, Per, Shows, State, Verdict};
use assay_reports::analyse::{Analysis, Pair};
use assay_reports::{claims, render_html};
use support::Builder;
use support::html::assert_links;

const ARM: &str = "wasmtime/resident";

/// One workload of a pair with its two cases, on a native arm and on one of the
/// engine. Each block is slower than the one before, alike for all.
fn member(b: &mut Builder, id: &str, with: Option<&str>, start: f64, call: f64, size: u64) {
    let count = 100;
    for name in ["calls", "least"] {
        let case = format!("{id}#{name}");
        b.case(&case, &["native", ARM], |receipt| {
            receipt.size = Some(Bytes(size));
            receipt.compare = with.map(|with| Compare {
                with: with.to_owned(),
                shows: Shows::Composition,
            });
            receipt.per = (name == "calls").then(|| Per {
                unit: "call".to_owned(),
                count,
                over: format!("{id}#least").parse().unwrap(),
            });
        });
        for arm in ["native", ARM] {
            b.outcome(&case, arm, "x86_64", false, State::Pass);
            b.record.outcomes.last_mut().unwrap().digest = format!("of {name}");
            for block in 2..12 {
                let slow = f64::from(block) * 1000.0;
                let calls = if name == "calls" {
                    call * count as f64
                } else {
                    0.0
                };
                let value = start + slow + calls;
                let sample = b.sample(&case, arm, Metric::COLD_START, value);
                (sample.block, sample.seq) = (block, block);
            }
        }
    }
}

fn builder() -> Builder {
    let mut b = Builder::empty();
    member(&mut b, "compose/rust-single", None, 50_000.0, 4.0, 1000);
    let with = Some("compose/rust-single");
    member(&mut b, "compose/rust-rust", with, 60_000.0, 31.0, 1600);
    member(
        &mut b,
        "compose/python-rust",
        with,
        900_000.0,
        900.0,
        90_000,
    );
    b
}

fn pair<'a>(analysis: &'a Analysis<'_>, of: &str) -> &'a Pair {
    analysis.pairs.iter().find(|pair| pair.of == of).unwrap()
}

fn finding(b: &Builder, id: &str) -> (Verdict, String) {
    let analysis = Analysis::of(&b.record);
    let mut all = claims::findings(&analysis).into_iter();
    let found = all.find(|f| f.id.0 == id).unwrap();
    (found.verdict, found.reason)
}

#[test]
fn one_call_is_the_difference_over_the_count_whatever_slowed_the_block() {
    let b = builder();
    let analysis = Analysis::of(&b.record);
    assert_eq!(analysis.pairs.len(), 2);
    let pair = pair(&analysis, "compose/rust-rust");
    assert_eq!((pair.wasm.with, pair.wasm.of), (Some(1000.0), Some(1600.0)));
    // The twin of both is the same program: a native arm compares nothing.
    assert_eq!(pair.arms.len(), 1);
    let on = &pair.arms[0];
    assert_eq!(on.arm.as_str(), ARM);
    assert_eq!((on.passed(), on.same()), (2, 2));
    let cost = on.units[0].cost;
    let (with, of) = cost.both().unwrap();
    assert_eq!((with.median, with.p95.low, with.p95.high), (4.0, 4.0, 4.0));
    assert_eq!((of.median, of.n), (31.0, 10));
    // The case that does the least leads, though it is defined last.
    assert_eq!(pair.least, "least");
    let start = &on.starts[0];
    assert_eq!(start.case, "least");
    let blocks = (2..12).map(|block| f64::from(block) * 1000.0);
    let mut ratios: Vec<f64> = blocks.map(|s| (60_000.0 + s) / (50_000.0 + s)).collect();
    ratios.sort_by(f64::total_cmp);
    assert!(ratios[4] <= start.ratio.ratio && start.ratio.ratio <= ratios[5]);
}

#[test]
fn the_page_shows_both_and_what_was_not_measured() {
    let b = builder();
    let html = render_html(&b.record).unwrap();
    assert_links(&html);
    for part in [
        "<h2>Composition</h2>",
        "beside compose/rust-single",
        "1000 B → 1.56 KiB, 1.60×",
        "2 of 2 alike",
        "4 ns → 31 ns",
        "not measured",
        "This record has no pair of 0.2 and 0.3.",
        "start of case least",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let anchor = format!("id=\"row-pair,compose/rust-rust,{ARM}\"");
    assert!(html.contains(&anchor));
}

#[test]
fn a_cost_within_noise_says_so() {
    let mut b = builder();
    for s in &mut b.record.samples {
        let noisy = s.workload.as_str() == "compose/rust-rust#calls";
        if noisy && s.metric == Metric::COLD_START {
            s.value += if s.block % 2 == 0 {
                40_000.0
            } else {
                -40_000.0
            };
        }
    }
    assert!(render_html(&b.record).unwrap().contains("not above noise"));
    let clean = builder();
    assert!(
        !render_html(&clean.record)
            .unwrap()
            .contains("not above noise")
    );
}

#[test]
fn python_calls_rust_where_every_case_passes() {
    let mut b = builder();
    let (verdict, reason) = finding(&b, "8");
    assert_eq!(verdict, Verdict::Confirmed);
    for part in [
        "2 of 2 cells",
        "900 ns",
        "Rust to Rust 31 ns",
        "87.9 KiB",
        "memory is not",
    ] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    let of = |b: &mut Builder, state| {
        for o in &mut b.record.outcomes {
            if o.workload.as_str() == "compose/python-rust#calls" {
                o.state = state;
            }
        }
    };
    of(&mut b, State::Fail);
    assert_eq!(finding(&b, "8").0, Verdict::Depends);
    b.record
        .outcomes
        .iter_mut()
        .filter(|o| o.workload.workload() == "compose/python-rust")
        .for_each(|o| (o.state, o.detail) = (State::Skipped, "not built here".to_owned()));
    let (verdict, reason) = finding(&b, "8");
    assert_eq!(verdict, Verdict::NotMeasured);
    assert!(reason.contains("not built here"), "{reason}");
}

/// A program for either version of WASI.
fn versions(b: &mut Builder, name: &str, tags: &[&str], state_of_02: State) {
    for (version, state) in [("02", state_of_02), ("03", State::Pass)] {
        let id = format!("p3/{name}-{version}");
        b.case(&id, &[ARM], |receipt| {
            receipt.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            receipt.compare = (version == "03").then(|| Compare {
                with: format!("p3/{name}-02"),
                shows: Shows::Wasi03,
            });
        });
        b.outcome(&id, ARM, "x86_64", false, state);
    }
}

#[test]
fn waiting_for_several_things_decides_between_the_versions() {
    let mut b = Builder::empty();
    assert_eq!(finding(&b, "10").0, Verdict::NotMeasured);
    versions(&mut b, "hello", &["async"], State::Pass);
    assert_eq!(finding(&b, "10").0, Verdict::NotMeasured, "nothing waits");
    let mut cannot = Builder::empty();
    versions(&mut cannot, "timers", &["concurrency"], State::Timeout);
    assert_eq!(finding(&cannot, "10").0, Verdict::Confirmed);
    versions(&mut b, "timers", &["concurrency"], State::Pass);
    let (verdict, reason) = finding(&b, "10");
    assert_eq!(verdict, Verdict::Depends);
    assert!(reason.contains("of the 1 that wait"), "{reason}");
    assert!(
        reason.contains("The cost of the two versions is not in this record"),
        "{reason}"
    );
    assert!(
        render_html(&b.record)
            .unwrap()
            .contains("beside p3/timers-02")
    );
}

#[test]
fn languages_are_judged_by_outcomes_and_weight() {
    let languages = |python: u64| {
        let mut b = Builder::empty();
        for (language, size) in [("rust", 100_000), ("go", 900_000), ("python", python)] {
            let id = format!("lang/hello-{language}");
            b.case(&id, &[ARM], |receipt| {
                receipt.language = language.to_owned();
                receipt.size = Some(Bytes(size));
            });
            b.outcome(&id, ARM, "x86_64", false, State::Pass);
        }
        b
    };
    assert_eq!(finding(&languages(1_000_000), "12").0, Verdict::Refuted);
    let heavy = languages(18_000_000);
    let (verdict, reason) = finding(&heavy, "12");
    assert_eq!(verdict, Verdict::Depends);
    assert!(
        reason.contains("go: 1 of 1 cells pass, 879 KiB, up to 9.00×"),
        "{reason}"
    );
    assert_links(&render_html(&heavy.record).unwrap());
    let mut without = languages(1);
    without
        .record
        .outcomes
        .retain(|o| !o.workload.as_str().ends_with("python"));
    without.record.manifest.plan.verify.clear();
    assert_eq!(finding(&without, "12").0, Verdict::NotMeasured);
}
