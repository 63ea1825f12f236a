//! The page: whole, self-contained, and with nothing that points nowhere.

#![allow(clippy::unwrap_used, reason = "functions shared by tests unwrap too")]

mod support;

use std::collections::BTreeMap;

use assay_model::{ArmKind, ClaimId, State, Verdict};
use assay_reports::analyse::Analysis;
use assay_reports::{charts, claims, render_html, write_all};
use support::Builder;
use support::html::{assert_links, attributes};

fn verdicts(html: &str) -> BTreeMap<String, String> {
    let ids = attributes(html, "data-claim");
    let found = attributes(html, "data-verdict");
    assert_eq!(ids.len(), found.len());
    ids.into_iter()
        .map(str::to_owned)
        .zip(found.into_iter().map(str::to_owned))
        .collect()
}

/// Without a request: nothing is loaded, and the policy of the page forbids it.
fn assert_offline(html: &str) {
    for name in ["src", "srcset", "action", "poster", "data", "xlink:href"] {
        assert!(attributes(html, name).is_empty(), "{name} loads something");
    }
    for tag in [
        "<script", "<link", "<iframe", "<img", "<object", "@import", "url(",
    ] {
        assert!(!html.contains(tag), "{tag} in the page");
    }
    for link in attributes(html, "href") {
        assert!(link.starts_with('#'), "{link} leaves the page");
    }
    // The only address is the name of a vocabulary, which nothing fetches.
    let namespaces = html.matches("xmlns=\"http://www.w3.org/2000/svg\"").count();
    assert_eq!(html.matches("://").count(), namespaces);
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn a_smoke_record_gives_a_whole_page() {
    let record = Builder::smoke().record;
    let dir = tempfile::tempdir().unwrap();
    let path = write_all(dir.path(), &Analysis::of(&record)).unwrap();
    let html = std::fs::read_to_string(&path).unwrap();
    // To look at it: ASSAY_KEEP_REPORT=/some/dir cargo test -p assay-reports
    if let Ok(keep) = std::env::var("ASSAY_KEEP_REPORT") {
        write_all(std::path::Path::new(&keep), &Analysis::of(&record)).unwrap();
    }
    assert_offline(&html);
    assert_links(&html);
    for chart in [
        "classes",
        "cold-start",
        "phases",
        "memory",
        "artifacts",
        "density-in-process",
        "density-per-process",
    ] {
        assert!(
            html.contains(&format!("id=\"chart-{chart}\"")),
            "no {chart}"
        );
    }
    assert_eq!(html.matches("<svg ").count(), 7);
    assert_eq!(
        html.matches("<table").count(),
        html.matches("<caption>").count()
    );
    assert!(html.contains("resident host against fresh process"));
    assert!(html.contains("36 of 36 planned cells pass"));
    assert_eq!(
        render_html(&record).unwrap(),
        html,
        "the same bytes each time"
    );
}

#[test]
fn the_order_is_verdict_charts_grid_claims_skipped_environment_method() {
    let html = render_html(&Builder::smoke().record).unwrap();
    let order: Vec<usize> = [
        "verdict",
        "cold-start",
        "phases",
        "footprint",
        "density",
        "conformance",
        "claims",
        "skipped",
        "environment",
        "method",
    ]
    .iter()
    .map(|id| html.find(&format!("<section id=\"{id}\"")).expect(id))
    .collect();
    assert!(order.is_sorted());
    assert!(html.find("class=\"main\"").unwrap() < order[1]);
    assert!(html.contains("install docker.io and start its daemon"));
}

#[test]
fn every_claim_has_a_verdict() {
    let html = render_html(&Builder::smoke().record).unwrap();
    let found = verdicts(&html);
    let expected = [
        ("1", "depends"),
        ("10", "not-measured"),
        ("11", "not-measured"),
        ("12", "not-measured"),
        ("13", "not-measured"),
        ("2", "depends"),
        ("2b", "not-measured"),
        ("2c", "depends"),
        ("3", "confirmed"),
        ("4", "depends"),
        ("5", "not-measured"),
        ("6", "not-measured"),
        ("7", "not-measured"),
        ("8", "not-measured"),
        ("9", "not-measured"),
        ("9b", "not-measured"),
        ("9c", "not-measured"),
    ];
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(id, v)| ((*id).to_owned(), (*v).to_owned()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn measured_verdicts_rest_on_rows_and_others_give_a_reason() {
    let record = Builder::smoke().record;
    for finding in claims::findings(&Analysis::of(&record)) {
        assert!(!finding.reason.is_empty(), "claim {}", finding.id);
        if finding.verdict != Verdict::NotMeasured {
            assert!(
                !finding.rows.is_empty(),
                "claim {} rests on nothing",
                finding.id
            );
        }
    }
}

fn verdict_of(builder: &Builder, id: &str) -> Verdict {
    claims::findings(&Analysis::of(&builder.record))
        .into_iter()
        .find(|f| f.id == ClaimId(id.to_owned()))
        .unwrap()
        .verdict
}

#[test]
fn a_record_without_rows_measures_nothing() {
    let empty = Builder::empty();
    let html = render_html(&empty.record).unwrap();
    assert_offline(&html);
    assert!(html.contains("0 of 36 planned cells pass; 36 failed, of which 36 have no row"));
    assert!(verdicts(&html).values().all(|v| v == "not-measured"));
    assert!(!html.contains("<svg "));
    assert!(!html.contains("NaN") && !html.contains("inf "));
}

#[test]
fn a_missing_row_is_a_failure() {
    let mut b = Builder::smoke();
    b.record.outcomes.remove(3);
    let counts = Analysis::of(&b.record).grid.counts;
    assert_eq!(
        (counts.total, counts.pass, counts.failed, counts.missing),
        (36, 35, 1, 1)
    );
    let html = render_html(&b.record).unwrap();
    assert!(html.contains("<span class=\"bad\">missing</span>"));
}

#[test]
fn a_failing_cell_shows_its_difference_and_escapes_it() {
    let mut b = Builder::smoke();
    b.record.outcomes.remove(0);
    b.outcome("cli/hello", "native", "x86_64", false, State::Fail);
    let html = render_html(&b.record).unwrap();
    assert!(html.contains("35 of 36 planned cells pass; 1 failed, of which 0 have no row"));
    assert!(html.contains("first difference at byte 3 &#60;b&#62;"));
    assert!(!html.contains("byte 3 <b>"));
}

#[test]
fn emulated_and_foreign_rows_are_in_no_figure() {
    let plain = Builder::smoke();
    let mut b = Builder::smoke();
    for arm in ["native", "wasmtime/aot"] {
        let s = b.sample("cli/hello", arm, assay_model::Metric::COLD_START, 9e9);
        (s.emulated, s.block) = (true, 4);
        let s = b.sample("cli/hello", arm, assay_model::Metric::COLD_START, 9e9);
        (s.arch, s.block) = ("aarch64".to_owned(), 4);
    }
    let (with, without) = (Analysis::of(&b.record), Analysis::of(&plain.record));
    assert_eq!(with.summaries, without.summaries);
    assert_eq!((with.left_out.emulated, with.left_out.foreign), (2, 2));
    assert_eq!(charts::all(&with).unwrap(), charts::all(&without).unwrap());
}

#[test]
fn identity_across_machines_needs_arm_hardware() {
    let arm = |emulated, state| {
        let mut b = Builder::smoke();
        b.outcome("cli/hello", "wasmtime/aot", "aarch64", emulated, state);
        b
    };
    assert_eq!(
        verdict_of(&arm(false, State::Pass), "6"),
        Verdict::Confirmed
    );
    assert_eq!(verdict_of(&arm(true, State::Pass), "6"), Verdict::Depends);
    assert_eq!(verdict_of(&arm(false, State::Fail), "6"), Verdict::Refuted);
    assert_links(&render_html(&arm(false, State::Pass).record).unwrap());
}

#[test]
fn other_hosts_decide_claim_seven() {
    let mut b = Builder::smoke();
    b.arm("jco", ArmKind::WasmProcess, "v8", |_| {});
    b.arm("third", ArmKind::WasmProcess, "another", |_| {});
    b.outcome("cli/hello", "jco", "x86_64", false, State::Pass);
    assert_eq!(verdict_of(&b, "7"), Verdict::Confirmed);
    b.outcome("cli/hold", "jco", "x86_64", false, State::Unsupported);
    assert_eq!(verdict_of(&b, "7"), Verdict::Refuted);
    b.outcome("cli/hello", "third", "x86_64", false, State::Pass);
    assert_eq!(verdict_of(&b, "7"), Verdict::Depends);
    assert_links(&render_html(&b.record).unwrap());
}

#[test]
fn resident_arms_do_not_stand_beside_containers_alone() {
    let mut b = Builder::smoke();
    b.record
        .samples
        .retain(|s| !(s.arm.as_str() == "wasmtime/aot" && s.workload.as_str() == "cli/hello"));
    let record = b.record;
    let analysis = Analysis::of(&record);
    let all = charts::all(&analysis).unwrap();
    let ladder = all.iter().find(|c| c.id == "cold-start").unwrap();
    assert!(
        ladder
            .caption
            .contains("2 resident rows are in the table only")
    );
    let drawn = ladder.svg.matches("wasmtime/pooled").count();
    let measured = analysis
        .of_metric(assay_model::Metric::COLD_START)
        .filter(|s| s.key.arm.as_str() == "wasmtime/pooled")
        .count();
    assert_eq!(drawn, measured - 1);
    // Nor as a class; memory has both yardsticks.
    let classes = all.iter().find(|c| c.id == "classes").unwrap();
    assert_eq!(classes.svg.matches("resident Wasm").count(), 1);
}

#[test]
fn colours_are_variables_of_the_page() {
    let record = Builder::smoke().record;
    let analysis = Analysis::of(&record);
    for chart in charts::all(&analysis).unwrap() {
        assert!(
            !chart.svg.contains("\"#"),
            "{} has a fixed colour",
            chart.id
        );
        assert!(chart.svg.contains("var(--ink)"));
        let alone = charts::standalone(&chart, &analysis);
        assert!(alone.contains("prefers-color-scheme: dark"));
        assert!(alone.contains("Example CPU"));
        if let Ok(keep) = std::env::var("ASSAY_KEEP_REPORT") {
            let path = format!("{keep}/{}.svg", chart.id);
            std::fs::write(path, alone).unwrap();
        }
    }
}

/// Hundreds of cases are verified and few of them measured: the table at the
/// top shows what has a figure or failed, and long families are folded.
#[test]
fn a_large_grid_does_not_bury_the_figures() {
    let mut b = Builder::smoke();
    for n in 0..60 {
        let id = format!("fs/many#case-{n}");
        b.case(&id, &["native"], |_| {});
        b.outcome(&id, "native", "x86_64", false, State::Pass);
    }
    let html = render_html(&b.record).unwrap();
    assert_links(&html);
    let top = |html: &str| html.split("<tfoot>").next().unwrap().to_owned();
    assert!(top(&html).contains(">cli/hello</th>"));
    assert!(!top(&html).contains("case-7"));
    // And cli/exit#trap, which prints nothing and so has no cold start.
    assert!(html.contains("61 more cases"));
    assert!(html.contains("<details><summary>fs: 60 of 60 pass</summary>"));
    assert!(
        html.contains("<summary>60 cases</summary>"),
        "equal rows are one"
    );
    assert!(html.contains("<li id=\"row-outcome,fs/many:case-7,case\">fs/many#case-7 <code>"));

    b.record.outcomes.pop();
    let html = render_html(&b.record).unwrap();
    assert!(
        top(&html).contains("fs/many#case-59"),
        "what failed is shown"
    );
    assert!(html.contains("60 more cases"));
    assert!(html.contains("<details open><summary>fs: 59 of 60 pass, 1 missing</summary>"));
}

#[test]
fn an_unfinished_run_says_so() {
    let mut b = Builder::smoke();
    b.record.manifest.complete = false;
    assert!(
        render_html(&b.record)
            .unwrap()
            .contains("This run did not finish")
    );
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let record = Builder::empty().record;
    let error = write_all(
        std::path::Path::new("/nonexistent/dir"),
        &Analysis::of(&record),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/nonexistent/dir/report.html: ")
    );
}

#[test]
fn a_class_has_a_row_with_its_range_and_its_best() {
    let record = Builder::smoke().record;
    let analysis = Analysis::of(&record);
    let starts = analysis.starts_by_class();
    let row = |class| starts.iter().find(|row| row.class == class).unwrap();
    let resident = row(assay_model::ArmClass::ResidentWasm);
    assert_eq!(resident.arms.len(), 2);
    assert_eq!(resident.best().0.as_str(), "wasmtime/pooled");
    assert!(resident.best().1 < resident.worst());
    let fresh = row(assay_model::ArmClass::FreshWasm);
    assert_eq!(fresh.best().0.as_str(), "wasmtime/aot");
    let chart = charts::all(&analysis).unwrap();
    let chart = chart.iter().find(|chart| chart.id == "classes").unwrap();
    assert!(chart.svg.contains("best: wasmtime/pooled"));
    assert!(chart.svg.contains(&resident.range(assay_model::Unit::Ns)));
}

#[test]
fn an_artifact_has_one_row_with_every_arm_that_uses_it() {
    let record = Builder::smoke().record;
    let html = render_html(&record).unwrap();
    let table = html.split("Data: Artifact sizes").nth(1).unwrap();
    let table = table.split("</table>").next().unwrap();
    let same = "<td>cli/hello</td><td>wasmtime/jit, wasmtime/aot, wasmtime/pooled</td>";
    assert_eq!(table.matches(same).count(), 2, "raw and compressed");
    // Whatever rests on the size on one of these arms still leads to the row.
    for arm in ["jit", "aot", "pooled"] {
        let id = format!("id=\"row-artifact.wasm,cli/hello,wasmtime/{arm}\"");
        assert_eq!(table.matches(&id).count(), 1, "{arm}");
    }
}

#[test]
fn a_section_without_data_is_one_line_at_the_end() {
    let html = render_html(&Builder::empty().record).unwrap();
    let (page, end) = html.split_once("<h2>Not in this record</h2>").unwrap();
    for id in ["cold-start", "density", "composition", "architectures"] {
        assert!(
            !page.contains(&format!("href=\"#{id}\"")),
            "{id} is in the contents"
        );
        assert!(end.contains(&format!("<li id=\"{id}\">")), "{id}");
    }
    assert!(end.contains("Get it by <code>assay measure density</code>"));
    let whole = render_html(&Builder::smoke().record).unwrap();
    assert!(whole.contains("href=\"#density\""));
}
