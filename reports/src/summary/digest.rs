//! What a document shows of a record: the classes of arms and the claims.

use super::brief::ladder_rows;
use super::short::Short;
use super::text::{INCOMPLETE, cell, counts, first_sentence, noise};
use crate::analyse::Analysis;

/// A row of a Markdown table.
fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text.as_ref())).collect();
    format!("| {} |\n", cells.join(" | "))
}

pub(super) fn markdown(analysis: &Analysis<'_>, short: &Short) -> String {
    let mut out = format!("{}.\n\nMachine: {}.\n\n", counts(short), short.environment);
    if !short.complete {
        out.push_str(&format!("**{INCOMPLETE}**\n\n"));
    }
    let mut ladder = ladder_rows(analysis).into_iter();
    if let Some(headers) = ladder.next() {
        out.push_str(&row(&headers));
        out.push_str("| --- | ---: | --- | ---: |\n");
        ladder.for_each(|cells| out.push_str(&row(&cells)));
        out.push('\n');
    }
    out.push_str(&row(&["claim", "verdict", "published", "why"]));
    out.push_str("| --- | --- | --- | --- |\n");
    for claim in &short.claims {
        let why = first_sentence(claim);
        out.push_str(&row(&[&claim.id, &claim.verdict, &claim.quote, &why]));
    }
    out.push_str(&format!("\n{}.", noise(short).replacen('n', "N", 1)));
    // Warnings are long; that there are some belongs beside the figures.
    match short.warnings.len() {
        0 => {}
        1 => out.push_str(" The run has one warning, which is in the report."),
        n => out.push_str(&format!(
            " The run has {n} warnings; the report lists them."
        )),
    }
    out.push('\n');
    out
}
