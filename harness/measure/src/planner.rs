//! Turns a selection into a plan.

use assay_arms::Arm;
use assay_model::facts::Allocation;
use assay_model::{
    ArmClass, ArmFacts, ArmId, Bytes, CaseId, Cell, ColdStartPlan, DensityPlan, InstanceUnit,
    LeftOut, Measure, MeasureSet, Plan, Profile,
};
use assay_workloads::{Catalog, DensityRole, Workload, World};
use std::collections::BTreeSet;

/// What a run was asked to do.
pub struct Selection<'a> {
    /// Its size.
    pub profile: Profile,
    /// Seeds order and bootstrap.
    pub seed: u64,
    /// Selected cases with their definitions.
    pub cases: Vec<(&'a Workload, CaseId)>,
    /// Cases that are only verified, on one arm of each class, because a claim is
    /// judged by their outcomes: the smallest run has no time for all arms.
    pub decisive: Vec<(&'a Workload, CaseId)>,
    /// Cases that are only verified, on arms that note which functions of the
    /// host are called, because together they call all of them.
    pub covering: Vec<(&'a Workload, CaseId)>,
    /// Selected arms that are available, in the order of the table.
    pub available: Vec<&'a dyn Arm>,
    /// Selected arms that are not; their cells are planned and skipped.
    pub unavailable: Vec<ArmId>,
    /// Where they are defined.
    pub catalog: &'a Catalog,
    /// Whether an emulator runs the programs, whose times and memory are then
    /// mostly its own.
    pub emulated: bool,
    /// Which measures are taken.
    pub measures: MeasureSet,
}

/// Warm-up blocks: kept, flagged, not analysed.
const WARMUP_BLOCKS: u32 = 2;

/// Counted blocks under an emulator, whose times are kept and never shown.
const EMULATED_BLOCKS: u32 = 2;

/// Components from this size on are those that bring an interpreter. Compiling
/// one takes seconds, so a launch that compiles would be measured a few times
/// an hour, to say once more what `build_cost` says.
const COMPILED_ONCE: Bytes = Bytes(4 << 20);

/// The plan of a selection.
#[must_use]
pub fn plan(selection: &Selection<'_>) -> Plan {
    let mut plan = Plan {
        profile: selection.profile,
        seed: selection.seed,
        verify: Vec::new(),
        cold_start: ColdStartPlan::default(),
        footprint: Vec::new(),
        density: Vec::new(),
        left_out: Vec::new(),
    };
    if selection.takes(Measure::Verification) {
        plan.verify = verify_cells(selection, &mut plan.left_out);
    }
    if selection.takes(Measure::ColdStart) {
        plan.cold_start = ColdStartPlan {
            warmup_blocks: WARMUP_BLOCKS,
            blocks: match selection.emulated {
                false => selection.profile.blocks(),
                true => EMULATED_BLOCKS,
            },
            cells: cold_start_cells(selection, &mut plan.left_out),
        };
    }
    if selection.takes(Measure::Footprint) {
        plan.footprint = footprint_cells(selection, &mut plan.left_out);
    }
    if selection.takes(Measure::Density) {
        plan.density = density_plans(selection, &mut plan.left_out);
    }
    plan
}

impl<'a> Selection<'a> {
    fn takes(&self, measure: Measure) -> bool {
        self.measures.contains(measure)
    }

    /// Cases that are measured, with the arms that can hold them.
    fn measured(
        &self,
        wanted: impl Fn(&Workload) -> bool,
    ) -> impl Iterator<Item = (&'a Workload, &CaseId, Vec<&'a dyn Arm>)> {
        let measured = move |(workload, case): &&(&Workload, CaseId)| {
            let case = workload.cases.iter().find(|known| known.id == *case);
            wanted(workload) && case.is_some_and(|case| case.measured)
        };
        self.cases.iter().filter(measured).map(|(workload, case)| {
            let arms = self.available.iter().copied();
            let holding =
                arms.filter(|arm| arm.facts().untimed.is_none() && arm.holds(workload).is_ok());
            (*workload, case, holding.collect())
        })
    }

    fn compiles_for_seconds(&self, arm: &dyn Arm, workload: &Workload) -> bool {
        arm.facts().compiles_per_start && self.catalog.pin(workload).bytes >= COMPILED_ONCE
    }
}

fn left_out(measure: Measure, case: &CaseId, arm: &dyn Arm, reason: &str) -> LeftOut {
    LeftOut {
        measure,
        cell: cell(case, arm.id()),
        reason: reason.to_owned(),
    }
}

fn cell(case: &CaseId, arm: &ArmId) -> Cell {
    Cell {
        workload: case.clone(),
        arm: arm.clone(),
    }
}

const ONE_OF_ITS_CLASS: &str = "the smoke profile verifies the workloads that decide claims on one \
                                arm of each class only; `assay verify` verifies them on all arms";

const COVERS: &str = "the smallest run verifies the workloads that call the rest of the host's \
     functions on the arm that notes these calls, and this case stands for all of its workload; \
     `assay verify` has them all";

const COMPILES_AGAIN: &str = "each launch compiles a component of more than 4 MiB, so only its \
                              first case is verified here; the others are verified on arms that \
                              compile it once, and all of them in the nightly profile";

const MEMORY_IS_EMULATORS: &str =
    "the memory of its process is mostly the emulator's; measure on a machine of that architecture";

const COMPILES_FOR_SECONDS: &str =
    "each launch compiles a component of more than 4 MiB; build_cost shows how long that takes";

fn verify_cells(selection: &Selection<'_>, without: &mut Vec<LeftOut>) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut seen = BTreeSet::new();
    for (workload, case) in &selection.cases {
        // The others would compile the same code once more.
        let again = !seen.insert(&workload.id) && selection.profile != Profile::Nightly;
        for arm in &selection.available {
            let again = again && selection.compiles_for_seconds(*arm, workload);
            match again {
                true => without.push(left_out(Measure::Verification, case, *arm, COMPILES_AGAIN)),
                false => cells.push(cell(case, arm.id())),
            }
        }
        cells.extend(selection.unavailable.iter().map(|arm| cell(case, arm)));
    }
    cells.extend(few_cells(&selection.decisive, without, |workload| {
        decisive_arms(selection, workload)
    }));
    cells.extend(few_cells(&selection.covering, without, |workload| {
        covering_arms(selection, workload)
    }));
    cells
}

/// An arm, and why it does not verify a workload, if it does not.
type Chosen<'a> = (&'a dyn Arm, Option<String>);

/// Cases that are only verified, on the arms that are chosen for their workload.
/// The others are left out once for each workload.
fn few_cells<'a>(
    cases: &[(&Workload, CaseId)],
    without: &mut Vec<LeftOut>,
    choose: impl Fn(&Workload) -> Vec<Chosen<'a>>,
) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut told = BTreeSet::new();
    for (workload, case) in cases {
        let first_of_workload = told.insert(&workload.id);
        for (arm, why_not) in choose(workload) {
            match why_not {
                None => cells.push(cell(case, arm.id())),
                Some(reason) if first_of_workload => {
                    without.push(left_out(Measure::Verification, case, arm, &reason));
                }
                Some(_) => {}
            }
        }
    }
    cells
}

/// For a workload that decides a claim: the least isolated arm of each class that
/// holds it, one that compiles at each start only where there is no other, and
/// those that note which functions of the host are called.
fn decisive_arms<'a>(selection: &Selection<'a>, workload: &Workload) -> Vec<Chosen<'a>> {
    let mut arms = selection.available.clone();
    arms.sort_by_key(|arm| (arm.facts().compiles_per_start, arm.facts().rank));
    let mut classes = BTreeSet::new();
    let why_not = |arm: &dyn Arm| {
        let facts = arm.facts();
        // Containers stand for each other here: engines and sandboxes take most
        // of a minute for what a bare runtime shows too.
        let class = match facts.kind.is_contained() {
            true => ArmClass::Runtime,
            false => facts.class(),
        };
        match arm.holds(workload) {
            Err(absent) => Some(absent.to_string()),
            Ok(()) if selection.compiles_for_seconds(arm, workload) => {
                Some(COMPILES_FOR_SECONDS.to_owned())
            }
            Ok(()) => {
                (!classes.insert(class) && !facts.traces).then(|| ONE_OF_ITS_CLASS.to_owned())
            }
        }
    };
    with_reasons(arms, why_not)
}

/// For a workload that calls functions of the host: the arms that note it.
fn covering_arms<'a>(selection: &Selection<'a>, workload: &Workload) -> Vec<Chosen<'a>> {
    let why_not = |arm: &dyn Arm| match arm.holds(workload) {
        Err(absent) => Some(absent.to_string()),
        Ok(()) => (!arm.facts().traces).then(|| COVERS.to_owned()),
    };
    with_reasons(selection.available.clone(), why_not)
}

fn with_reasons<'a>(
    arms: Vec<&'a dyn Arm>,
    mut why_not: impl FnMut(&dyn Arm) -> Option<String>,
) -> Vec<Chosen<'a>> {
    arms.into_iter().map(|arm| (arm, why_not(arm))).collect()
}

fn cold_start_cells(selection: &Selection<'_>, without: &mut Vec<LeftOut>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (workload, case, arms) in selection.measured(|workload| workload.measures.cold_start) {
        let mut twin = None;
        for arm in arms {
            if selection.compiles_for_seconds(arm, workload) {
                without.push(left_out(
                    Measure::ColdStart,
                    case,
                    arm,
                    COMPILES_FOR_SECONDS,
                ));
                continue;
            }
            cells.push(cell(case, arm.id()));
            // No run is without a noise floor: the first arm is twinned unless
            // one that always is comes later.
            let always = arm.facts().aa_twin.as_ref();
            if let Some(twin) = always {
                cells.push(cell(case, twin));
            }
            let always = always.is_some();
            if always || twin.is_none() {
                twin = Some((always, arm.id().twin()));
            }
        }
        if let Some((false, twin)) = twin {
            cells.push(cell(case, &twin));
        }
    }
    cells
}

fn footprint_cells(selection: &Selection<'_>, without: &mut Vec<LeftOut>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (workload, case, arms) in selection.measured(|workload| workload.measures.footprint) {
        for arm in arms {
            if selection.emulated {
                without.push(left_out(Measure::Footprint, case, arm, MEMORY_IS_EMULATORS));
                continue;
            }
            // Sizes are those of wasmtime/aot; memory is read of a process
            // that stays, which a server of this arm is.
            match selection.compiles_for_seconds(arm, workload) {
                true => without.push(left_out(
                    Measure::Footprint,
                    case,
                    arm,
                    COMPILES_FOR_SECONDS,
                )),
                false => cells.push(cell(case, arm.id())),
            }
        }
    }
    cells
}

fn density_plans(selection: &Selection<'_>, without: &mut Vec<LeftOut>) -> Vec<DensityPlan> {
    let mut plans = Vec::new();
    for (workload, case, arms) in selection.measured(|workload| workload.measures.density.is_some())
    {
        for arm in arms {
            let facts = arm.facts();
            let in_process = facts.unit == InstanceUnit::Tenant;
            let budget = match (workload.measures.density, workload.world) {
                (Some(DensityRole::InProcess), World::Command) if in_process => {
                    in_process_budget(selection.profile)
                }
                (Some(DensityRole::Process), World::Command) if !in_process => {
                    process_budget(selection.profile, facts.unit, facts.class())
                }
                // The other roles are played by other workloads.
                _ => continue,
            };
            if let Some(reason) = no_density(selection, facts) {
                without.push(left_out(Measure::Density, case, arm, reason));
                continue;
            }
            plans.push(DensityPlan {
                cell: cell(case, arm.id()),
                working_set: Bytes(0),
                points: points(budget),
                in_process,
            });
        }
    }
    plans
}

/// Why density is not measured on an arm that could hold the instances.
fn no_density(selection: &Selection<'_>, facts: &ArmFacts) -> Option<&'static str> {
    let smallest = selection.profile == Profile::Smoke;
    if selection.emulated {
        return Some(MEMORY_IS_EMULATORS);
    }
    if facts.compiles_per_start {
        return Some(
            "each process compiles the component, so the run would measure compiling and \
                     not idle instances",
        );
    }
    let on_demand =
        facts.unit == InstanceUnit::Tenant && facts.allocation == Some(Allocation::OnDemand);
    (smallest && on_demand).then_some(
        "on-demand allocation has the same slope as the pool, which maps the same memory in \
         advance; the standard profile measures it",
    )
}

fn in_process_budget(profile: Profile) -> u64 {
    match profile {
        // What “thousands” means at least, in the words of claim 5.
        Profile::Smoke => 2_000,
        Profile::Standard => 10_000,
        // Beyond the default vm.max_map_count: a wall is meant to be hit.
        Profile::Nightly => 20_000,
    }
}

fn process_budget(profile: Profile, unit: InstanceUnit, class: ArmClass) -> u64 {
    match (profile, unit == InstanceUnit::Container) {
        (Profile::Smoke, false) => 64,
        // More than “a few dozen”, in the words of claim 5. A bare runtime starts
        // them within seconds; an engine above it takes most of a minute.
        (Profile::Smoke, true) if class == ArmClass::Runtime => 40,
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
                process_budget(profile, InstanceUnit::Process, ArmClass::Native),
                process_budget(profile, InstanceUnit::Container, ArmClass::Runtime),
                process_budget(profile, InstanceUnit::Container, ArmClass::Engine),
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
        assert_eq!(in_process_budget(Profile::Smoke), 2_000);
        let of = |unit, class| process_budget(Profile::Smoke, unit, class);
        assert_eq!(of(InstanceUnit::Process, ArmClass::Native), 64);
        assert_eq!(of(InstanceUnit::Container, ArmClass::Runtime), 40);
        for class in [ArmClass::Engine, ArmClass::Sandboxed] {
            assert_eq!(of(InstanceUnit::Container, class), 16);
        }
    }
}
