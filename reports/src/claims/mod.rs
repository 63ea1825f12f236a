//! Verdicts on published sentences.
//!
//! Each claim has one small pure function from an analysis to a [`Finding`].
//! Thresholds are named constants with their reason, and where a sentence
//! names no number the reading that is kindest to it is taken. What a record
//! cannot say is "not measured", with the reason.

mod capabilities;
mod claim;
mod cold_start;
mod composition;
mod density;
mod deployment;
mod languages;
mod memory;
mod portability;
mod size;
mod unmeasured;
mod versions;

use assay_model::{ClaimId, Verdict};

use crate::analyse::Analysis;
use crate::anchor::RowRef;
use claim::{Claim, Judgement};

/// Where the claims were published.
pub const ARTICLE: &str = "“Why WASI Preview 2 and Component Model Are Finally Making WebAssembly \
                           Portable for the Cloud”, ZenRio Tech, 4 April 2026";

/// A claim with what this record says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Number of the claim.
    pub id: ClaimId,
    /// The published words, shortened.
    pub quote: &'static str,
    /// How the suite tests it.
    pub test: &'static str,
    /// What this record says.
    pub verdict: Verdict,
    /// Why, with figures; for [`Verdict::NotMeasured`] what is lacking.
    pub reason: String,
    /// The rows it rests on. Each exists in the report.
    pub rows: Vec<RowRef>,
}

/// The claims of each file. A new claim is a file of its own, and its name here
/// and above.
const FILES: [&[Claim]; 11] = [
    capabilities::CLAIMS,
    cold_start::CLAIMS,
    composition::CLAIMS,
    density::CLAIMS,
    deployment::CLAIMS,
    languages::CLAIMS,
    memory::CLAIMS,
    portability::CLAIMS,
    size::CLAIMS,
    unmeasured::CLAIMS,
    versions::CLAIMS,
];

/// Every claim, in the order of METHODOLOGY.md: by number, and then by letter.
fn all() -> Vec<&'static Claim> {
    let mut all: Vec<&Claim> = FILES.into_iter().flatten().collect();
    all.sort_by_key(|claim| {
        let digits = claim.id.trim_end_matches(|c: char| c.is_ascii_lowercase());
        (digits.parse::<u32>().unwrap_or(u32::MAX), claim.id)
    });
    all
}

/// A finding for every claim, in order.
#[must_use]
pub fn findings(analysis: &Analysis<'_>) -> Vec<Finding> {
    all()
        .into_iter()
        .map(|claim| {
            let Judgement {
                verdict,
                reason,
                rows,
            } = match no_figures(analysis).filter(|_| claim.by_figures) {
                Some(why) => Judgement::not_measured(why),
                None => (claim.decide)(analysis),
            };
            Finding {
                id: ClaimId(claim.id.to_owned()),
                quote: claim.quote,
                test: claim.test,
                verdict,
                reason,
                rows,
            }
        })
        .collect()
}

/// Why no figure of a record counts, where none does.
fn no_figures(analysis: &Analysis<'_>) -> Option<&'static str> {
    let manifest = &analysis.record.manifest;
    let mut ran = manifest
        .arms
        .iter()
        .filter(|arm| arm.availability.is_available())
        .peekable();
    if manifest.built_for_checks() {
        Some(
            "The programs were built for checks, without link-time optimization, so their figures \
             do not count.",
        )
    } else if manifest.emulated() {
        Some("An emulator ran the programs, so their figures do not count.")
    } else if ran.peek().is_some() && ran.all(|arm| arm.facts.untimed.is_some()) {
        Some(
            "The arms of this record are only there to compare outcomes, so their figures do not \
             count.",
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(path: &str) -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    }

    /// A file that is forgotten here would be a claim that nobody judges.
    #[test]
    fn a_new_claim_is_a_file_and_its_name_here() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/claims");
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|name| name != "mod" && name != "claim")
            .collect();
        files.sort();
        let list = read("src/claims/mod.rs");
        let list = list.split("const FILES").nth(1).unwrap();
        let list = list.split("\n];").next().unwrap();
        let named: Vec<&str> = list
            .lines()
            .filter_map(|line| line.trim().strip_suffix("::CLAIMS,"))
            .collect();
        assert_eq!(files, named);
        assert!(FILES.iter().all(|claims| !claims.is_empty()));
    }

    #[test]
    fn each_claim_has_a_row_in_the_methodology_in_this_order() {
        let text = read("METHODOLOGY.md");
        let table = text.split("| no. | about | decided by |").nth(1).unwrap();
        let rows: Vec<&str> = table
            .lines()
            .skip(2)
            .map_while(|line| line.strip_prefix("| ")?.split(" |").next())
            .collect();
        let ids: Vec<&str> = all().iter().map(|claim| claim.id).collect();
        assert_eq!(ids, rows);
    }
}
