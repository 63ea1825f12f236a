//! Workloads set beside each other: what composing costs, and what a version of
//! WASI costs, on the same arm.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::record::WorkloadReceipt;
use assay_model::{ArmId, CaseId, Manifest, Metric, Shows, State};
use assay_stats::{Bootstrap, Effect, Estimate};

use super::blocks::PerBlock;
use super::grid::{CellState, Grid};
use super::summary::{Key, Summary};
use crate::anchor::{self, RowRef};
use crate::arms::Arms;

/// A figure of either: of the workload that is compared with, and of the one
/// that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Both<T> {
    /// Of what is compared with: the single program, the older version.
    pub with: T,
    /// Of what is compared: the composition, the newer version.
    pub of: T,
}

impl<T> Both<Option<T>> {
    /// Both, where both are there.
    #[must_use]
    pub fn both(&self) -> Option<(&T, &T)> {
        Some((self.with.as_ref()?, self.of.as_ref()?))
    }
}

/// The outcomes of a case in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairOutcome {
    /// Name of the case.
    pub case: String,
    /// The states.
    pub states: Both<CellState>,
    /// Whether the two outcomes have the same SHA-256.
    pub same: bool,
    /// The id of the compared one's cell in the conformance grid.
    pub anchor: String,
}

impl PairOutcome {
    /// Whether both passed.
    #[must_use]
    pub fn pass(&self) -> bool {
        let pass = CellState::Known(State::Pass);
        self.states.with == pass && self.states.of == pass
    }

    /// Whether at least the compared one was run here.
    #[must_use]
    pub fn ran(&self) -> bool {
        ran(self.states.of)
    }
}

fn ran(state: CellState) -> bool {
    !matches!(
        state,
        CellState::NotPlanned | CellState::Known(State::Unsupported | State::Skipped)
    )
}

/// Cold starts of a case in both.
#[derive(Debug, Clone, PartialEq)]
pub struct PairStart {
    /// Name of the case.
    pub case: String,
    /// Medians, in nanoseconds.
    pub times: Both<Estimate>,
    /// of / with, paired by block.
    pub ratio: Effect,
    /// The id of its row in the report.
    pub anchor: String,
}

/// What one unit costs in both.
#[derive(Debug, Clone, PartialEq)]
pub struct PairUnit {
    /// Name of the case.
    pub case: String,
    /// What is counted.
    pub unit: String,
    /// Nanoseconds for one.
    pub cost: Both<Option<Estimate>>,
}

/// A pair on one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct PairArm {
    /// The arm.
    pub arm: ArmId,
    /// The cases.
    pub outcomes: Vec<PairOutcome>,
    /// `artifact.cwasm`, bytes.
    pub compiled: Both<Option<f64>>,
    /// Cold starts, the case that does least first.
    pub starts: Vec<PairStart>,
    /// `memory.pss`, bytes.
    pub pss: Both<Option<Estimate>>,
    /// What one unit costs.
    pub units: Vec<PairUnit>,
    /// The id of its row in the report.
    pub anchor: String,
}

impl PairArm {
    /// Cases that were run: a plan can leave some out on an arm.
    #[must_use]
    pub fn ran(&self) -> usize {
        self.outcomes.iter().filter(|o| o.ran()).count()
    }

    /// Cases that passed in both.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.outcomes.iter().filter(|o| o.pass()).count()
    }

    /// Cases whose two outcomes are the same, and right.
    #[must_use]
    pub fn same(&self) -> usize {
        self.outcomes.iter().filter(|o| o.pass() && o.same).count()
    }

    /// A link to its row.
    #[must_use]
    pub fn row(&self, pair: &Pair) -> RowRef {
        RowRef {
            anchor: self.anchor.clone(),
            label: format!("pair · {} beside {} · {}", pair.of, pair.with, self.arm),
        }
    }
}

/// A workload set beside another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What is compared.
    pub of: String,
    /// What it is compared with.
    pub with: String,
    /// What the difference is of.
    pub shows: Shows,
    /// What the compared one can be found by.
    pub tags: Vec<String>,
    /// Name of the case that does the least, whose start is shown; empty where
    /// there is only one.
    pub least: String,
    /// Sizes of the components, bytes.
    pub wasm: Both<Option<f64>>,
    /// On each arm that ran it, up the ladder.
    pub arms: Vec<PairArm>,
}

/// What pairs are worked out from.
pub(super) struct Figures<'a> {
    pub manifest: &'a Manifest,
    pub known: &'a Arms,
    pub grid: &'a Grid,
    pub arch: &'a str,
    pub summaries: &'a BTreeMap<Key, Summary>,
    pub per_block: &'a PerBlock,
}

/// One case of a pair, and its counterpart.
struct Twosome<'a> {
    receipt: &'a WorkloadReceipt,
    cases: Both<CaseId>,
}

impl Twosome<'_> {
    fn name(&self) -> String {
        let name = self.cases.of.case();
        name.map_or_else(|| "(only case)".to_owned(), str::to_owned)
    }
}

impl Figures<'_> {
    /// Every pair of the record, by what it shows and then by names.
    pub(super) fn pairs(&self, bootstrap: &mut Bootstrap) -> Vec<Pair> {
        let mut found: BTreeMap<(Shows, String, String), Vec<Twosome<'_>>> = BTreeMap::new();
        for receipt in &self.manifest.workloads {
            let Some(compare) = &receipt.compare else {
                continue;
            };
            let Ok(with) = CaseId::new(&compare.with, receipt.id.case()) else {
                continue;
            };
            let of = receipt.id.workload().to_owned();
            found
                .entry((compare.shows, compare.with.clone(), of))
                .or_default()
                .push(Twosome {
                    receipt,
                    cases: Both {
                        with,
                        of: receipt.id.clone(),
                    },
                });
        }
        found
            .into_iter()
            .map(|((shows, with, of), mut cases)| {
                // What others are counted over does the least; it comes first.
                let least: BTreeSet<&CaseId> = cases
                    .iter()
                    .filter_map(|two| Some(&two.receipt.per.as_ref()?.over))
                    .collect();
                cases.sort_by_key(|two| !least.contains(&two.cases.of));
                Pair {
                    tags: cases
                        .first()
                        .map_or_else(Vec::new, |two| two.receipt.tags.clone()),
                    least: cases
                        .first()
                        .and_then(|two| two.cases.of.case())
                        .unwrap_or_default()
                        .to_owned(),
                    wasm: Both {
                        with: self.size(&with),
                        of: self.size(&of),
                    },
                    arms: self.on_arms(&of, &cases, bootstrap),
                    of,
                    with,
                    shows,
                }
            })
            .collect()
    }

    /// The size of a workload's component.
    fn size(&self, workload: &str) -> Option<f64> {
        let mut receipts = self.manifest.workloads.iter();
        let pinned = receipts
            .find(|w| w.id.workload() == workload)
            .and_then(|w| w.size);
        pinned
            .map(|size| size.0 as f64)
            .or_else(|| self.artifact(workload, None, Metric::ARTIFACT_WASM))
    }

    /// A size of a workload's artifact, whichever case it was read of.
    fn artifact(&self, workload: &str, arm: Option<&ArmId>, metric: Metric) -> Option<f64> {
        let is = |key: &Key| {
            key.metric == metric
                && key.workload.workload() == workload
                && arm.is_none_or(|arm| key.arm == *arm)
        };
        let found = self.summaries.iter().find(|(key, _)| is(key));
        found.map(|(_, summary)| summary.estimate.median)
    }

    fn on_arms(&self, of: &str, cases: &[Twosome<'_>], bootstrap: &mut Bootstrap) -> Vec<PairArm> {
        let measured = self
            .summaries
            .keys()
            .filter(|key| key.workload.workload() == of)
            .map(|key| &key.arm);
        let arms: BTreeSet<&ArmId> = self.grid.arms.iter().chain(measured).collect();
        let mut found: Vec<PairArm> = arms
            .into_iter()
            // A native twin is the same program for both: nothing to compare.
            .filter(|arm| !arm.is_twin() && self.known.is(arm, |facts| facts.kind.is_wasm()))
            .map(|arm| self.on_arm(of, arm, cases, bootstrap))
            .filter(|on| on.outcomes.iter().any(PairOutcome::ran) || !on.starts.is_empty())
            .collect();
        found.sort_by_cached_key(|on| self.known.sort_key(&on.arm));
        found
    }

    fn on_arm(
        &self,
        of: &str,
        arm: &ArmId,
        cases: &[Twosome<'_>],
        bootstrap: &mut Bootstrap,
    ) -> PairArm {
        let with = cases.first().map_or("", |two| two.cases.with.workload());
        PairArm {
            arm: arm.clone(),
            outcomes: cases.iter().map(|two| self.outcome(two, arm)).collect(),
            compiled: Both {
                with: self.artifact(with, Some(arm), Metric::ARTIFACT_CWASM),
                of: self.artifact(of, Some(arm), Metric::ARTIFACT_CWASM),
            },
            starts: cases
                .iter()
                .filter_map(|two| self.start(two, arm, bootstrap))
                .collect(),
            pss: self.pss(cases, arm),
            units: cases
                .iter()
                .filter_map(|two| self.unit(two, arm, bootstrap))
                .collect(),
            anchor: anchor::row("pair", of, arm),
        }
    }

    fn outcome(&self, two: &Twosome<'_>, arm: &ArmId) -> PairOutcome {
        let emulated = self.manifest.fingerprint.emulated == Some(true);
        let cell = |case: &CaseId| {
            let mut rows = self.grid.rows.iter();
            let row = rows.find(|row| {
                row.workload == *case && row.arch == self.arch && row.emulated == emulated
            })?;
            Some((row, row.cells.iter().find(|cell| cell.arm == *arm)?))
        };
        let (with, of) = (cell(&two.cases.with), cell(&two.cases.of));
        let digest = |found: &Option<(_, &super::GridCell)>| {
            found.as_ref().map(|(_, cell)| cell.digest.clone())
        };
        PairOutcome {
            case: two.name(),
            same: digest(&with).is_some_and(|d| !d.is_empty()) && digest(&with) == digest(&of),
            states: Both {
                with: with.map_or(CellState::NotPlanned, |(_, cell)| cell.state),
                of: of.map_or(CellState::NotPlanned, |(_, cell)| cell.state),
            },
            anchor: of.map_or_else(String::new, |(row, _)| row.anchor()),
        }
    }

    fn start(
        &self,
        two: &Twosome<'_>,
        arm: &ArmId,
        bootstrap: &mut Bootstrap,
    ) -> Option<PairStart> {
        let median = |case: &CaseId| Some(self.summary(case, arm, Metric::COLD_START)?.estimate);
        let values = |case: &CaseId| self.per_block.get(&(case.clone(), arm.clone()));
        Some(PairStart {
            case: two.name(),
            times: Both {
                with: median(&two.cases.with)?,
                of: median(&two.cases.of)?,
            },
            ratio: bootstrap.effect(values(&two.cases.of)?, values(&two.cases.with)?)?,
            anchor: anchor::row("pair-start", &two.cases.of, arm),
        })
    }

    /// Of the first case that was read in both; else of either, to be shown
    /// alone.
    fn pss(&self, cases: &[Twosome<'_>], arm: &ArmId) -> Both<Option<Estimate>> {
        let read = |case: &CaseId| Some(self.summary(case, arm, Metric::MEMORY_PSS)?.estimate);
        let found: Vec<_> = cases
            .iter()
            .map(|two| Both {
                with: read(&two.cases.with),
                of: read(&two.cases.of),
            })
            .collect();
        let whole = found.iter().find(|both| both.both().is_some());
        let part = || found.iter().find(|b| b.with.is_some() || b.of.is_some());
        whole.or_else(part).copied().unwrap_or_default()
    }

    fn unit(&self, two: &Twosome<'_>, arm: &ArmId, bootstrap: &mut Bootstrap) -> Option<PairUnit> {
        let per = two.receipt.per.as_ref()?;
        let mut receipts = self.manifest.workloads.iter();
        let other = receipts
            .find(|w| w.id == two.cases.with)
            .and_then(|w| w.per.as_ref())
            .filter(|other| other.unit == per.unit);
        let mut cost = |case: &CaseId, over: &CaseId, count: u64| {
            let values = |case: &CaseId| self.per_block.get(&(case.clone(), arm.clone()));
            let all = bootstrap.difference(values(case)?, values(over)?)?;
            all.per(count as f64)
        };
        Some(PairUnit {
            case: two.name(),
            unit: per.unit.clone(),
            cost: Both {
                with: other.and_then(|o| cost(&two.cases.with, &o.over, o.count)),
                of: cost(&two.cases.of, &per.over, per.count),
            },
        })
    }

    fn summary(&self, case: &CaseId, arm: &ArmId, metric: Metric) -> Option<&Summary> {
        self.summaries.get(&Key {
            workload: case.clone(),
            arm: arm.clone(),
            metric,
        })
    }
}
