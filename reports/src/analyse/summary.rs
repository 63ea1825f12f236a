//! One summary per workload, arm and metric.

use std::collections::BTreeMap;

use assay_model::{ArmId, CaseId, Metric, Record, Sample, Unit};
use assay_stats::{Bootstrap, Estimate, block_medians, mad_flags, tukey_flags};

use crate::anchor::{self, RowRef};
use crate::format;

/// What a summary is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The case.
    pub workload: CaseId,
    /// The arm.
    pub arm: ArmId,
    /// The metric.
    pub metric: Metric,
}

/// Median and interval over blocks, with what stands behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// What it is of.
    pub key: Key,
    /// Unit of every figure here.
    pub unit: Unit,
    /// Median and intervals over blocks.
    pub estimate: Estimate,
    /// The median of each counted block, in order: what the estimate is made of.
    pub blocks: Vec<f64>,
    /// The counted values, in launch order.
    pub values: Vec<f64>,
    /// Values flagged by MAD or Tukey; all are in the estimate.
    pub outliers: usize,
    /// Rows of the same key that are invalid and not in the estimate.
    pub invalid: usize,
    /// The last note of its rows.
    pub note: String,
}

impl Summary {
    /// Median with interval, as text.
    #[must_use]
    pub fn text(&self) -> String {
        format::estimate(self.unit, &self.estimate)
    }

    /// The smallest and the largest value.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let fold = |f: fn(f64, f64) -> f64| self.values.iter().copied().reduce(f);
        let middle = self.estimate.median;
        (
            fold(f64::min).unwrap_or(middle),
            fold(f64::max).unwrap_or(middle),
        )
    }

    /// The id of its row in the report.
    #[must_use]
    pub fn anchor(&self) -> String {
        anchor::row(self.key.metric, &self.key.workload, &self.key.arm)
    }

    /// A link to its row in the report.
    #[must_use]
    pub fn row(&self) -> RowRef {
        let Key {
            workload,
            arm,
            metric,
        } = &self.key;
        RowRef {
            anchor: self.anchor(),
            label: format!("{metric} · {workload} · {arm}: {}", self.text()),
        }
    }
}

/// Points of a density run: a median over them would mean nothing.
pub(super) const POINTS: [Metric; 5] = [
    Metric::DENSITY_N,
    Metric::DENSITY_PSS,
    Metric::DENSITY_AVAILABLE,
    Metric::DENSITY_MAPS,
    Metric::DENSITY_FIRST_RESPONSE,
];

/// Programs of one instance: which one a value is of stands in its note, so a
/// median over them would mean nothing either.
pub(super) const PARTS: [Metric; 3] = [
    Metric::MEMORY_PART_PSS,
    Metric::MEMORY_PART_USS,
    Metric::MEMORY_PART_RSS,
];

pub(super) fn summaries(
    record: &Record,
    samples: &[&Sample],
    arch: &str,
    bootstrap: &mut Bootstrap,
) -> BTreeMap<Key, Summary> {
    let key = |s: &Sample| Key {
        workload: s.workload.clone(),
        arm: s.arm.clone(),
        metric: s.metric,
    };
    let mut groups: BTreeMap<Key, Vec<&Sample>> = BTreeMap::new();
    let apart = |metric| POINTS.contains(metric) || PARTS.contains(metric);
    for sample in samples.iter().filter(|s| !apart(&s.metric)) {
        groups.entry(key(sample)).or_default().push(sample);
    }
    let mut invalid: BTreeMap<Key, usize> = BTreeMap::new();
    for s in &record.samples {
        if !s.valid
            && !s.warmup
            && !s.emulated
            && s.arch == arch
            && s.run_id == record.manifest.run_id
        {
            *invalid.entry(key(s)).or_default() += 1;
        }
    }
    groups
        .into_iter()
        .filter_map(|(key, rows)| {
            let bad = invalid.get(&key).copied().unwrap_or(0);
            summary(key.clone(), &rows, bad, bootstrap).map(|s| (key, s))
        })
        .collect()
}

fn summary(
    key: Key,
    rows: &[&Sample],
    invalid: usize,
    bootstrap: &mut Bootstrap,
) -> Option<Summary> {
    let per_block: Vec<(u64, f64)> = rows.iter().map(|s| (u64::from(s.block), s.value)).collect();
    let blocks: Vec<f64> = block_medians(&per_block)?.iter().map(|b| b.1).collect();
    let values: Vec<f64> = rows.iter().map(|s| s.value).collect();
    let outliers = mad_flags(&values)
        .into_iter()
        .zip(tukey_flags(&values))
        .filter(|&(mad, tukey)| mad || tukey)
        .count();
    let note = rows.iter().rev().find(|s| !s.note.is_empty());
    Some(Summary {
        unit: key.metric.unit(),
        estimate: bootstrap.median(&blocks)?,
        blocks,
        values,
        outliers,
        invalid,
        note: note.map(|s| s.note.clone()).unwrap_or_default(),
        key,
    })
}
