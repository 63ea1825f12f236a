//! What the arms of a record are, and their order, by what each says of itself.

use assay_model::facts::Stack;
use assay_model::record::FactTable;
use assay_model::{ArmClass, ArmFacts, ArmId, ArmKind, EngineName, Manifest, Rank};

/// Order of arms in tables and charts: least isolation first, twins after
/// their originals. An arm without facts comes last.
pub type SortKey = (bool, Option<Rank>, ArmId, bool);

/// The arms of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arms {
    table: FactTable,
    /// Every arm with a receipt, up the isolation ladder.
    ids: Vec<ArmId>,
}

impl Arms {
    /// The arms of a manifest and of those merged into it.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Arms {
        Arms::new(manifest.facts())
    }

    fn new(table: FactTable) -> Arms {
        let mut ids: Vec<ArmId> = table.arms().cloned().collect();
        let mut arms = Arms {
            table,
            ids: Vec::new(),
        };
        arms.sort(&mut ids);
        arms.ids = ids;
        arms
    }

    /// What an arm is. Every arm of a record that was read has facts; see
    /// [`assay_model::Record::without_receipt`].
    #[must_use]
    pub fn facts(&self, arm: &ArmId) -> Option<&ArmFacts> {
        self.table.get(arm)
    }

    /// Whether an arm has facts for which `pick` holds.
    #[must_use]
    pub fn is(&self, arm: &ArmId, pick: impl FnOnce(&ArmFacts) -> bool) -> bool {
        self.facts(arm).is_some_and(pick)
    }

    /// The row or colour that an arm shares with others.
    #[must_use]
    pub fn class(&self, arm: &ArmId) -> Option<ArmClass> {
        self.facts(arm).map(ArmFacts::class)
    }

    /// What arms are sorted by.
    #[must_use]
    pub fn sort_key(&self, arm: &ArmId) -> SortKey {
        let rank = self.facts(arm).map(|facts| facts.rank);
        (rank.is_none(), rank, arm.base(), arm.is_twin())
    }

    /// Sorts arms up the ladder.
    pub fn sort(&self, arms: &mut [ArmId]) {
        arms.sort_by_cached_key(|arm| self.sort_key(arm));
    }

    /// Arms with a receipt for which `pick` holds, up the ladder.
    pub fn select(&self, pick: impl Fn(&ArmFacts) -> bool) -> impl Iterator<Item = &ArmId> {
        let is = move |arm: &&ArmId| !arm.is_twin() && self.is(arm, &pick);
        self.ids.iter().filter(is)
    }

    /// The arm that every other is compared with.
    #[must_use]
    pub fn baseline(&self) -> Option<&ArmId> {
        self.select(ArmFacts::is_baseline).next()
    }

    /// The engine under test: that of the arm which notes what each case calls,
    /// as only the engine that the harness embeds can tell; else that of the
    /// first arm that runs components with nothing in between.
    #[must_use]
    pub fn engine_under_test(&self) -> Option<&EngineName> {
        let direct = |facts: &ArmFacts| facts.kind.is_wasm() && facts.stack == Stack::Direct;
        self.select(|facts| facts.kind.is_wasm() && facts.traces)
            .chain(self.select(direct))
            .find_map(|arm| Some(&self.facts(arm)?.engine))
    }

    /// Whether an arm runs components on the engine under test with nothing in
    /// between: what is wrapped around an engine has defects of its own.
    #[must_use]
    pub fn is_under_test(&self, arm: &ArmId) -> bool {
        self.is(arm, |facts| {
            facts.kind.is_wasm()
                && facts.stack == Stack::Direct
                && self.engine_under_test() == Some(&facts.engine)
        })
    }
}

/// Whether an arm starts a process for a component that was compiled before.
#[must_use]
pub fn is_precompiled_process(facts: &ArmFacts) -> bool {
    is_direct_process(facts) && !facts.compiles_per_start
}

/// Whether an arm starts a process for a component with nothing in between.
#[must_use]
pub fn is_direct_process(facts: &ArmFacts) -> bool {
    facts.kind == ArmKind::WasmProcess && facts.stack == Stack::Direct
}

/// Whether the engine of an arm is up before its clock starts.
#[must_use]
pub fn is_resident(facts: &ArmFacts) -> bool {
    facts.kind == ArmKind::WasmResident
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Arms of these kinds and engines, with nothing special about them.
    pub(crate) fn arms(all: &[(&str, ArmKind, &str)]) -> Arms {
        let facts = all.iter().map(|(id, kind, engine)| {
            let facts = ArmFacts::of(*kind, engine.parse().unwrap());
            (id.parse().unwrap(), facts)
        });
        Arms::new(facts.collect())
    }

    #[test]
    fn the_ladder_goes_from_least_to_most_whatever_the_names() {
        let known = arms(&[
            ("a", ArmKind::WasmResident, "x"),
            ("b", ArmKind::Container, "y"),
            ("c", ArmKind::NativeProcess, "z"),
        ]);
        let mut ids: Vec<ArmId> = ["unknown", "a", "c~aa", "b", "c"]
            .iter()
            .map(|id| id.parse().unwrap())
            .collect();
        known.sort(&mut ids);
        let names: Vec<_> = ids.iter().map(ArmId::as_str).collect();
        assert_eq!(names, ["c", "c~aa", "b", "a", "unknown"]);
        assert_eq!(known.baseline().unwrap().as_str(), "c");
    }

    #[test]
    fn the_engine_under_test_is_the_one_that_is_embedded() {
        let id = |id: &str| -> ArmId { id.parse().unwrap() };
        let known = arms(&[
            ("other", ArmKind::WasmProcess, "x"),
            ("resident", ArmKind::WasmResident, "y"),
        ]);
        assert_eq!(known.engine_under_test().unwrap().as_str(), "x");
        let mut facts = known.facts(&id("resident")).unwrap().clone();
        facts.traces = true;
        let wrapped = ArmFacts {
            stack: Stack::EngineApi,
            ..ArmFacts::of(ArmKind::WasmProcess, "y".parse().unwrap())
        };
        let other = known.facts(&id("other")).unwrap().clone();
        let all = [
            (id("other"), other),
            (id("resident"), facts),
            (id("wrapped"), wrapped),
        ];
        let known = Arms::new(all.into_iter().collect());
        assert_eq!(known.engine_under_test().unwrap().as_str(), "y");
        assert!(known.is_under_test(&id("resident")));
        assert!(
            !known.is_under_test(&id("wrapped")),
            "it has its own defects"
        );
        assert!(!known.is_under_test(&id("other")));
    }
}
