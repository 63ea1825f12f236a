//! The capability grid and the pairs, in a line each.

use std::collections::BTreeMap;

use assay_model::{Access, ArmId};

use crate::analyse::{Analysis, Tally};
use crate::arms::Arms;

/// Arms that came out alike, as one name: the engine, where it has several and
/// all of them did.
fn named(known: &Arms, all: &[ArmId], alike: &[ArmId]) -> String {
    let engine = |arm: &ArmId| known.facts(arm).map(|facts| &facts.engine);
    let mut names: Vec<&str> = Vec::new();
    for arm in alike {
        let of_engine = |arms: &[ArmId]| {
            let same = arms.iter().filter(|a| engine(a) == engine(arm));
            same.count()
        };
        let name = match engine(arm) {
            Some(engine) if of_engine(all) > 1 && of_engine(all) == of_engine(alike) => {
                engine.as_str()
            }
            _ => arm.as_str(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// Tallies by arm, alike ones together, up the ladder.
fn tallies(analysis: &Analysis<'_>, asks: &[Access]) -> Vec<(String, Tally)> {
    let all = analysis.access.arms(asks);
    let mut found: Vec<(Vec<ArmId>, Tally)> = Vec::new();
    for arm in &all {
        let of = |c: &crate::analyse::AccessCell| c.arm == *arm && asks.contains(&c.access);
        let tally = analysis.access.tally(of);
        match found.iter_mut().find(|(_, known)| *known == tally) {
            Some((alike, _)) => alike.push(arm.clone()),
            None => found.push((vec![arm.clone()], tally)),
        }
    }
    found
        .into_iter()
        .map(|(alike, tally)| (named(&analysis.known, &all, &alike), tally))
        .collect()
}

/// What was granted and denied, and who got out.
pub(crate) fn access_line(analysis: &Analysis<'_>) -> Option<String> {
    let mut parts = Vec::new();
    let grid = tallies(analysis, &[Access::Granted, Access::Denied]);
    if !grid.is_empty() {
        let of =
            |(arms, t): &(String, Tally)| format!("{} of {} on {arms}", t.as_specified, t.ran());
        let counts: Vec<String> = grid.iter().map(of).collect();
        parts.push(format!(
            "granted and denied cells as specified: {}",
            counts.join(", ")
        ));
    }
    let escapes = tallies(analysis, &[Access::Escape]);
    if !escapes.is_empty() {
        let of = |(arms, t): &(String, Tally)| format!("{arms} {} of {}", t.differs, t.ran());
        let counts: Vec<String> = escapes.iter().map(of).collect();
        parts.push(format!("successful escape attempts: {}", counts.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// On how many arms the members of pairs had the same outcomes.
pub(crate) fn pairs_line(analysis: &Analysis<'_>) -> Option<String> {
    let mut alike: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for pair in &analysis.pairs {
        let whole = |on: &crate::analyse::PairArm| on.same() == on.ran();
        if pair.arms.is_empty() {
            continue;
        }
        let (same, of) = alike.entry(pair.shows.as_str()).or_default();
        *of += 1;
        *same += usize::from(pair.arms.iter().all(whole));
    }
    let parts: Vec<String> = alike
        .iter()
        .map(|(shows, (same, of))| format!("{shows} {same} of {of}"))
        .collect();
    (!parts.is_empty()).then(|| format!("pairs with the same outcomes: {}", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::ArmKind;

    #[test]
    fn arms_of_an_engine_that_agree_are_named_once() {
        let known = crate::arms::tests::arms(&[
            ("native", ArmKind::NativeProcess, "native"),
            ("some/host", ArmKind::WasmProcess, "wasmtime"),
            ("another", ArmKind::WasmResident, "wasmtime"),
        ]);
        let all: Vec<ArmId> = known.select(|_| true).cloned().collect();
        assert_eq!(named(&known, &all, &all), "native, wasmtime");
        assert_eq!(named(&known, &all, &all[..2]), "native, some/host");
    }
}
