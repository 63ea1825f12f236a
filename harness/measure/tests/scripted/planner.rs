use crate::arm::{Script, Scripted};
use crate::bench::{COMMAND, SERVER, catalog};
use assay_arms::Arm;
use assay_measure::{Selection, plan};
use assay_model::facts::{Allocation, Stack};
use assay_model::{ArmKind, CaseId, Cell, Measure, MeasureSet, Plan, Profile};
use assay_workloads::{Catalog, DensityRole, Workload};

/// Components that are compiled once are this large or larger.
const LARGE: usize = 4 << 20;

fn selected(catalog: &Catalog) -> Vec<(&Workload, CaseId)> {
    let cases = catalog.cases();
    cases
        .map(|selected| (selected.workload, selected.case.id.clone()))
        .collect()
}

fn select<'a>(catalog: &'a Catalog, arms: &'a [Scripted], profile: Profile) -> Selection<'a> {
    Selection {
        profile,
        seed: 1,
        cases: selected(catalog),
        decisive: Vec::new(),
        covering: Vec::new(),
        available: arms.iter().map(|arm| arm as &dyn Arm).collect(),
        unavailable: vec!["away".parse().unwrap()],
        catalog,
        emulated: false,
        measures: MeasureSet::ALL,
    }
}

fn planned(arms: &[Scripted], profile: Profile) -> Plan {
    let catalog = catalog(10, DensityRole::Process);
    plan(&select(&catalog, arms, profile))
}

/// The arms of a workload's cells.
fn arms<'c>(cells: impl IntoIterator<Item = &'c Cell>, workload: &str) -> Vec<String> {
    let of = |cell: &&Cell| cell.workload.as_str() == workload;
    let cells = cells.into_iter().filter(of);
    cells.map(|cell| cell.arm.to_string()).collect()
}

fn left_out(plan: &Plan, measure: Measure) -> Vec<String> {
    let of = plan.left_out.iter().filter(|left| left.measure == measure);
    of.map(|left| left.cell.arm.to_string()).collect()
}

fn twinned(id: &str) -> Scripted {
    Scripted::new(id, Script::default())
        .with_facts(|facts| facts.aa_twin = Some(format!("{id}~aa").parse().unwrap()))
}

fn jit() -> Scripted {
    Scripted::of_kind("jit", ArmKind::WasmProcess)
        .with_facts(|facts| facts.compiles_per_start = true)
}

#[test]
fn what_is_not_here_is_verified_to_be_skipped_and_nothing_else() {
    let plan = planned(&[Scripted::new("here", Script::default())], Profile::Smoke);
    assert_eq!(arms(&plan.verify, COMMAND), ["here", "away"]);
    assert_eq!(arms(&plan.footprint, COMMAND), ["here"]);
    assert_eq!(arms(&plan.cold_start.cells, SERVER), ["here", "here~aa"]);
    assert!(arms(plan.density.iter().map(|run| &run.cell), SERVER).is_empty());
}

#[test]
fn every_cold_start_has_a_noise_floor() {
    let arm = |id| Scripted::new(id, Script::default());
    let first = planned(&[arm("a"), arm("b")], Profile::Smoke);
    assert_eq!(arms(&first.cold_start.cells, COMMAND), ["a", "b", "a~aa"]);
    let named = planned(&[arm("a"), twinned("b"), arm("c")], Profile::Smoke);
    let cells = arms(&named.cold_start.cells, COMMAND);
    assert_eq!(cells, ["a", "b", "b~aa", "c"]);
    let several = planned(&[twinned("a"), twinned("b")], Profile::Smoke);
    let cells = arms(&several.cold_start.cells, COMMAND);
    assert_eq!(cells, ["a", "a~aa", "b", "b~aa"]);
}

#[test]
fn an_arm_without_figures_is_verified_alone() {
    let untimed = Scripted::new("untimed", Script::default())
        .with_facts(|facts| facts.untimed = Some("it is not built to be measured".to_owned()));
    let plan = planned(&[untimed], Profile::Standard);
    assert_eq!(arms(&plan.verify, COMMAND), ["untimed", "away"]);
    assert!(plan.cold_start.cells.is_empty());
    assert!(plan.footprint.is_empty() && plan.density.is_empty());
}

#[test]
fn large_components_are_not_compiled_at_each_start() {
    let catalog = catalog(LARGE, DensityRole::Process);
    let arms_of_both = [Scripted::new("aot", Script::default()), jit()];
    let plan = plan(&select(&catalog, &arms_of_both, Profile::Standard));
    assert_eq!(arms(&plan.cold_start.cells, COMMAND), ["aot", "aot~aa"]);
    assert_eq!(arms(&plan.footprint, COMMAND), ["aot"]);
    let small = arms(&plan.cold_start.cells, SERVER);
    assert_eq!(small, ["aot", "jit", "aot~aa"]);
    for measure in [Measure::ColdStart, Measure::Footprint, Measure::Density] {
        assert_eq!(left_out(&plan, measure), ["jit"], "{measure}");
    }
    // The first case of a workload is verified all the same.
    assert_eq!(arms(&plan.verify, COMMAND), ["aot", "jit", "away"]);
}

#[test]
fn further_cases_of_a_large_component_are_left_to_the_nightly_profile() {
    let large = catalog(LARGE, DensityRole::Process);
    let mut twice = selected(&large);
    let again = twice.iter().find(|(_, id)| id.as_str() == COMMAND);
    twice.push(again.unwrap().clone());
    for (profile, expected) in [(Profile::Standard, 1), (Profile::Nightly, 0)] {
        let compiles = [jit()];
        let selection = Selection {
            cases: twice.clone(),
            ..select(&large, &compiles, profile)
        };
        let plan = plan(&selection);
        let left = left_out(&plan, Measure::Verification);
        assert_eq!(left.len(), expected, "{profile}");
    }
}

#[test]
fn decisive_cases_are_verified_on_one_arm_of_each_class_and_not_measured() {
    let catalog = catalog(10, DensityRole::Process);
    let arm = |id: &str, kind, rank| {
        Scripted::of_kind(id, kind).with_facts(|facts| facts.rank = assay_model::Rank(rank))
    };
    let all = [
        arm("slower", ArmKind::Container, 220),
        arm("faster", ArmKind::Container, 210),
        arm("native", ArmKind::NativeProcess, 100),
        arm("host", ArmKind::WasmResident, 700),
        arm("tracing", ArmKind::WasmResident, 710).with_facts(|facts| facts.traces = true),
    ];
    let selection = Selection {
        cases: Vec::new(),
        decisive: selected(&catalog),
        ..select(&catalog, &all, Profile::Smoke)
    };
    let plan = plan(&selection);
    let cells = arms(&plan.verify, COMMAND);
    assert_eq!(cells, ["native", "faster", "host", "tracing"]);
    assert!(plan.cold_start.cells.is_empty() && plan.footprint.is_empty());
    let left = left_out(&plan, Measure::Verification);
    assert!(left.iter().all(|arm| arm == "slower") && !left.is_empty());

    let selection = Selection {
        cases: Vec::new(),
        covering: selected(&catalog),
        ..select(&catalog, &all, Profile::Smoke)
    };
    let plan = assay_measure::plan(&selection);
    assert_eq!(arms(&plan.verify, COMMAND), ["tracing"]);
    assert!(plan.cold_start.cells.is_empty() && plan.footprint.is_empty());
    let left = left_out(&plan, Measure::Verification);
    // Once for each of the two workloads.
    let once = ["slower", "faster", "native", "host"];
    assert_eq!(left, [once, once].concat());
}

#[test]
fn budgets_of_density_are_those_of_the_unit() {
    let all = || {
        [
            Scripted::new("process", Script::default()),
            Scripted::of_kind("container", ArmKind::Container)
                .with_facts(|facts| facts.stack = Stack::Runtime),
            Scripted::of_kind("engine", ArmKind::Container)
                .with_facts(|facts| facts.stack = Stack::EngineApi),
            Scripted::of_kind("tenant", ArmKind::WasmResident),
        ]
    };
    let budgets = |role, profile| -> Vec<(String, u64, bool)> {
        let catalog = catalog(10, role);
        let arms = all();
        let plan = plan(&select(&catalog, &arms, profile));
        let runs = plan.density.iter();
        runs.map(|run| (run.cell.arm.to_string(), run.budget(), run.in_process))
            .collect()
    };
    let own = |process, container, engine| {
        vec![
            ("process".to_owned(), process, false),
            ("container".to_owned(), container, false),
            ("engine".to_owned(), engine, false),
        ]
    };
    assert_eq!(
        budgets(DensityRole::Process, Profile::Smoke),
        own(64, 40, 16)
    );
    assert_eq!(
        budgets(DensityRole::Process, Profile::Nightly),
        own(2_000, 500, 500)
    );
    let shared = |budget| vec![("tenant".to_owned(), budget, true)];
    let in_process = DensityRole::InProcess;
    assert_eq!(budgets(in_process, Profile::Standard), shared(10_000));
}

#[test]
fn the_smallest_profile_leaves_out_the_slope_that_another_arm_has() {
    let tenants = [
        Scripted::of_kind("mapped", ArmKind::WasmResident)
            .with_facts(|facts| facts.allocation = Some(Allocation::OnDemand)),
        Scripted::of_kind("pooled", ArmKind::WasmResident)
            .with_facts(|facts| facts.allocation = Some(Allocation::Pooling)),
    ];
    let catalog = catalog(10, DensityRole::InProcess);
    let plan = plan(&select(&catalog, &tenants, Profile::Smoke));
    let runs = plan.density.iter().map(|run| &run.cell);
    assert_eq!(arms(runs, COMMAND), ["pooled"]);
    assert_eq!(left_out(&plan, Measure::Density), ["mapped"]);
}

#[test]
fn under_an_emulator_no_memory_is_read() {
    let arms_here = [Scripted::new("arm", Script::default())];
    let catalog = catalog(10, DensityRole::Process);
    let plan = plan(&Selection {
        emulated: true,
        ..select(&catalog, &arms_here, Profile::Nightly)
    });
    assert!(plan.footprint.is_empty() && plan.density.is_empty());
    assert_eq!(left_out(&plan, Measure::Density), ["arm"]);
    assert_eq!(left_out(&plan, Measure::Footprint), ["arm", "arm"]);
    assert_eq!(plan.cold_start.blocks, 2);
}

#[test]
fn only_what_is_asked_for_is_planned() {
    let arms_here = [Scripted::new("arm", Script::default())];
    let catalog = catalog(10, DensityRole::Process);
    for measure in Measure::ALL {
        let plan = plan(&Selection {
            measures: MeasureSet::of(&[measure]),
            ..select(&catalog, &arms_here, Profile::Smoke)
        });
        let planned = [
            (Measure::Verification, !plan.verify.is_empty()),
            (Measure::ColdStart, !plan.cold_start.cells.is_empty()),
            (Measure::Footprint, !plan.footprint.is_empty()),
            (Measure::Density, !plan.density.is_empty()),
        ];
        for (other, has) in planned {
            assert_eq!(
                has,
                other == measure,
                "{other} where {measure} is asked for"
            );
        }
    }
}
