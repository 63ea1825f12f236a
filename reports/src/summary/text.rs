//! The short table as text for a terminal and as Markdown.

use assay_model::Unit;

use super::form::Color;
use super::short::{CellLine, ClaimLine, Short};
use crate::format;

/// Width to which sentences are wrapped.
const WIDTH: usize = 100;

const HEADERS: [&str; 6] = [
    "workload",
    "arm",
    "outcome",
    "cold start [95 %]",
    "× native",
    "PSS",
];

#[derive(Clone, Copy)]
pub(super) enum Paint {
    Bold,
    Dim,
    Good,
    Bad,
    Warn,
}

pub(super) fn paint(color: Color, paint: Paint, text: &str) -> String {
    let code = match (color, paint) {
        (Color::Plain, _) => return text.to_owned(),
        (_, Paint::Bold) => "1",
        (_, Paint::Dim) => "2",
        (_, Paint::Good) => "32",
        (_, Paint::Bad) => "31",
        (_, Paint::Warn) => "33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

fn of_outcome(line: &CellLine) -> Paint {
    if line.is_failure {
        Paint::Bad
    } else if line.outcome == "pass" {
        Paint::Good
    } else {
        Paint::Warn
    }
}

pub(super) fn of_verdict(verdict: &str) -> Paint {
    match verdict {
        "confirmed" => Paint::Good,
        "refuted" => Paint::Bad,
        "depends" => Paint::Warn,
        _ => Paint::Dim,
    }
}

fn fields(line: &CellLine) -> [String; 6] {
    [
        line.workload.clone(),
        line.arm.clone(),
        line.outcome.clone(),
        line.cold_start
            .as_ref()
            .map_or_else(|| "–".to_owned(), |f| f.text.clone()),
        match &line.ratio_to_native {
            Some(r) => r.text.clone(),
            None if line.is_baseline && line.cold_start.is_some() => "1".to_owned(),
            None => "–".to_owned(),
        },
        line.pss_bytes
            .map_or_else(|| "–".to_owned(), |v| format::value(Unit::Bytes, v)),
    ]
}

pub(super) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

pub(super) fn table(short: &Short, color: Color) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    let cells = shown(short);
    let rows: Vec<[String; 6]> = cells.iter().copied().map(fields).collect();
    let widths: [usize; 6] = std::array::from_fn(|column| {
        let of_rows = rows.iter().map(|row| row[column].chars().count()).max();
        of_rows.unwrap_or(0).max(HEADERS[column].chars().count())
    });
    let header: Vec<String> = HEADERS
        .iter()
        .zip(widths)
        .map(|(h, width)| pad(h, width))
        .collect();
    line(&paint(color, Paint::Bold, header.join("  ").trim_end()));
    let mut before = String::new();
    for (row, cell) in rows.iter().zip(&cells) {
        let mut parts = Vec::new();
        for (column, text) in row.iter().enumerate() {
            // A workload's name stands once, at its first arm.
            let shown = if column == 0 && *text == before {
                ""
            } else {
                text
            };
            let padded = pad(shown, widths[column]);
            parts.push(if column == 2 {
                paint(color, of_outcome(cell), &padded)
            } else {
                padded
            });
        }
        before.clone_from(&row[0]);
        line(&parts.join("  "));
        if cell.is_failure && !cell.detail.is_empty() {
            for part in wrap(&cell.detail, WIDTH) {
                line(&format!("    {}", paint(color, Paint::Bad, &part)));
            }
        }
    }
    if cells.len() < short.cells.len() {
        line(&format!(
            "{} more cells, without a figure and without a failure, are in the report",
            short.cells.len() - cells.len()
        ));
    }
    line("");
    let counted = counts(short);
    let kind = if short.counts.failed > 0 {
        Paint::Bad
    } else {
        Paint::Good
    };
    line(&paint(color, kind, &counted));
    if !short.complete {
        line(&paint(color, Paint::Bad, INCOMPLETE));
    }
    for text in [&short.access, &short.pairs].into_iter().flatten() {
        for part in wrap(text, WIDTH) {
            line(&part);
        }
    }
    line(&noise(short));
    line(&paint(color, Paint::Dim, &short.environment));
    for warning in &short.warnings {
        for (place, part) in wrap(warning, WIDTH).into_iter().enumerate() {
            let lead = if place == 0 { "! " } else { "  " };
            line(&paint(color, Paint::Warn, &format!("{lead}{part}")));
        }
    }
    line("");
    line(&paint(color, Paint::Bold, "claims"));
    for claim in &short.claims {
        let verdict = paint(color, of_verdict(&claim.verdict), &pad(&claim.verdict, 12));
        for (place, part) in wrap(&claim.quote, WIDTH - 20).into_iter().enumerate() {
            line(&if place == 0 {
                format!("  {} {verdict}  {part}", pad(&claim.id, 3))
            } else {
                format!("{}{part}", " ".repeat(20))
            });
        }
        for part in wrap(&first_sentence(claim), WIDTH - 20) {
            line(&format!("{}{part}", " ".repeat(20)));
        }
    }
    if !short.skipped.is_empty() {
        line("");
        line(&paint(
            color,
            Paint::Bold,
            "skipped arms, and how to get them",
        ));
        for arm in &short.skipped {
            line(&format!("  {}: {}", arm.arm, arm.reason));
            line(&format!("      {}", arm.remedy));
        }
    }
    if let Some(report) = &short.report {
        line("");
        line(&format!("report: {report}"));
    }
    out
}

pub(super) const INCOMPLETE: &str = "The run did not finish: the figures cover the launches so \
     far, and missing cells count as failed.";

/// A table of more lines than these is not read on a terminal.
const MANY: usize = 150;

/// The cells that the table shows: all of them, or those that a reader of many
/// would look for.
fn shown(short: &Short) -> Vec<&CellLine> {
    let worth = |cell: &&CellLine| {
        short.cells.len() <= MANY
            || cell.is_failure
            || cell.cold_start.is_some()
            || cell.pss_bytes.is_some()
    };
    short.cells.iter().filter(worth).collect()
}

pub(super) fn counts(short: &Short) -> String {
    let c = &short.counts;
    let mut text = format!("{} of {} planned cells pass", c.pass, c.total);
    for (n, what) in [
        (c.failed - c.missing, "failed"),
        (c.missing, "missing"),
        (c.unsupported, "unsupported"),
        (c.skipped, "skipped"),
        (c.expected_fail, "known defects"),
    ] {
        if n > 0 {
            text.push_str(&format!(", {n} {what}"));
        }
    }
    if let Some(covered) = &short.coverage {
        text.push_str(&format!(
            "; they call {} of the {} functions of WASI 0.2",
            covered.called, covered.functions
        ));
    }
    text
}

pub(super) fn noise(short: &Short) -> String {
    short.noise_floor.map_or_else(
        || "noise floor: unknown, because the run has no A/A arm".to_owned(),
        |share| {
            format!(
                "noise floor: an arm and its A/A twin differ by up to {} (95 %); smaller \
                 differences mean nothing here",
                format::percent(share)
            )
        },
    )
}

/// The first sentence of a claim's reason; the report has the rest.
pub(super) fn first_sentence(claim: &ClaimLine) -> String {
    match claim.reason.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => claim.reason.clone(),
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    crate::format::wrap(text, width)
}

/// Escapes what would end a cell of a Markdown table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

pub(super) fn markdown(short: &Short) -> String {
    let mut out = format!("## assay {} ({})\n\n", short.run_id, short.profile);
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!("{}. {}.", counts(short), noise(short)));
    for text in [&short.access, &short.pairs].into_iter().flatten() {
        line(&format!("\n{text}."));
    }
    if !short.complete {
        line(&format!("\n**{INCOMPLETE}**"));
    }
    line(&format!("\n{}\n", short.environment));
    line(&format!("| {} |", HEADERS.join(" | ")));
    line("| --- | --- | --- | ---: | ---: | ---: |");
    for row in shown(short).into_iter().map(fields) {
        line(&format!("| {} |", row.map(|text| cell(&text)).join(" | ")));
    }
    line("\n| claim | verdict | published | why |\n| --- | --- | --- | --- |");
    for claim in &short.claims {
        let parts = [&claim.id, &claim.verdict, &claim.quote, &claim.reason];
        line(&format!("| {} |", parts.map(|text| cell(text)).join(" | ")));
    }
    if !short.skipped.is_empty() {
        line("\n| skipped arm | why | how to get it |\n| --- | --- | --- |");
        for arm in &short.skipped {
            let parts = [&arm.arm, &arm.reason, &arm.remedy];
            line(&format!("| {} |", parts.map(|text| cell(text)).join(" | ")));
        }
    }
    for warning in &short.warnings {
        line(&format!("\n- {warning}"));
    }
    if let Some(report) = &short.report {
        line(&format!("\nReport: {report}"));
    }
    out
}
