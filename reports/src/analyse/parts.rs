//! Programs of one instance, and daemons beside it: what each of them takes.

use assay_model::{ArmId, CaseId, Metric, Sample};
use assay_stats::median;
use std::collections::BTreeMap;

/// One program of an instance's charge set, or one daemon.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'r> {
    /// The case.
    pub workload: &'r CaseId,
    /// The arm.
    pub arm: &'r ArmId,
    /// `charged: PROGRAM` or `shared: PROGRAM`.
    pub name: &'r str,
    /// Median of `memory.part.pss`, bytes.
    pub pss: f64,
    /// Median of `memory.part.uss`, bytes.
    pub uss: f64,
    /// Median of `memory.part.rss`, bytes.
    pub rss: f64,
}

/// All parts of these samples.
pub(super) fn parts<'r>(samples: &[&'r Sample]) -> Vec<Part<'r>> {
    let mut found: BTreeMap<_, BTreeMap<Metric, Vec<f64>>> = BTreeMap::new();
    for sample in samples {
        if super::summary::PARTS.contains(&sample.metric) {
            found
                .entry((&sample.workload, &sample.arm, sample.note.as_str()))
                .or_default()
                .entry(sample.metric)
                .or_default()
                .push(sample.value);
        }
    }
    let parts = found.into_iter();
    parts
        .filter_map(|((workload, arm, name), values)| {
            let of = |metric: Metric| median(values.get(&metric)?);
            Some(Part {
                workload,
                arm,
                name,
                pss: of(Metric::MEMORY_PART_PSS)?,
                uss: of(Metric::MEMORY_PART_USS)?,
                rss: of(Metric::MEMORY_PART_RSS)?,
            })
        })
        .collect()
}
