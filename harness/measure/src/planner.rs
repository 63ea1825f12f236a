//! Turns a selection into a plan.

use assay_arms::{Arm, InstanceUnit};
use assay_model::{ArmId, Bytes, CaseId, Cell, ColdStartPlan, DensityPlan, Plan, Profile};
use assay_workloads::{DensityRole, Workload, World};

/// What a run was asked to do.
pub struct Selection<'a> {
    /// Its size.
    pub profile: Profile,
    /// Seeds order and bootstrap.
    pub seed: u64,
    /// Selected cases with their definitions.
    pub cases: Vec<(&'a Workload, CaseId)>,
    /// Selected arms that are available, in the order of the table.
    pub available: Vec<&'a dyn Arm>,
    /// Selected arms that are not; their cells are planned and skipped.
    pub unavailable: Vec<ArmId>,
    /// Which measures.
    pub verify: bool,
    /// Which measures.
    pub cold_start: bool,
    /// Which measures.
    pub footprint: bool,
    /// Which measures.
    pub density: bool,
}

/// Warm-up blocks: kept, flagged, not analysed.
const WARMUP_BLOCKS: u32 = 2;

/// Arms that run a second time under another name, so that a difference
/// between the two shows the noise: one fresh process, one resident engine.
const TWINNED: [&str; 2] = ["native", "wasmtime/pooled"];

/// The plan of a selection.
#[must_use]
pub fn plan(selection: &Selection<'_>) -> Plan {
    let cold_start = match selection.cold_start {
        true => ColdStartPlan {
            warmup_blocks: WARMUP_BLOCKS,
            blocks: selection.profile.blocks(),
            cells: cold_start_cells(selection),
        },
        false => ColdStartPlan::default(),
    };
    Plan {
        profile: selection.profile,
        seed: selection.seed,
        verify: if selection.verify {
            verify_cells(selection)
        } else {
            Vec::new()
        },
        cold_start,
        footprint: if selection.footprint {
            footprint_cells(selection)
        } else {
            Vec::new()
        },
        density: if selection.density {
            density_plans(selection)
        } else {
            Vec::new()
        },
    }
}

fn verify_cells(selection: &Selection<'_>) -> Vec<Cell> {
    let arms = selection.available.iter().map(|arm| arm.id().clone());
    let arms: Vec<ArmId> = arms.chain(selection.unavailable.iter().cloned()).collect();
    let cells = selection.cases.iter().flat_map(|(_, case)| {
        arms.iter().map(|arm| Cell {
            workload: case.clone(),
            arm: arm.clone(),
        })
    });
    cells.collect()
}

fn cold_start_cells(selection: &Selection<'_>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (workload, case) in selection
        .cases
        .iter()
        .filter(|(workload, _)| workload.measures.cold_start)
    {
        let mut twinned = false;
        let workload_arms = selection
            .available
            .iter()
            .filter(|arm| arm.holds(workload).is_ok());
        for arm in workload_arms.clone() {
            cells.push(Cell {
                workload: case.clone(),
                arm: arm.id().clone(),
            });
            if TWINNED.contains(&arm.id().as_str()) {
                cells.push(Cell {
                    workload: case.clone(),
                    arm: arm.id().twin(),
                });
                twinned = true;
            }
        }
        // No run is without a noise floor.
        if let (false, Some(arm)) = (twinned, workload_arms.clone().next()) {
            cells.push(Cell {
                workload: case.clone(),
                arm: arm.id().twin(),
            });
        }
    }
    cells
}

fn footprint_cells(selection: &Selection<'_>) -> Vec<Cell> {
    let measured = |workload: &Workload| workload.measures.footprint;
    let cells = selection
        .cases
        .iter()
        .filter(|(workload, _)| measured(workload));
    cells
        .flat_map(|(workload, case)| {
            let arms = selection.available.iter();
            arms.filter(|arm| arm.holds(workload).is_ok())
                .map(|arm| Cell {
                    workload: case.clone(),
                    arm: arm.id().clone(),
                })
        })
        .collect()
}

fn density_plans(selection: &Selection<'_>) -> Vec<DensityPlan> {
    let mut plans = Vec::new();
    for (workload, case) in &selection.cases {
        for arm in &selection.available {
            let id = arm.id();
            let in_process = arm.unit() == InstanceUnit::Tenant;
            let budget = match (workload.measures.density, workload.world) {
                _ if arm.holds(workload).is_err() => continue,
                // Compiling per process would be measured, not holding.
                _ if id.as_str() == "wasmtime/jit" => continue,
                // On demand, an instance maps what a pool reserves: the same
                // slope from another allocator, left to larger profiles.
                _ if id.as_str() == "wasmtime/resident" && selection.profile == Profile::Smoke => {
                    continue;
                }
                (Some(DensityRole::InProcess), World::Command) if in_process => {
                    in_process_budget(selection.profile)
                }
                (Some(DensityRole::Process), World::Command) if !in_process => {
                    process_budget(selection.profile, arm.unit() == InstanceUnit::Container)
                }
                _ => continue,
            };
            plans.push(DensityPlan {
                cell: Cell {
                    workload: case.clone(),
                    arm: id.clone(),
                },
                working_set: Bytes(0),
                points: points(budget),
                in_process,
            });
        }
    }
    plans
}

fn in_process_budget(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 1_000,
        Profile::Standard => 10_000,
        // Beyond the default vm.max_map_count: a wall is meant to be hit.
        Profile::Nightly => 20_000,
    }
}

fn process_budget(profile: Profile, container: bool) -> u64 {
    match (profile, container) {
        (Profile::Smoke, false) => 64,
        (Profile::Smoke, true) => 16,
        (Profile::Standard, false) => 512,
        (Profile::Standard, true) => 128,
        (Profile::Nightly, false) => 2_000,
        (Profile::Nightly, true) => 500,
    }
}

/// How many numbers of instances a slope is fitted through.
const POINTS: u64 = 8;

/// Evenly spaced numbers of live instances up to the budget.
fn points(budget: u64) -> Vec<u64> {
    let mut points: Vec<u64> = (1..=POINTS).map(|k| (budget * k / POINTS).max(1)).collect();
    points.dedup();
    points
}

/// The largest pool that any plan of a profile needs.
impl Selection<'_> {
    /// Instances that a pool must have room for under a profile.
    #[must_use]
    pub fn pool(profile: Profile) -> u32 {
        u32::try_from(in_process_budget(profile)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_has_at_least_five_points() {
        for profile in [Profile::Smoke, Profile::Standard, Profile::Nightly] {
            for budget in [
                in_process_budget(profile),
                process_budget(profile, false),
                process_budget(profile, true),
            ] {
                let points = points(budget);
                assert!(points.len() >= 5, "{points:?}");
                assert!(points.is_sorted());
                assert_eq!(points.last(), Some(&budget));
            }
        }
    }

    #[test]
    fn the_smoke_budgets_are_the_published_ones() {
        assert_eq!(in_process_budget(Profile::Smoke), 1_000);
        assert_eq!(process_budget(Profile::Smoke, false), 64);
        assert_eq!(process_budget(Profile::Smoke, true), 16);
    }
}
