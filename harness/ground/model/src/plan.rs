//! What a run intends to do, before it does it.

use crate::id::{ArmId, CaseId};
use crate::units::Bytes;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The size of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// A minute on a laptop.
    Smoke,
    /// The size whose figures are published.
    Standard,
    /// What the nightly matrix runs.
    Nightly,
}

impl Profile {
    /// The name of the profile.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Profile::Smoke => "smoke",
            Profile::Standard => "standard",
            Profile::Nightly => "nightly",
        }
    }

    /// Counted blocks: in each, every arm has one turn of fresh launches.
    #[must_use]
    pub fn blocks(self) -> u32 {
        match self {
            Profile::Smoke => 10,
            Profile::Standard => 30,
            Profile::Nightly => 100,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Profile::Smoke, Profile::Standard, Profile::Nightly]
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| format!("'{text}' is not a profile (smoke, standard, nightly)"))
    }
}

/// One workload case on one arm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// The case.
    pub workload: CaseId,
    /// The arm.
    pub arm: ArmId,
}

/// Randomised complete blocks: in every block every cell has one turn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ColdStartPlan {
    /// Blocks that are kept but flagged: caches and branch predictors settle.
    pub warmup_blocks: u32,
    /// Blocks that count.
    pub blocks: u32,
    /// The cells of each block.
    pub cells: Vec<Cell>,
}

impl ColdStartPlan {
    /// Warm-up and counted blocks together.
    #[must_use]
    pub fn total_blocks(&self) -> u32 {
        self.warmup_blocks + self.blocks
    }

    /// The order of cells within one block: a permutation that depends on the
    /// run's seed and the block alone, so a reader can redo it.
    #[must_use]
    pub fn order(&self, seed: u64, block: u32) -> Vec<usize> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from(block));
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        order.shuffle(&mut rng);
        order
    }
}

/// One density run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DensityPlan {
    /// The workload that is held, and the arm that holds it.
    pub cell: Cell,
    /// Bytes each instance touches before it counts.
    pub working_set: Bytes,
    /// Numbers of live instances at which memory is read; the last one is the
    /// declared budget.
    pub points: Vec<u64>,
    /// Whether the instances share one host process or have one each.
    pub in_process: bool,
}

impl DensityPlan {
    /// The declared budget.
    #[must_use]
    pub fn budget(&self) -> u64 {
        self.points.last().copied().unwrap_or(0)
    }
}

/// Everything a run intends to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The size of the run.
    pub profile: Profile,
    /// Seeds the order of launches and the bootstrap.
    pub seed: u64,
    /// Cells whose outcome is verified.
    pub verify: Vec<Cell>,
    /// The cold-start measure.
    pub cold_start: ColdStartPlan,
    /// Cells whose idle memory is read.
    pub footprint: Vec<Cell>,
    /// Density runs.
    pub density: Vec<DensityPlan>,
    /// What a reader could look for and will not find, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A measure of a cell that is not taken though it would be of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which measure.
    pub measure: Measure,
    /// Of what.
    pub cell: Cell,
    /// Why not.
    pub reason: String,
}

/// What is asked of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Outcomes.
    Verification,
    /// From nothing to the first answer.
    ColdStart,
    /// Sizes and memory.
    Footprint,
    /// Live instances.
    Density,
}

impl Measure {
    /// Every measure, in the order in which a run takes them.
    pub const ALL: [Measure; 4] = [
        Measure::Verification,
        Measure::ColdStart,
        Measure::Footprint,
        Measure::Density,
    ];

    /// The name in records and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Measure::Verification => "verification",
            Measure::ColdStart => "cold-start",
            Measure::Footprint => "footprint",
            Measure::Density => "density",
        }
    }
}

/// As words of a sentence.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_str().replace('-', " "))
    }
}

/// Which measures a run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeasureSet(u8);

impl MeasureSet {
    /// Every measure.
    pub const ALL: MeasureSet = MeasureSet::of(&Measure::ALL);
    /// Outcomes alone.
    pub const VERIFICATION: MeasureSet = MeasureSet::of(&[Measure::Verification]);

    /// These measures.
    #[must_use]
    pub const fn of(measures: &[Measure]) -> MeasureSet {
        let (mut set, mut rest) = (0, measures);
        while let [first, others @ ..] = rest {
            set |= 1 << *first as u8;
            rest = others;
        }
        MeasureSet(set)
    }

    /// Whether a measure is one of them.
    #[must_use]
    pub const fn contains(self, measure: Measure) -> bool {
        self.0 & (1 << measure as u8) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(cells: usize) -> ColdStartPlan {
        ColdStartPlan {
            warmup_blocks: 2,
            blocks: 10,
            cells: (0..cells)
                .map(|n| Cell {
                    workload: "cli/hello".parse().unwrap(),
                    arm: format!("arm/{n}").parse().unwrap(),
                })
                .collect(),
        }
    }

    #[test]
    fn every_block_gives_every_cell_one_turn() {
        let plan = plan(9);
        for block in 0..plan.total_blocks() {
            let mut order = plan.order(7, block);
            order.sort_unstable();
            assert_eq!(order, (0..9).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_set_has_the_measures_it_was_made_of() {
        for measure in Measure::ALL {
            assert!(MeasureSet::ALL.contains(measure));
            let expected = measure == Measure::Verification;
            assert_eq!(MeasureSet::VERIFICATION.contains(measure), expected);
            assert!(!MeasureSet::of(&[]).contains(measure));
            assert_eq!(serde_json::json!(measure), measure.as_str());
        }
        assert_eq!(Measure::ColdStart.to_string(), "cold start");
    }

    #[test]
    fn the_seed_decides_the_order() {
        let plan = plan(9);
        assert_eq!(plan.order(7, 3), plan.order(7, 3));
        assert_ne!(plan.order(7, 3), plan.order(7, 4));
        assert_ne!(plan.order(7, 3), plan.order(8, 3));
    }

    /// Recorded seeds must give the same order in every later version: this
    /// permutation is part of the schema.
    #[test]
    fn the_order_is_stable_across_versions() {
        assert_eq!(plan(6).order(42, 0), STABLE_ORDER);
    }
    const STABLE_ORDER: [usize; 6] = [2, 1, 5, 4, 3, 0];

    #[test]
    fn every_cell_stands_in_every_place() {
        let plan = plan(4);
        for place in 0..4 {
            let seen: std::collections::BTreeSet<_> =
                (0..60).map(|block| plan.order(1, block)[place]).collect();
            assert_eq!(seen.len(), 4, "place {place}");
        }
    }
}
