//! What to know before believing a figure of this record.

use std::collections::BTreeMap;

use assay_model::{Metric, Record};
use assay_stats::{Conditions, Warning, warnings};

use super::summary::{Key, Summary};

/// One kind of warning, with how often it applies and where it is worst.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// The worst case of it.
    pub worst: Warning,
    /// Where that was; `None` for the run as a whole.
    pub at: Option<Key>,
    /// Cells it applies to.
    pub cells: usize,
    /// Cells that were looked at.
    pub of: usize,
}

impl Quality {
    /// As one sentence that ends in what to do.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.at {
            None => self.worst.to_string(),
            Some(key) => format!(
                "{} of {} cold-start figures have this problem; the worst is {} on {}: {}",
                self.cells, self.of, key.workload, key.arm, self.worst
            ),
        }
    }
}

/// How bad a warning is among those of its kind.
fn severity(warning: &Warning) -> f64 {
    match *warning {
        Warning::SlowFirstRun { ratio } => ratio,
        Warning::Noisy { cv } => cv,
        Warning::Outliers { flagged, n } => flagged as f64 / n.max(1) as f64,
        Warning::Steal { share } => share,
        Warning::Load { per_core } => per_core,
        Warning::Throttled { events } => events as f64,
    }
}

/// Cold starts are looked at cell by cell, the machine once.
pub(super) fn quality(record: &Record, summaries: &BTreeMap<Key, Summary>) -> Vec<Quality> {
    let cells: Vec<&Summary> = summaries
        .values()
        .filter(|s| s.key.metric == Metric::COLD_START)
        .collect();
    let mut found: Vec<Quality> = Vec::new();
    let quiet = Conditions::default();
    for summary in &cells {
        // A turn begins with cold caches each time: scatter within it is known,
        // scatter between blocks is noise.
        for warning in warnings(&summary.blocks, &quiet) {
            let kind = std::mem::discriminant(&warning);
            let at = Some(summary.key.clone());
            match found
                .iter_mut()
                .find(|q| std::mem::discriminant(&q.worst) == kind)
            {
                Some(known) => {
                    known.cells += 1;
                    if severity(&warning) > severity(&known.worst) {
                        (known.worst, known.at) = (warning, at);
                    }
                }
                None => found.push(Quality {
                    worst: warning,
                    at,
                    cells: 1,
                    of: cells.len(),
                }),
            }
        }
    }
    for warning in warnings(&[], &conditions(record)) {
        found.push(Quality {
            worst: warning,
            at: None,
            cells: 0,
            of: 0,
        });
    }
    found
}

fn conditions(record: &Record) -> Conditions {
    let fingerprint = &record.manifest.fingerprint;
    let cpus = fingerprint.cpus_online.or(fingerprint.cpus_allowed);
    let during = fingerprint
        .after
        .zip(fingerprint.before)
        .map(|(after, before)| after.disturbance_since(&before));
    let throttles = during.map(|d| {
        [d.thermal_throttles, d.quota_throttles]
            .into_iter()
            .flatten()
            .sum()
    });
    Conditions {
        steal: during.and_then(|d| d.steal_share),
        load_per_core: fingerprint
            .before
            .and_then(|b| b.load_1m)
            .zip(cpus.filter(|&c| c > 0))
            .map(|(load, cpus)| load / f64::from(cpus)),
        throttled: throttles,
    }
}
