//! Machine code of the same components, by machine.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::{ArmId, Metric, Record, RunId};

use crate::arms::Arms;

/// Machine code of the components that all machines have compiled, on one.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeSize {
    /// Index of the machine.
    pub machine: usize,
    /// Whose code.
    pub arm: ArmId,
    /// Components.
    pub components: usize,
    /// Geometric mean of machine code over component.
    pub ratio: f64,
    /// Sum of machine code, in bytes.
    pub total: f64,
}

/// The size of a component, and of its machine code by machine.
type Sizes = (f64, BTreeMap<usize, f64>);

/// Sizes are those of components that every machine compiled for that arm, so
/// that columns stand for the same programs.
pub(super) fn sizes(
    record: &Record,
    known: &Arms,
    places: &BTreeMap<&RunId, usize>,
) -> Vec<CodeSize> {
    let manifest = &record.manifest;
    let mut components: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for machine in manifest.machines() {
        for receipt in manifest.workloads_of(machine) {
            if let Some(size) = receipt.size {
                let of = (size.0 as f64, receipt.component.as_str());
                components.insert(receipt.id.workload(), of);
            }
        }
    }
    // By arm and component: a component of several workloads counts once.
    let mut found: BTreeMap<(&ArmId, &str), Sizes> = BTreeMap::new();
    for sample in &record.samples {
        let place = places.get(&sample.run_id).copied();
        let component = components.get(sample.workload.workload()).copied();
        let (Some(place), Some((size, digest))) = (place, component) else {
            continue;
        };
        if sample.metric == Metric::ARTIFACT_CWASM && sample.valid && size > 0.0 {
            let of = found
                .entry((&sample.arm, digest))
                .or_insert_with(|| (size, BTreeMap::new()));
            of.1.insert(place, sample.value);
        }
    }
    let mut machines_of: BTreeMap<&ArmId, BTreeSet<usize>> = BTreeMap::new();
    for ((arm, _), (_, by_machine)) in &found {
        machines_of
            .entry(arm)
            .or_default()
            .extend(by_machine.keys());
    }
    let mut sizes = Vec::new();
    for (arm, places) in machines_of {
        let shared: Vec<&Sizes> = found
            .iter()
            .filter(|((of, _), (_, by_machine))| *of == arm && by_machine.len() == places.len())
            .map(|(_, sizes)| sizes)
            .collect();
        if shared.is_empty() {
            continue;
        }
        for place in places {
            let of_place = || {
                shared
                    .iter()
                    .filter_map(|(size, by)| Some((size, by.get(&place)?)))
            };
            let logs: f64 = of_place().map(|(size, code)| (code / size).ln()).sum();
            sizes.push(CodeSize {
                machine: place,
                arm: arm.clone(),
                components: shared.len(),
                ratio: (logs / shared.len() as f64).exp(),
                total: of_place().map(|(_, code)| code).sum(),
            });
        }
    }
    sizes.sort_by_cached_key(|size| (known.sort_key(&size.arm), size.machine));
    sizes
}
