//! The figures behind the page, and the short forms.

#![allow(clippy::unwrap_used, reason = "functions shared by tests unwrap too")]

mod support;

use std::path::Path;

use assay_model::{Metric, Record, State};
use assay_reports::analyse::Analysis;
use assay_reports::summary::{Color, Detail, Form, Format, render};
use assay_reports::{junit, render_html};
use support::Builder;

#[test]
fn warmups_and_invalid_rows_are_counted_and_not_used() {
    let record = Builder::smoke().record;
    let analysis = Analysis::of(&record);
    let jit = analysis
        .summary(Metric::COLD_START, "cli/hello", "wasmtime/jit")
        .unwrap();
    assert_eq!((jit.values.len(), jit.estimate.n, jit.invalid), (10, 10, 1));
    // Warm-ups take twice as long and the invalid row 1 ns: neither shows.
    let (least, most) = jit.range();
    assert!(least > 59e6 && most < 63e6, "{least} {most}");
    assert!(analysis.left_out.warmup > 0 && analysis.left_out.invalid > 0);
}

#[test]
fn effects_floors_and_break_even_follow_their_definitions() {
    let record = Builder::smoke().record;
    let analysis = Analysis::of(&record);
    let effect = analysis
        .effect(
            &"cli/hello".parse().unwrap(),
            &"wasmtime/aot".parse().unwrap(),
        )
        .unwrap();
    assert!((effect.effect.ratio - 1.7 / 0.6).abs() < 0.1);
    assert_eq!(effect.effect.n, 10);
    assert!(analysis.effects.iter().all(|e| !e.arm.is_twin()));
    // Five workloads have a cold start, each with its twin.
    assert_eq!(analysis.floors.len(), 5);
    let floor = analysis.worst_floor().unwrap();
    assert!(floor > 0.0 && floor < 0.06, "{floor}");
    // 210 ms / (61 − 1.7) ms, rounded up.
    let even = &analysis.break_even[0];
    assert_eq!(even.starts, Some(4.0), "{even:?}");
}

#[test]
fn programs_of_an_instance_are_told_apart_and_never_averaged() {
    let mut b = Builder::smoke();
    for (name, pss) in [("charged: app", 1.0), ("shared: dockerd", 90.0)] {
        for metric in [
            Metric::MEMORY_PART_PSS,
            Metric::MEMORY_PART_USS,
            Metric::MEMORY_PART_RSS,
        ] {
            let sample = b.sample("cli/hold", "native", metric, pss * 1e6);
            sample.note = name.to_owned();
        }
    }
    let record = b.record;
    let analysis = Analysis::of(&record);
    let parts: Vec<_> = analysis.parts.iter().map(|p| (p.name, p.pss)).collect();
    assert_eq!(parts, [("charged: app", 1e6), ("shared: dockerd", 90e6)]);
    assert_eq!(analysis.of_metric(Metric::MEMORY_PART_PSS).count(), 0);
    let html = render_html(&record).unwrap();
    support::html::assert_sound(&html);
    assert!(html.contains("row-part-shared--dockerd,cli/hold,native"));
}

#[test]
fn density_is_fitted_and_a_budget_is_not_a_capacity() {
    let record = Builder::smoke().record;
    let analysis = Analysis::of(&record);
    assert_eq!(analysis.density.len(), 4);
    let pooled = analysis.density.iter().find(|d| d.in_process).unwrap();
    let line = pooled.pss.unwrap();
    assert!((line.slope / 47_000.0 - 1.0).abs() < 0.1, "{line:?}");
    assert!(line.slope_p95.unwrap().contains(line.slope));
    let cross = pooled.available.unwrap();
    assert!((cross.slope / line.slope - 1.0).abs() < 0.01);
    assert_eq!(pooled.count_text(), "≥ 1,000");
    assert!(pooled.by_budget && !pooled.by_wall);
}

#[test]
fn fewer_than_five_points_give_no_slope() {
    let mut b = Builder::smoke();
    b.record
        .samples
        .retain(|s| !(s.metric.name().starts_with("density.") && s.seq > 3));
    let record = b.record;
    assert!(
        Analysis::of(&record)
            .density
            .iter()
            .all(|d| d.pss.is_none())
    );
}

#[test]
fn several_working_sets_of_a_cell_are_told_apart() {
    let mut b = Builder::smoke();
    let mut second = b.record.manifest.plan.density[0].clone();
    second.working_set = assay_model::Bytes(1 << 20);
    b.record.manifest.plan.density.push(second);
    let extra: Vec<_> = b
        .record
        .samples
        .iter()
        .filter(|s| s.arm.as_str() == "wasmtime/pooled" && s.metric.name().starts_with("density."))
        .cloned()
        .map(|mut s| {
            s.block = 1;
            s
        })
        .collect();
    b.record.samples.extend(extra);
    let record = b.record;
    let analysis = Analysis::of(&record);
    let sets: Vec<u64> = analysis
        .density
        .iter()
        .filter(|d| d.in_process)
        .map(|d| d.working_set.unwrap().0)
        .collect();
    assert_eq!(sets, [0, 1 << 20]);
    assert!(assay_reports::render_html(&record).is_ok());
}

#[test]
fn phases_add_up_to_the_last_stamp() {
    let record = Builder::smoke().record;
    let analysis = Analysis::of(&record);
    let aot = analysis
        .phases
        .iter()
        .find(|r| r.arm.as_str() == "wasmtime/aot" && r.workload.as_str() == "cli/hello")
        .unwrap();
    // t1 t2 t3 t4 t5 t7 t9 t10.
    assert_eq!(aot.phases.len(), 8);
    let last = analysis
        .summary(Metric::STAMP_T10, "cli/hello", "wasmtime/aot")
        .unwrap();
    assert!((aot.total() / last.estimate.median - 1.0).abs() < 0.01);
    let native = analysis
        .phases
        .iter()
        .find(|r| r.arm.as_str() == "native" && r.workload.as_str() == "cli/hello")
        .unwrap();
    assert_eq!(native.phases.len(), 3, "only what is seen from outside");
}

fn said(record: &Record, format: Format, color: Color, detail: Detail) -> String {
    let form = Form {
        format,
        color,
        detail,
    };
    let report = Path::new("target/assay/x/report.html");
    render(&Analysis::of(record), form, Some(report)).unwrap()
}

fn text(record: &Record, format: Format, color: Color) -> String {
    said(record, format, color, Detail::All)
}

#[test]
fn a_screen_says_what_a_reader_needs_and_ends_with_the_path() {
    let mut b = Builder::smoke();
    b.record.outcomes.pop();
    let record = b.record;
    let short = said(&record, Format::Table, Color::Plain, Detail::Short);
    let lines: Vec<&str> = short.lines().collect();
    assert!(lines.len() <= 45, "{} lines:\n{short}", lines.len());
    assert!(
        lines.iter().all(|line| line.chars().count() <= 112),
        "{short}"
    );
    let row = |label: &str| lines.iter().find(|l| l.starts_with(label)).expect(label);
    // The range of the class, and the best of it.
    let resident = row("resident Wasm");
    assert!(
        resident.contains("µs to ") && resident.contains("wasmtime/pooled"),
        "{resident}"
    );
    assert!(row("native process").contains("KiB"));
    assert!(
        short.contains("http/hello on wasmtime/pooled: missing"),
        "{short}"
    );
    // Each claim once, whether it was judged or not.
    let claims: Vec<&str> = short.lines().skip_while(|l| *l != "claims").collect();
    for (id, verdict) in [("1 ", "depends"), ("3 ", "confirmed")] {
        let line = claims.iter().find(|l| l.trim().starts_with(id)).unwrap();
        assert!(line.contains(verdict), "{line}");
    }
    assert!(
        claims
            .iter()
            .any(|l| l.starts_with("  not measured: 7. Only one engine"))
    );
    assert!(short.contains("docker: install docker.io"));
    assert_eq!(lines.last(), Some(&"report: target/assay/x/report.html"));
    let colored = said(&record, Format::Table, Color::Ansi, Detail::Short);
    assert!(colored.contains("\u{1b}[32mconfirmed"), "{colored}");
    assert!(!short.contains('\u{1b}'));
}

#[test]
fn the_table_ends_with_claims_skipped_arms_and_the_path() {
    let record = Builder::smoke().record;
    let plain = text(&record, Format::Table, Color::Plain);
    if std::env::var_os("ASSAY_KEEP_REPORT").is_some() {
        eprintln!("{}", text(&record, Format::Table, Color::Ansi));
    }
    assert!(!plain.contains('\u{1b}'));
    let places: Vec<usize> = [
        "workload",
        "cli/hello",
        "36 of 36 planned cells pass",
        "noise floor",
        "claims",
        "sub-millisecond",
        "docker: no docker command",
        "install docker.io",
        "report: target/assay/x/report.html",
    ]
    .iter()
    .map(|part| plain.find(part).expect(part))
    .collect();
    assert!(places.is_sorted(), "{plain}");
    assert!(!plain.contains("~aa"), "twins are noise, not arms");
    let is_start = |l: &&str| l.contains("wasmtime/aot") && l.contains("ms [");
    let row = plain.lines().find(is_start).unwrap();
    assert!(row.contains("pass") && row.contains("×"), "{row}");
    let colored = text(&record, Format::Table, Color::Ansi);
    assert!(colored.contains("\u{1b}[32mpass"));
}

#[test]
fn json_holds_raw_figures() {
    let record = Builder::smoke().record;
    let json: serde_json::Value =
        serde_json::from_str(&text(&record, Format::Json, Color::Ansi)).unwrap();
    assert_eq!(json["counts"]["pass"], 36);
    assert_eq!(json["claims"].as_array().unwrap().len(), 17);
    assert_eq!(json["cells"].as_array().unwrap().len(), 36);
    let cell = &json["cells"][0];
    assert_eq!(
        (&cell["workload"], &cell["arm"]),
        (&"cli/exit#trap".into(), &"native".into())
    );
    assert!(cell["cold_start"].is_null());
    assert_eq!(json["skipped"][0]["arm"], "docker");
}

#[test]
fn csv_is_one_rectangle() {
    let record = Builder::smoke().record;
    let text = text(&record, Format::Csv, Color::Plain);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let kinds: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[0].to_owned())
        .collect();
    let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!(
        (count("cell"), count("claim"), count("skipped")),
        (36, 17, 1)
    );
}

#[test]
fn markdown_cells_do_not_break_the_table() {
    let mut b = Builder::smoke();
    b.record.manifest.arms[6].availability = assay_model::Availability::Unavailable {
        reason: "a | b".to_owned(),
        remedy: "c".to_owned(),
    };
    let md = text(&b.record, Format::Md, Color::Plain);
    assert!(md.contains("| docker | a \\| b | c |"));
}

#[test]
fn junit_counts_the_plan() {
    let mut b = Builder::smoke();
    b.record.outcomes.remove(0);
    b.record.outcomes.remove(0);
    b.outcome("cli/hello", "native", "x86_64", false, State::Unsupported);
    let record = b.record;
    let xml = junit::render(&Analysis::of(&record)).unwrap();
    assert!(xml.contains("tests=\"36\""));
    assert!(xml.contains("failures=\"1\""));
    assert_eq!(xml.matches("<skipped").count(), 1);
    assert!(xml.contains("type=\"missing\""));
}
