//! Where one start spends its time, from the stamps of each launch.

use std::collections::BTreeMap;

use assay_model::{ArmId, CaseId, Metric, Sample};
use assay_stats::median;

use crate::arms::Arms;

/// A stretch between two stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The stamp it ends with.
    pub until: Metric,
    /// What happens in it when the stamp before it exists.
    pub label: &'static str,
}

/// The segments in order. A segment begins at the stamp before it *that the
/// arm has*: a native process has no t1 to t5, so its first segment is all that
/// comes before the first byte.
pub const SEGMENTS: [Segment; 9] = [
    Segment {
        until: Metric::STAMP_T1,
        label: "spawn and load the process (t1)",
    },
    Segment {
        until: Metric::STAMP_T2,
        label: "engine and linker (t2)",
    },
    Segment {
        until: Metric::STAMP_T3,
        label: "compile or load the component (t3)",
    },
    Segment {
        until: Metric::STAMP_T4,
        label: "link ahead (t4)",
    },
    Segment {
        until: Metric::STAMP_T5,
        label: "instantiate (t5)",
    },
    Segment {
        until: Metric::STAMP_T7,
        label: "to the first byte or connection (t7)",
    },
    Segment {
        until: Metric::STAMP_T8,
        label: "to the first response (t8)",
    },
    Segment {
        until: Metric::STAMP_T9,
        label: "to the exit (t9)",
    },
    Segment {
        until: Metric::STAMP_T10,
        label: "tear down (t10)",
    },
];

/// The length of one segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase {
    /// Place in [`SEGMENTS`].
    pub segment: usize,
    /// Median over launches of the difference of the two stamps, nanoseconds.
    pub median: f64,
}

/// The phases of one workload on one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseRow {
    /// The case.
    pub workload: CaseId,
    /// The arm.
    pub arm: ArmId,
    /// Its phases, in order.
    pub phases: Vec<Phase>,
    /// Launches behind them.
    pub n: usize,
}

impl PhaseRow {
    /// Sum of the medians, nanoseconds. Near the median of the last stamp, but
    /// a sum of medians is not the median of the sums.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.phases.iter().map(|p| p.median).sum()
    }
}

pub(super) fn phases(known: &Arms, samples: &[&Sample]) -> Vec<PhaseRow> {
    type Launch = BTreeMap<usize, f64>;
    let mut launches: BTreeMap<(CaseId, ArmId), BTreeMap<(u32, u32), Launch>> = BTreeMap::new();
    for s in samples {
        if let Some(place) = SEGMENTS.iter().position(|g| g.until == s.metric) {
            launches
                .entry((s.workload.clone(), s.arm.clone()))
                .or_default()
                .entry((s.block, s.seq))
                .or_default()
                .insert(place, s.value);
        }
    }
    let mut rows: Vec<PhaseRow> = launches
        .into_iter()
        .filter_map(|((workload, arm), launches)| {
            // Differences within a launch, so that what slowed one launch as a
            // whole does not move time from one phase to another.
            let mut lengths: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
            for launch in launches.values() {
                let mut before = 0.0;
                for (&place, &stamp) in launch {
                    lengths.entry(place).or_default().push(stamp - before);
                    before = stamp;
                }
            }
            let phases: Vec<Phase> = lengths
                .into_iter()
                .filter_map(|(segment, values)| {
                    let median = median(&values)?.max(0.0);
                    Some(Phase { segment, median })
                })
                .collect();
            (!phases.is_empty()).then_some(PhaseRow {
                workload,
                arm,
                phases,
                n: launches.len(),
            })
        })
        .collect();
    rows.sort_by_cached_key(|r| (r.workload.clone(), known.sort_key(&r.arm)));
    rows
}
