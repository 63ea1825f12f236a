//! Arms by class: what a reader weighs before single arms.

use std::collections::BTreeMap;

use assay_model::{ArmClass, ArmId, Metric, Unit};

use super::Analysis;

/// The case whose starts stand for an arm where arms are summed up: the smallest
/// program there is.
pub const HEADLINE: &str = "cli/hello";

/// A figure of the arms of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassRow {
    /// The class.
    pub class: ArmClass,
    /// Figures of its arms, least first. Never empty.
    pub arms: Vec<(ArmId, f64)>,
}

impl ClassRow {
    /// The arm with the least figure, and that.
    #[must_use]
    pub fn best(&self) -> (&ArmId, f64) {
        let (arm, value) = &self.arms[0];
        (arm, *value)
    }

    /// The largest figure.
    #[must_use]
    pub fn worst(&self) -> f64 {
        self.arms.last().map_or(0.0, |(_, value)| *value)
    }

    /// `7.87 µs to 22.7 µs`, or the one figure.
    #[must_use]
    pub fn range(&self, unit: Unit) -> String {
        let text = |value| crate::format::value(unit, value);
        match self.arms.len() {
            1 => text(self.best().1),
            _ => format!("{} to {}", text(self.best().1), text(self.worst())),
        }
    }
}

fn by_class(analysis: &Analysis<'_>, figures: impl Iterator<Item = (ArmId, f64)>) -> Vec<ClassRow> {
    let mut least: BTreeMap<ArmId, f64> = BTreeMap::new();
    for (arm, value) in figures {
        let known = least.entry(arm).or_insert(value);
        *known = known.min(value);
    }
    let mut classes: BTreeMap<ArmClass, Vec<(ArmId, f64)>> = BTreeMap::new();
    for (arm, value) in least {
        if let Some(class) = analysis.class(&arm) {
            classes.entry(class).or_default().push((arm, value));
        }
    }
    classes
        .into_iter()
        .map(|(class, mut arms)| {
            arms.sort_by(|a, b| a.1.total_cmp(&b.1));
            ClassRow { class, arms }
        })
        .collect()
}

impl Analysis<'_> {
    /// Median cold starts of [`HEADLINE`], by class.
    #[must_use]
    pub fn starts_by_class(&self) -> Vec<ClassRow> {
        let starts = self
            .of_metric(Metric::COLD_START)
            .filter(|s| s.key.workload.as_str() == HEADLINE && !s.key.arm.is_twin())
            .map(|s| (s.key.arm.clone(), s.estimate.median));
        by_class(self, starts)
    }

    /// Memory of one more instance (slope of PSS), by class; of an arm with
    /// several density runs the least.
    #[must_use]
    pub fn memory_by_class(&self) -> Vec<ClassRow> {
        let slopes = self.density.iter().filter_map(|d| {
            let slope = d.pss.as_ref()?.slope;
            (slope > 0.0).then(|| (d.arm.clone(), slope))
        });
        by_class(self, slopes)
    }
}
