//! The capability grid, escape attempts and interface coverage, from rows to
//! the page and to verdicts.

#![allow(clippy::unwrap_used, reason = "functions shared by tests unwrap too")]

mod support;

use assay_model::record::Covered;
use assay_model::{Access, State, Verdict};
use assay_reports::analyse::Analysis;
use assay_reports::summary::{Color, Detail, Form, Format, render};
use assay_reports::{claims, render_html};
use support::Builder;
use support::html::assert_links;

const ARMS: [&str; 4] = ["native", "youki", "wasmtime/aot", "wasmtime/resident"];

/// Files that are granted or not, a clock that is only there or not linked, and
/// two attempts, of which a container holds one.
fn builder() -> Builder {
    let mut b = Builder::empty();
    let grid = [
        ("capability/files#granted", Access::Granted, false),
        ("capability/files#ungranted", Access::Denied, false),
        ("capability/files#withheld", Access::Denied, true),
        ("capability/clock#granted", Access::Granted, false),
        ("capability/clock#withheld", Access::Denied, true),
    ];
    for (id, access, withheld) in grid {
        b.case(id, &ARMS, |receipt| {
            receipt.access = Some(access);
            if withheld {
                receipt.withheld.push("some".to_owned());
            }
        });
        for arm in ARMS {
            let state = match arm.starts_with("wasmtime") {
                true => State::Pass,
                false => State::Unsupported,
            };
            b.outcome(id, arm, "x86_64", false, state);
        }
    }
    for (id, held) in [
        ("capability/escape#parent", "youki"),
        ("capability/beyond#device", ""),
    ] {
        b.case(id, &ARMS, |receipt| receipt.access = Some(Access::Escape));
        for arm in ARMS {
            let state = match arm.starts_with("wasmtime") || arm == held {
                true => State::Pass,
                false => State::ExpectedFail,
            };
            b.outcome(id, arm, "x86_64", false, state);
            if state == State::ExpectedFail {
                b.record.outcomes.last_mut().unwrap().detail =
                    "https://example.com/1: it has it".to_owned();
            }
        }
    }
    b
}

fn set(b: &mut Builder, workload: &str, arm: &str, state: State) {
    let mut rows = b.record.outcomes.iter_mut();
    let row = rows.find(|o| o.workload.as_str() == workload && o.arm.as_str() == arm);
    row.unwrap().state = state;
}

fn finding(b: &Builder, id: &str) -> (Verdict, String) {
    let analysis = Analysis::of(&b.record);
    let mut all = claims::findings(&analysis).into_iter();
    let found = all.find(|f| f.id.0 == id).unwrap();
    (found.verdict, found.reason)
}

#[test]
fn the_grid_is_counted_by_group_and_arm() {
    let b = builder();
    let analysis = Analysis::of(&b.record);
    let access = &analysis.access;
    assert_eq!(access.open_by_default(), ["clock"]);
    let arms: Vec<String> = access
        .arms(&[Access::Granted, Access::Denied])
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        arms,
        ["wasmtime/aot", "wasmtime/resident"],
        "unsupported is not run"
    );
    assert_eq!(access.arms(&[Access::Escape]).len(), 4);
    let denied = access.tally(|c| c.access == Access::Denied && c.group() == "files");
    assert_eq!((denied.as_specified, denied.ran()), (4, 4));

    let html = render_html(&b.record).unwrap();
    assert_links(&html);
    assert!(html.contains("granted 1/1"));
    assert!(html.contains("denied 2/2"));
    assert!(html.contains("granted 2/2"), "the foot adds groups up");
    assert!(html.contains("2 of 2 reached"), "the plain process");
    assert!(html.contains("1 of 2 reached"), "the container");
    assert_eq!(html.matches("0 of 2 reached").count(), 2, "the components");
    // Once for each arm that lets something through, with its source.
    assert_eq!(
        html.matches("<td>it has it (<a href=\"https://example.com/1\"")
            .count(),
        2
    );
}

#[test]
fn a_cell_that_differs_is_named_with_its_issue() {
    let mut b = builder();
    let (workload, arm) = ("capability/files#ungranted", "wasmtime/aot");
    set(&mut b, workload, arm, State::ExpectedFail);
    let mut rows = b.record.outcomes.iter_mut();
    let row = rows.find(|o| o.workload.as_str() == workload && o.arm.as_str() == arm);
    row.unwrap().detail = "https://example.com/2: another error (byte 3)".to_owned();
    let html = render_html(&b.record).unwrap();
    assert_links(&html);
    assert!(html.contains("ungranted: expected fail"));
    assert!(html.contains("href=\"https://example.com/2\""));
    assert!(html.contains("denied 1/2"));
    let (verdict, reason) = finding(&b, "9");
    assert_eq!(verdict, Verdict::Depends);
    assert!(
        reason.contains("known defects, each listed with its reason and report: 1."),
        "{reason}"
    );
}

#[test]
fn zero_access_depends_on_what_is_there_without_a_grant() {
    let mut b = builder();
    let (verdict, reason) = finding(&b, "9");
    assert_eq!(verdict, Verdict::Depends);
    assert!(reason.contains("clock"), "{reason}");
    set(
        &mut b,
        "capability/files#ungranted",
        "wasmtime/aot",
        State::Fail,
    );
    assert_eq!(finding(&b, "9").0, Verdict::Refuted);

    let mut b = builder();
    b.record
        .manifest
        .workloads
        .retain(|w| w.id.workload() != "capability/clock");
    assert_eq!(finding(&b, "9").0, Verdict::Confirmed);
}

#[test]
fn escapes_compare_component_container_and_process() {
    let b = builder();
    let (verdict, reason) = finding(&b, "9b");
    assert_eq!(verdict, Verdict::Depends);
    for part in [
        "native 2 of 2",
        "youki 1 of 2",
        "wasmtime/aot 0 of 2",
        "beyond 1 of 1",
        "escape 0 of 1",
    ] {
        assert!(reason.contains(part), "{part}: {reason}");
    }

    let mut b = builder();
    set(
        &mut b,
        "capability/escape#parent",
        "wasmtime/aot",
        State::ExpectedFail,
    );
    assert_eq!(
        finding(&b, "9b").0,
        Verdict::Refuted,
        "even where it is known"
    );

    // A planned attempt without a row was not refused.
    let mut b = builder();
    b.record.outcomes.retain(|o| {
        !(o.workload.as_str() == "capability/escape#parent" && o.arm.as_str() == "wasmtime/aot")
    });
    let (verdict, reason) = finding(&b, "9b");
    assert_eq!(verdict, Verdict::NotMeasured);
    assert!(reason.contains("without an answer"), "{reason}");
}

#[test]
fn one_line_says_it_in_the_summary() {
    let b = builder();
    let said = |record: &assay_model::Record, format| {
        let form = Form {
            format,
            color: Color::Plain,
            detail: Detail::All,
        };
        render(&Analysis::of(record), form, None).unwrap()
    };
    let text = said(&b.record, Format::Table);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("granted and denied cells as specified: 5 of 5 on wasmtime"),
        "{text}"
    );
    assert!(
        text.contains("successful escape attempts: native 2 of 2, youki 1 of 2, wasmtime 0 of 2"),
        "{text}"
    );
    let old = Builder::smoke().record;
    let text = said(&old, Format::Md);
    assert!(!text.contains("escapes"), "nothing was asked");
    assert!(
        render_html(&old)
            .unwrap()
            .contains("has no cells of the capability grid")
    );
}

#[test]
fn what_no_case_calls_is_named() {
    let mut b = Builder::smoke();
    for (function, cases) in [
        ("cli/exit#exit", 4),
        ("cli/exit#exit-with-code", 0),
        ("io/poll#poll", 9),
    ] {
        b.record.manifest.coverage.push(Covered {
            function: function.to_owned(),
            cases,
        });
    }
    let record = b.record;
    let analysis = Analysis::of(&record);
    let rows: Vec<_> = analysis
        .coverage
        .iter()
        .map(|row| {
            (
                row.interface.as_str(),
                row.called(),
                row.functions.len(),
                row.cases(),
            )
        })
        .collect();
    assert_eq!(rows, [("cli/exit", 1, 2, 4), ("io/poll", 1, 1, 9)]);
    let html = render_html(&record).unwrap();
    assert!(html.contains("2 of the 3 stable functions"));
    assert!(html.contains("not called: exit-with-code"));
    assert!(html.contains("1 of 2"));
}

#[test]
fn many_arms_that_came_out_alike_share_a_column() {
    let mut b = builder();
    for n in 0..5 {
        let id = format!("host/{n}");
        b.arm(&id, assay_model::ArmKind::WasmProcess, "another", |_| {});
        for case in ["capability/escape#parent", "capability/beyond#device"] {
            b.outcome(case, &id, "x86_64", false, State::Pass);
        }
    }
    let html = render_html(&b.record).unwrap();
    assert_links(&html);
    assert_eq!(html.matches("0 of 2 reached").count(), 1);
    let column = "host/0, host/1, host/2, host/3, host/4, wasmtime/aot, wasmtime/resident</th>";
    assert!(html.contains(column));
    assert!(
        html.contains("1 of 2 reached"),
        "the container keeps its own"
    );
}
