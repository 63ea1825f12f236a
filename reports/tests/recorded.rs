//! The recorded grid of four architectures, three of them emulated: a record
//! made elsewhere reads, renders and says here what README says it does.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says so"
)]

mod support;

use assay_model::Record;
use assay_reports::analyse::{Analysis, Architectures};
use assay_reports::summary::{self, Short};
use assay_reports::{charts, render_html};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn recorded() -> Record {
    Record::read(&root().join("reports/recorded/architectures")).unwrap()
}

#[test]
fn four_architectures_have_every_cell_and_the_same_outcomes() {
    let beside = Architectures::of(&recorded());
    let machines: BTreeSet<(&str, bool)> = beside
        .machines
        .iter()
        .map(|machine| (machine.arch.as_str(), machine.is_emulated()))
        .collect();
    let expected = [
        ("aarch64", true),
        ("riscv64", true),
        ("s390x", true),
        ("x86_64", false),
    ];
    assert_eq!(machines, BTreeSet::from(expected));
    assert_eq!(beside.differences, []);
    assert_eq!(beside.other_bytes, []);
    let planned: BTreeSet<usize> = beside
        .all
        .counts
        .iter()
        .map(|one| one.passed + one.failed + one.expected + one.unsupported + one.skipped)
        .collect();
    assert_eq!(planned.len(), 1, "the same cells everywhere: {planned:?}");
    // A cell that is planned and missing counts as failed.
    assert!(beside.all.counts.iter().all(|count| count.failed == 0));
    assert!(beside.all.compared > 0);
}

#[test]
fn a_cell_without_an_outcome_says_why() {
    for row in &recorded().outcomes {
        let why = !row.detail.is_empty();
        assert!(
            !row.digest.is_empty() || why,
            "{} on {} ({})",
            row.workload,
            row.arm,
            row.arch
        );
    }
}

#[test]
fn no_time_of_an_emulated_run_is_drawn() {
    let whole = recorded();
    let mut native = whole.clone();
    native.samples.retain(|sample| !sample.emulated);
    let drawn = |record: &Record| -> Vec<String> {
        let analysis = Analysis::of(record);
        let charts = charts::all(&analysis).unwrap();
        // Sizes of machine code are facts of an architecture, not times.
        let times = charts.iter().filter(|chart| chart.id != "code-size");
        times
            .map(|chart| charts::standalone(chart, &analysis))
            .collect()
    };
    assert_eq!(drawn(&whole), drawn(&native));
}

#[test]
fn it_renders_and_readme_shows_its_grid() {
    let record = recorded();
    support::html::assert_sound(&render_html(&record).unwrap());
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rows) = Architectures::of(&record).table();
    for row in rows {
        let line = format!("| {} |", row.join(" | "));
        assert!(readme.contains(&line), "README has not: {line}");
    }
}

/// A page that a browser opens at once, though every cell can be reached in it.
#[test]
fn the_page_of_a_large_grid_stays_small_and_has_every_cell() {
    let record = recorded();
    let html = render_html(&record).unwrap();
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
    let cases: BTreeSet<&str> = record
        .outcomes
        .iter()
        .map(|o| o.workload.as_str())
        .collect();
    assert!(cases.len() > 900);
    for case in cases {
        let id = format!("id=\"row-outcome,{},case\"", case.replace('#', ":"));
        assert_eq!(html.matches(&id).count(), 1, "{case}");
    }
    // Every reason of a cell that is no plain pass is there, in words.
    let details: BTreeSet<&str> = record.outcomes.iter().map(|o| o.detail.as_str()).collect();
    for detail in details {
        let escaped = ["&", "<", ">", "\"", "'"]
            .iter()
            .fold(detail.to_owned(), |text, c| {
                let code = format!("&#{};", c.as_bytes()[0]);
                match *c {
                    "&" => text.replace('&', &code),
                    c => text.replace(c, &code),
                }
            });
        assert!(html.contains(&escaped), "{detail}");
    }
}

#[test]
fn the_digest_is_short_and_has_every_claim_and_no_cell() {
    let record = Record::read(&root().join("reports/recorded")).unwrap();
    let analysis = Analysis::of(&record);
    let digest = summary::digest(&analysis);
    let lines = digest.lines().count();
    assert!((20..=45).contains(&lines), "{lines} lines:\n{digest}");
    let claims = Short::of(&analysis, None).claims;
    assert!(claims.len() > 10, "{claims:?}");
    for claim in &claims {
        let row = format!("| {} | {} |", claim.id, claim.verdict);
        let shown = digest.lines().filter(|line| line.starts_with(&row)).count();
        assert_eq!(shown, 1, "{row}\n{digest}");
    }
    for class in analysis.starts_by_class() {
        let row = format!("| {} | ", class.class.label());
        assert!(digest.contains(&row), "{row}\n{digest}");
    }
    let cells = record.outcomes.iter().map(|row| row.workload.as_str());
    for cell in cells.collect::<BTreeSet<_>>() {
        let row = format!("| {cell} |");
        assert!(!digest.contains(&row), "{row}\n{digest}");
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(
        readme.contains(digest.trim_end()),
        "run: assay report reports/recorded --splice README.md"
    );
}
