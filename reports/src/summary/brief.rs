//! What a reader needs on a terminal at the end of a run: one screen.

use assay_model::{ArmClass, Unit, Verdict};

use super::form::Color;
use super::short::Short;
use super::text::{INCOMPLETE, Paint, counts, first_sentence, noise, of_verdict, pad, paint};
use crate::analyse::{Analysis, ClassRow, HEADLINE};

/// Longest line.
const WIDTH: usize = 110;

/// Width of the words of a claim.
const QUOTE: usize = 38;

/// Cells that failed and are named here; the report has the others.
const FAILURES: usize = 5;

/// The text in one line, cut at a word.
fn one_line(text: &str, width: usize) -> String {
    // Indentation is no part of the words.
    let indent = text.len() - text.trim_start().len();
    let (lead, text) = text.split_at(indent);
    let width = width.saturating_sub(indent);
    let mut lines = crate::format::wrap(text, width.saturating_sub(2)).into_iter();
    match (lines.next(), lines.next()) {
        (Some(first), None) => format!("{lead}{first}"),
        (Some(first), Some(_)) => format!("{lead}{first} …"),
        (None, _) => String::new(),
    }
}

pub(super) fn table(analysis: &Analysis<'_>, short: &Short, color: Color) -> String {
    let mut lines: Vec<String> = Vec::new();
    ladder(analysis, color, &mut lines);
    outcomes(short, color, &mut lines);
    claims(short, color, &mut lines);
    missing(analysis, color, &mut lines);
    lines.push(String::new());
    lines.push("--verbose prints every figure and the full reasons".to_owned());
    if let Some(report) = &short.report {
        lines.push(format!("report: {report}"));
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A row per class, with the range of its arms and the best of them, after a
/// row of headers. Empty if no class has a figure.
pub(super) fn ladder_rows(analysis: &Analysis<'_>) -> Vec<[String; 4]> {
    let (starts, memory) = (analysis.starts_by_class(), analysis.memory_by_class());
    let of = |rows: &[ClassRow], class: ArmClass, unit: Unit| {
        rows.iter()
            .find(|row| row.class == class)
            .map(|row| (row.range(unit), row.best().0.to_string()))
    };
    let mut rows = vec![[
        "class of arms".to_owned(),
        format!("cold start of {HEADLINE}"),
        "fastest".to_owned(),
        "one more instance, PSS".to_owned(),
    ]];
    for class in ArmClass::ALL {
        let start = of(&starts, class, Unit::Ns);
        let slope = of(&memory, class, Unit::Bytes);
        if start.is_none() && slope.is_none() {
            continue;
        }
        let (start, fastest) = start.unwrap_or_else(|| ("–".to_owned(), "–".to_owned()));
        rows.push([
            class.label().to_owned(),
            start,
            fastest,
            slope.map_or_else(|| "–".to_owned(), |(range, _)| range),
        ]);
    }
    if rows.len() == 1 {
        rows.clear();
    }
    rows
}

/// The isolation ladder in aligned columns.
fn ladder(analysis: &Analysis<'_>, color: Color, lines: &mut Vec<String>) {
    let rows = ladder_rows(analysis);
    if rows.is_empty() {
        return;
    }
    let widths: [usize; 4] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    for (place, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells.map(|(cell, width)| pad(cell, width)).collect();
        let line = cells.join("  ");
        lines.push(match place {
            0 => paint(color, Paint::Bold, line.trim_end()),
            _ => line,
        });
    }
    lines.push(String::new());
}

/// What was verified, and what to know before believing a figure.
fn outcomes(short: &Short, color: Color, lines: &mut Vec<String>) {
    let kind = match short.counts.failed {
        0 => Paint::Good,
        _ => Paint::Bad,
    };
    lines.push(paint(color, kind, &counts(short)));
    let failed: Vec<_> = short.cells.iter().filter(|cell| cell.is_failure).collect();
    for cell in failed.iter().take(FAILURES) {
        let text = format!(
            "  {} on {}: {}. {}",
            cell.workload, cell.arm, cell.outcome, cell.detail
        );
        lines.push(paint(color, Paint::Bad, &one_line(&text, WIDTH)));
    }
    if failed.len() > FAILURES {
        lines.push(format!("  and {} more", failed.len() - FAILURES));
    }
    if !short.complete {
        lines.push(paint(color, Paint::Bad, INCOMPLETE));
    }
    lines.extend(crate::format::wrap(&noise(short), WIDTH));
    for warning in &short.warnings {
        let text = format!("! {}", one_line(warning, WIDTH - 2));
        lines.push(paint(color, Paint::Warn, &text));
    }
}

/// A line for each claim that was judged, and one for those that were not for
/// each reason.
fn claims(short: &Short, color: Color, lines: &mut Vec<String>) {
    let unknown = Verdict::NotMeasured.as_str();
    lines.push(String::new());
    lines.push(paint(color, Paint::Bold, "claims"));
    let mut open: Vec<(String, Vec<&str>)> = Vec::new();
    for claim in &short.claims {
        if claim.verdict == unknown {
            let why = first_sentence(claim);
            match open.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, ids)) => ids.push(&claim.id),
                None => open.push((why, vec![&claim.id])),
            }
            continue;
        }
        let verdict = paint(color, of_verdict(&claim.verdict), &pad(&claim.verdict, 9));
        let quote = one_line(&claim.quote, QUOTE);
        let why = one_line(&first_sentence(claim), WIDTH - 19 - QUOTE);
        lines.push(format!(
            "  {} {verdict}  {}  {why}",
            pad(&claim.id, 3),
            pad(&quote, QUOTE)
        ));
    }
    for (why, ids) in open {
        let text = format!("  not measured: {}. {why}", ids.join(", "));
        lines.push(paint(color, Paint::Dim, &one_line(&text, WIDTH)));
    }
}

/// A line for each engine that is missing, with what gets it.
fn missing(analysis: &Analysis<'_>, color: Color, lines: &mut Vec<String>) {
    let mut engines: Vec<(String, Vec<String>, Vec<&str>)> = Vec::new();
    for (arm, _, remedy) in analysis.unavailable() {
        let engine = analysis
            .facts(arm)
            .map_or_else(|| arm.to_string(), |facts| facts.engine.to_string());
        match engines.iter_mut().find(|(known, ..)| *known == engine) {
            Some((_, arms, remedies)) => {
                arms.push(arm.to_string());
                if !remedies.contains(&remedy) {
                    remedies.push(remedy);
                }
            }
            None => engines.push((engine, vec![arm.to_string()], vec![remedy])),
        }
    }
    if engines.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(paint(
        color,
        Paint::Bold,
        "missing arms, and how to get them",
    ));
    for (_, arms, remedies) in engines {
        let more = match arms.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let text = format!("  {}{more}: {}", arms[0], remedies.join("; "));
        lines.push(one_line(&text, WIDTH));
    }
}
