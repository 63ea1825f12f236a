//! Charts as SVG whose colours are variables of the page around them.
//!
//! A chart never shows an emulated row (the analysis has none), names its units
//! on the axes, and comes with a title, its definition, the environment, and a
//! data table (made by the page).

mod axis;
mod canvas;
mod classes;
mod code;
mod density;
mod dots;
mod footprint;
mod ladder;
mod phases;
mod theme;

use crate::ReportError;
use crate::analyse::Analysis;
use crate::arms::{self, Arms};
use assay_model::{ArmFacts, ArmId};
pub(crate) use footprint::distinct;

pub use theme::STYLE;

/// A drawn chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// A name for files and ids: `cold-start`.
    pub id: &'static str,
    /// The heading.
    pub title: String,
    /// What is shown, defined.
    pub subtitle: String,
    /// What to bear in mind: kinds that do not compare, rows left out.
    pub caption: String,
    /// The drawing: an `<svg>` element whose colours are CSS variables.
    pub svg: String,
    /// Width of the drawing's view box.
    pub width: u32,
    /// Height of the drawing's view box.
    pub height: u32,
}

/// Every chart for which the record has figures, in the order of the report.
///
/// # Errors
/// When the drawing library fails; the chart is named.
pub fn all(analysis: &Analysis<'_>) -> Result<Vec<Chart>, ReportError> {
    let mut charts = Vec::new();
    charts.extend(classes::draw(analysis)?);
    charts.extend(ladder::draw(analysis)?);
    charts.extend(phases::draw(analysis)?);
    charts.extend(footprint::memory(analysis)?);
    charts.extend(footprint::artifacts(analysis)?);
    charts.extend(density::draw(analysis, true)?);
    charts.extend(density::draw(analysis, false)?);
    charts.extend(code::draw(analysis)?);
    Ok(charts)
}

/// The environment in one line, as it stands under every chart.
#[must_use]
pub fn environment(analysis: &Analysis<'_>) -> String {
    let manifest = &analysis.record.manifest;
    let virtualised = match manifest.fingerprint.virtualised {
        Some(true) => "",
        Some(false) => ", not virtualised",
        None => ", virtualisation unknown",
    };
    format!(
        "{}{virtualised} · profile {} · run {}",
        manifest.fingerprint, manifest.plan.profile, manifest.run_id
    )
}

/// A chart as a file of its own, with its title, definition and environment
/// in it: for a README. Light and dark follow the reader's preference.
#[must_use]
pub fn standalone(chart: &Chart, analysis: &Analysis<'_>) -> String {
    theme::standalone(chart, &environment(analysis))
}

/// The words that must stand by a chart that mixes what is not alike.
pub const MIXED: &str = "resident host against fresh process";

/// What a set of arms needs so that it may stand in one chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mix {
    /// All of them compare.
    Plain,
    /// Resident arms beside containers, with both yardsticks: caption it.
    Captioned,
    /// Resident arms beside containers without the two: the resident arms must
    /// be left out.
    DropResident,
}

/// The rule of `METHODOLOGY.md`: a chart that shows a resident arm beside a
/// container also shows the baseline and a component compiled ahead in a process
/// of its own.
fn mix<'a>(known: &Arms, shown: impl Iterator<Item = &'a ArmId> + Clone) -> Mix {
    let has = |pick: fn(&ArmFacts) -> bool| shown.clone().any(|arm| known.is(arm, pick));
    if !(has(arms::is_resident) && has(|facts| facts.kind.is_contained())) {
        return Mix::Plain;
    }
    if has(ArmFacts::is_baseline) && has(arms::is_precompiled_process) {
        Mix::Captioned
    } else {
        Mix::DropResident
    }
}

/// The caption for a mix, with what was left out.
fn mix_caption(captioned: bool, dropped: usize) -> String {
    let mut parts = Vec::new();
    if captioned {
        parts.push(format!("Where both stand in one group: {MIXED}."));
    }
    if dropped > 0 {
        parts.push(format!(
            "{dropped} resident rows are in the table only: containers may stand beside a \
             resident host only where the native process and a component compiled ahead in a \
             process of its own were measured too."
        ));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::ArmKind;

    const NATIVE: (&str, ArmKind, &str) = ("a", ArmKind::NativeProcess, "native");
    const CONTAINER: (&str, ArmKind, &str) = ("b", ArmKind::Container, "youki");
    const FRESH: (&str, ArmKind, &str) = ("c", ArmKind::WasmProcess, "wasmtime");
    const POOLED: (&str, ArmKind, &str) = ("d", ArmKind::WasmResident, "wasmtime");

    fn mix_of(arms: &[(&str, ArmKind, &str)]) -> Mix {
        let known = crate::arms::tests::arms(arms);
        let shown: Vec<&ArmId> = known.select(|_| true).collect();
        mix(&known, shown.into_iter())
    }

    #[test]
    fn resident_arms_stand_beside_containers_only_with_both_yardsticks() {
        assert_eq!(mix_of(&[NATIVE, CONTAINER]), Mix::Plain);
        assert_eq!(mix_of(&[POOLED, NATIVE]), Mix::Plain);
        assert_eq!(mix_of(&[POOLED, CONTAINER, NATIVE, FRESH]), Mix::Captioned);
        assert_eq!(mix_of(&[POOLED, CONTAINER, NATIVE]), Mix::DropResident);
    }
}
