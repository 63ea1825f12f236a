//! Which arms may stand in one chart.

use crate::arms::{self, Arms};
use assay_model::{ArmFacts, ArmId};

/// The words that must stand by a chart that mixes what is not alike.
pub const MIXED: &str = "resident host against fresh process";

/// What a set of arms needs so that it may stand in one chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mix {
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
pub(super) fn mix<'a>(known: &Arms, shown: impl Iterator<Item = &'a ArmId> + Clone) -> Mix {
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
pub(super) fn mix_caption(captioned: bool, dropped: usize) -> String {
    let mut parts = Vec::new();
    if captioned {
        parts.push(format!("Where both stand in one group: {MIXED}."));
    }
    if dropped > 0 {
        parts.push(format!(
            "{dropped} resident rows are in the table only: a chart may show containers next to a \
             resident host only if it also shows the native process and a precompiled component in \
             its own process."
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
