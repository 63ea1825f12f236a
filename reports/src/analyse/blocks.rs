//! Cold starts by the block in which they were launched.

use assay_model::{ArmId, CaseId, Metric, Sample};
use std::collections::BTreeMap;

/// (block, cold start in nanoseconds) per workload and arm.
pub(super) type PerBlock = BTreeMap<(CaseId, ArmId), Vec<(u64, f64)>>;

/// The cold starts of these rows, in their order.
pub(super) fn blocks(samples: &[&Sample]) -> PerBlock {
    let mut found = PerBlock::new();
    for s in samples.iter().filter(|s| s.metric == Metric::COLD_START) {
        found
            .entry((s.workload.clone(), s.arm.clone()))
            .or_default()
            .push((u64::from(s.block), s.value));
    }
    found
}
