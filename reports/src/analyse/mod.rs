//! From the rows of a record to figures with intervals.
//!
//! Only valid, counted rows of the record's own architecture that no emulator
//! ran become figures. Emulated rows and those of other architectures count for
//! conformance alone; how many rows were left out, and why, is kept.

mod access;
mod architectures;
mod blocks;
mod classes;
mod coverage;
mod density;
mod grid;
mod pairs;
mod parts;
mod phases;
mod quality;
mod summary;

use std::collections::{BTreeMap, BTreeSet};

use assay_model::{ArmClass, ArmFacts, ArmId, CaseId, Metric, Record, Sample};
use assay_stats::{Bootstrap, Effect, Line, NoiseFloor};

pub use access::{AccessCell, AccessGrid, Found, Tally};
pub use architectures::{Architectures, CodeSize, Count, Difference, End, Group, Machine};
pub use classes::{ClassRow, HEADLINE};
pub use coverage::InterfaceRow;
pub use density::{DensityPoint, DensitySeries};
pub use grid::{CellState, Grid, GridCell, GridCounts, GridRow};
pub use pairs::{Both, Pair, PairArm, PairOutcome, PairStart, PairUnit};
pub use parts::Part;
pub use phases::{Phase, PhaseRow, SEGMENTS, Segment};
pub use quality::Quality;
pub use summary::{Key, Summary};

use crate::anchor::{self, RowRef};
use crate::arms::{self, Arms};
use blocks::PerBlock;

/// A ratio of one arm's cold start over that of the baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRow {
    /// The case.
    pub workload: CaseId,
    /// The arm that is compared with the baseline.
    pub arm: ArmId,
    /// arm / baseline, paired by block.
    pub effect: Effect,
}

/// The noise floor of one A/A pair.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorRow {
    /// The case.
    pub workload: CaseId,
    /// The twin.
    pub twin: ArmId,
    /// How far twin and original came apart.
    pub floor: NoiseFloor,
}

/// After how many starts compiling ahead of time has paid for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakEven {
    /// The case.
    pub workload: CaseId,
    /// The arm that loads compiled code.
    pub ahead: ArmId,
    /// The arm of the same engine that compiles at each start.
    pub each: ArmId,
    /// Build cost, in nanoseconds.
    pub build_cost: f64,
    /// Cold start of the arm that compiles at each start minus that of the arm
    /// that loads compiled code, medians, in nanoseconds.
    pub saved_per_start: f64,
    /// Starts until paid for, rounded up; `None` when a start saves nothing.
    pub starts: Option<f64>,
}

/// Rows that are in the record and in no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Run by an emulator.
    pub emulated: usize,
    /// Of another architecture or machine than the record's own.
    pub foreign: usize,
    /// Warm-up launches.
    pub warmup: usize,
    /// Stamps out of order, or a wrong outcome.
    pub invalid: usize,
}

/// Everything the reports show, worked out once.
#[derive(Debug, Clone)]
pub struct Analysis<'r> {
    /// The record.
    pub record: &'r Record,
    /// Architecture whose figures are shown.
    pub arch: String,
    /// What the arms are.
    pub known: Arms,
    /// One summary per workload, arm and metric.
    pub summaries: BTreeMap<Key, Summary>,
    /// Cold start over the baseline's.
    pub effects: Vec<EffectRow>,
    /// A/A pairs.
    pub floors: Vec<FloorRow>,
    /// Where a start spends its time.
    pub phases: Vec<PhaseRow>,
    /// Programs and daemons around one instance.
    pub parts: Vec<Part<'r>>,
    /// Density runs.
    pub density: Vec<DensitySeries>,
    /// When compiling ahead of time pays.
    pub break_even: Vec<BreakEven>,
    /// The conformance grid.
    pub grid: Grid,
    /// The capability grid, which is a part of it.
    pub access: AccessGrid,
    /// Which functions were called, by interface; empty where no arm can tell.
    pub coverage: Vec<InterfaceRow>,
    /// Workloads set beside each other.
    pub pairs: Vec<Pair>,
    /// What to know before believing a figure.
    pub quality: Vec<Quality>,
    /// The machines of a merged record beside each other.
    pub architectures: Architectures,
    /// Rows in no figure.
    pub left_out: LeftOut,
}

impl<'r> Analysis<'r> {
    /// Analyses a record. Total: a record without rows has no figures.
    #[must_use]
    pub fn of(record: &'r Record) -> Self {
        let arch = own_arch(record);
        let known = Arms::of(&record.manifest);
        let (samples, left_out) = counted(record, &arch);
        let mut bootstrap = Bootstrap::new(record.manifest.plan.seed);
        let summaries = summary::summaries(record, &samples, &arch, &mut bootstrap);
        let per_block = blocks::blocks(&samples);
        let grid = grid::grid(record, &known, &arch);
        let figures = pairs::Figures {
            manifest: &record.manifest,
            known: &known,
            grid: &grid,
            arch: &arch,
            summaries: &summaries,
            per_block: &per_block,
        };
        Self {
            pairs: figures.pairs(&mut bootstrap),
            parts: parts::parts(&samples),
            access: AccessGrid::of(&record.manifest, &grid, &arch),
            coverage: coverage::interfaces(&record.manifest),
            architectures: Architectures::of(record),
            record,
            effects: effects(&known, &per_block, &mut bootstrap),
            floors: floors(&per_block, &mut bootstrap),
            phases: phases::phases(&known, &samples),
            density: density::series(&known, &record.manifest.plan, &samples),
            break_even: break_even(&known, &summaries),
            grid,
            quality: quality::quality(record, &summaries),
            arch,
            known,
            summaries,
            left_out,
        }
    }

    /// What an arm is.
    #[must_use]
    pub fn facts(&self, arm: &ArmId) -> Option<&ArmFacts> {
        self.known.facts(arm)
    }

    /// Whether an arm has facts for which `pick` holds.
    #[must_use]
    pub fn is(&self, arm: &ArmId, pick: impl FnOnce(&ArmFacts) -> bool) -> bool {
        self.known.is(arm, pick)
    }

    /// The row or colour that an arm shares with others.
    #[must_use]
    pub fn class(&self, arm: &ArmId) -> Option<ArmClass> {
        self.known.class(arm)
    }

    /// What a reader has to know before believing a figure, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut all = self.record.manifest.warnings.clone();
        all.extend(self.record.without_receipt().map(|arm| {
            format!(
                "the record does not say what {arm} is, so its rows are in no chart and no \
                     claim"
            )
        }));
        all.extend(self.quality.iter().map(Quality::text));
        all
    }

    /// The summary of a metric, if the record has one.
    #[must_use]
    pub fn summary(&self, metric: Metric, workload: &str, arm: &str) -> Option<&Summary> {
        self.summaries.get(&Key {
            workload: workload.parse().ok()?,
            arm: arm.parse().ok()?,
            metric,
        })
    }

    /// Every summary of a metric, by workload and then up the ladder of arms.
    pub fn of_metric(&self, metric: Metric) -> impl Iterator<Item = &Summary> {
        let mut found: Vec<&Summary> = self
            .summaries
            .values()
            .filter(|s| s.key.metric == metric)
            .collect();
        found.sort_by_cached_key(|s| (s.key.workload.clone(), self.known.sort_key(&s.key.arm)));
        found.into_iter()
    }

    /// The effect of an arm on a workload.
    #[must_use]
    pub fn effect(&self, workload: &CaseId, arm: &ArmId) -> Option<&EffectRow> {
        self.effects
            .iter()
            .find(|e| e.workload == *workload && e.arm == *arm)
    }

    /// Arms that were selected and could not run.
    pub fn unavailable(&self) -> impl Iterator<Item = (&ArmId, &str, &str)> {
        self.record
            .manifest
            .arms
            .iter()
            .filter_map(|arm| match &arm.availability {
                assay_model::Availability::Unavailable { reason, remedy } => {
                    Some((&arm.id, reason.as_str(), remedy.as_str()))
                }
                assay_model::Availability::Available { .. } => None,
            })
    }

    /// Every arm that the record has a row or a plan for, up the ladder.
    #[must_use]
    pub fn arms(&self) -> Vec<ArmId> {
        let mut found: Vec<ArmId> = self
            .summaries
            .keys()
            .map(|key| key.arm.clone())
            .chain(self.grid.arms.iter().cloned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        self.known.sort(&mut found);
        found
    }

    /// The largest noise floor of the run, as a share.
    #[must_use]
    pub fn worst_floor(&self) -> Option<f64> {
        self.floors
            .iter()
            .map(|row| row.floor.share())
            .max_by(f64::total_cmp)
    }
}

impl BreakEven {
    /// The row in the report.
    #[must_use]
    pub fn row(&self) -> RowRef {
        RowRef {
            anchor: anchor::row("break-even", &self.workload, &self.ahead),
            label: format!("break-even of {}", self.workload),
        }
    }
}

/// The architecture of the machine that made the record.
fn own_arch(record: &Record) -> String {
    let of_rows = || {
        let sample = record.samples.iter().find(|s| !s.emulated);
        let outcome = || record.outcomes.iter().find(|o| !o.emulated);
        sample
            .map(|s| s.arch.clone())
            .or_else(|| outcome().map(|o| o.arch.clone()))
    };
    let fingerprint = record.manifest.fingerprint.arch.clone();
    fingerprint
        .or_else(of_rows)
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The rows that count, in launch order, and what was left out.
fn counted<'r>(record: &'r Record, arch: &str) -> (Vec<&'r Sample>, LeftOut) {
    let mut left_out = LeftOut::default();
    let mut rows: Vec<&Sample> = record
        .samples
        .iter()
        .filter(|s| {
            let place = if s.emulated {
                &mut left_out.emulated
            } else if s.arch != arch || s.run_id != record.manifest.run_id {
                &mut left_out.foreign
            } else if s.warmup {
                &mut left_out.warmup
            } else if !s.valid || !s.value.is_finite() {
                &mut left_out.invalid
            } else {
                return true;
            };
            *place += 1;
            false
        })
        .collect();
    rows.sort_by_key(|s| (s.block, s.seq));
    (rows, left_out)
}

fn effects(known: &Arms, per_block: &PerBlock, bootstrap: &mut Bootstrap) -> Vec<EffectRow> {
    let Some(baseline) = known.baseline() else {
        return Vec::new();
    };
    let mut found: Vec<EffectRow> = per_block
        .iter()
        .filter(|((_, arm), _)| *arm != *baseline && !arm.is_twin())
        .filter_map(|((workload, arm), values)| {
            let base = per_block.get(&(workload.clone(), baseline.clone()))?;
            Some(EffectRow {
                workload: workload.clone(),
                arm: arm.clone(),
                effect: bootstrap.effect(values, base)?,
            })
        })
        .collect();
    found.sort_by_cached_key(|e| (e.workload.clone(), known.sort_key(&e.arm)));
    found
}

fn floors(per_block: &PerBlock, bootstrap: &mut Bootstrap) -> Vec<FloorRow> {
    per_block
        .iter()
        .filter(|((_, arm), _)| arm.is_twin())
        .filter_map(|((workload, twin), values)| {
            let original = per_block.get(&(workload.clone(), twin.base()))?;
            Some(FloorRow {
                workload: workload.clone(),
                twin: twin.clone(),
                floor: NoiseFloor {
                    effect: bootstrap.effect(values, original)?,
                },
            })
        })
        .collect()
}

/// build cost / (start with compiling − start without), of one engine.
fn break_even(known: &Arms, summaries: &BTreeMap<Key, Summary>) -> Vec<BreakEven> {
    let median = |workload: &CaseId, arm: &ArmId, metric| {
        let key = Key {
            workload: workload.clone(),
            arm: arm.clone(),
            metric,
        };
        summaries.get(&key).map(|s| s.estimate.median)
    };
    let compiling = |facts: &ArmFacts| arms::is_direct_process(facts) && facts.compiles_per_start;
    let engine = |arm: &ArmId| known.facts(arm).map(|facts| &facts.engine);
    let workloads: BTreeSet<&CaseId> = summaries.keys().map(|k| &k.workload).collect();
    let mut found = Vec::new();
    for workload in workloads {
        for ahead in known.select(arms::is_precompiled_process) {
            let of_engine = known
                .select(compiling)
                .filter(|arm| engine(arm) == engine(ahead));
            found.extend(of_engine.filter_map(|each| {
                let build_cost = median(workload, ahead, Metric::BUILD_COST)?;
                let saved_per_start = median(workload, each, Metric::COLD_START)?
                    - median(workload, ahead, Metric::COLD_START)?;
                Some(BreakEven {
                    workload: workload.clone(),
                    ahead: ahead.clone(),
                    each: each.clone(),
                    build_cost,
                    saved_per_start,
                    starts: (saved_per_start > 0.0).then(|| (build_cost / saved_per_start).ceil()),
                })
            }));
        }
    }
    found
}

/// A line's slope and interval in words: `46.2 KiB [45.9–46.8] per instance`.
#[must_use]
pub fn slope_text(line: &Line) -> String {
    let unit = assay_model::Unit::Bytes;
    let slope = crate::format::value(unit, line.slope);
    match line.slope_p95 {
        Some(interval) => format!(
            "{slope} {} per instance",
            crate::format::interval(unit, line.slope, interval)
        ),
        None => format!("{slope} per instance (too few points for an interval)"),
    }
}
