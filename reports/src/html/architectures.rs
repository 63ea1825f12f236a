//! Machines beside each other, as the template wants them.

use assay_model::facts::Allocation;
use assay_model::record::Manifest;
use assay_model::{ArmFacts, Availability, Metric, Sample, Unit};
use assay_stats::median;

use crate::analyse::{Analysis, Count, Group};
use crate::arms;
use crate::format;

pub(super) struct MachineView {
    pub label: String,
    pub run: String,
    pub about: String,
}

pub(super) struct CountView {
    pub text: String,
    pub class: &'static str,
}

pub(super) struct GroupView {
    pub name: String,
    pub counts: Vec<CountView>,
    pub compared: usize,
    pub differing: usize,
}

/// A table of groups.
pub(super) struct GroupsView {
    pub caption: &'static str,
    pub heading: &'static str,
    pub groups: Vec<GroupView>,
}

pub(super) struct EndView {
    pub machine: String,
    pub state: String,
    pub digest: String,
    pub detail: String,
}

pub(super) struct DifferenceView {
    pub cell: String,
    pub ends: Vec<EndView>,
}

pub(super) struct FactRow {
    pub name: String,
    pub cells: Vec<String>,
}

/// The section; empty where the record is of one machine.
pub(super) struct ArchitecturesView {
    pub machines: Vec<MachineView>,
    pub tables: Vec<GroupsView>,
    pub all: GroupView,
    pub differences: Vec<DifferenceView>,
    pub other_bytes: Vec<String>,
    /// Which of the interpreter's four targets ran where, and which did not.
    pub pulley: Vec<FactRow>,
    pub facts: Vec<FactRow>,
}

impl ArchitecturesView {
    pub(super) fn of(analysis: &Analysis<'_>) -> ArchitecturesView {
        let beside = &analysis.architectures;
        let machines = beside.machines.iter().map(|machine| MachineView {
            label: machine.label.clone(),
            run: machine.run.to_string(),
            about: machine.about.clone(),
        });
        let differences = beside.differences.iter().map(|difference| DifferenceView {
            cell: format!("{} on {}", difference.workload, difference.arm),
            ends: difference
                .ends
                .iter()
                .map(|end| EndView {
                    machine: end.machine.clone(),
                    state: end.state.to_string(),
                    digest: end.digest.chars().take(12).collect(),
                    detail: end.detail.clone(),
                })
                .collect(),
        });
        ArchitecturesView {
            machines: machines.collect(),
            tables: vec![
                GroupsView {
                    caption: "By family of workloads",
                    heading: "family",
                    groups: beside.families.iter().map(view).collect(),
                },
                GroupsView {
                    caption: "By arm",
                    heading: "arm",
                    groups: beside.arms.iter().map(view).collect(),
                },
            ],
            all: view(&beside.all),
            differences: differences.collect(),
            other_bytes: beside.other_bytes.iter().map(ToString::to_string).collect(),
            pulley: pulley(analysis),
            facts: facts(analysis),
        }
    }
}

/// What the portable interpreter is called in the facts of its arm.
const PULLEY: &str = "pulley";

/// Its targets: word size and byte order.
const TARGETS: [&str; 4] = ["pulley64", "pulley64be", "pulley32", "pulley32be"];

/// Wasmtime loads the interpreter's code only into a process of the same word
/// size and byte order (`Engine::check_compatible_with_native_host` of
/// wasmtime 48), so each machine can run one of them.
const OTHER_WORDS: &str = "not run: its word size or byte order is not this machine's";

fn pulley(analysis: &Analysis<'_>) -> Vec<FactRow> {
    let manifest = &analysis.record.manifest;
    let of_machine = |machine: &Manifest| {
        let arm = machine
            .arms
            .iter()
            .find(|arm| arm.facts.compiler.as_deref() == Some(PULLEY))?;
        match (&arm.availability, arm.config.get("target")) {
            (Availability::Available { .. }, Some(target)) => {
                Some((target.clone(), arm.id.to_string()))
            }
            _ => None,
        }
    };
    let found: Vec<Option<(String, String)>> = manifest.machines().map(of_machine).collect();
    if found.iter().all(Option::is_none) {
        return Vec::new();
    }
    let row = |name: &&str| FactRow {
        name: (*name).to_owned(),
        cells: found
            .iter()
            .map(|found| match found {
                Some((target, arm)) if target == *name => format!("verified as {arm}"),
                Some(_) => OTHER_WORDS.to_owned(),
                None => "the interpreter did not run".to_owned(),
            })
            .collect(),
    };
    TARGETS.iter().map(row).collect()
}

fn view(group: &Group) -> GroupView {
    GroupView {
        name: group.name.clone(),
        counts: group.counts.iter().map(count).collect(),
        compared: group.compared,
        differing: group.differing,
    }
}

fn count(count: &Count) -> CountView {
    CountView {
        text: count.to_string(),
        class: match (count.failed, count.passed) {
            (0, 0) => "none",
            (0, _) => "good",
            _ => "bad",
        },
    }
}

/// A figure of one small program, on the first arm of a sort.
struct Figure {
    name: &'static str,
    metric: Metric,
    workload: &'static str,
    on: fn(&ArmFacts) -> bool,
}

/// A resident host that takes memory from slots reserved before.
fn is_pooled(facts: &ArmFacts) -> bool {
    arms::is_resident(facts) && facts.allocation == Some(Allocation::Pooling)
}

/// What a machine says of itself, for one small program.
const FACTS: [Figure; 6] = [
    Figure {
        name: "compiling cli/hello ahead of time",
        metric: Metric::BUILD_COST,
        workload: "cli/hello",
        on: arms::is_precompiled_process,
    },
    Figure {
        name: "machine code of cli/hello",
        metric: Metric::ARTIFACT_CWASM,
        workload: "cli/hello",
        on: arms::is_precompiled_process,
    },
    Figure {
        name: "PSS of cli/hold in a fresh process",
        metric: Metric::MEMORY_PSS,
        workload: "cli/hold",
        on: arms::is_precompiled_process,
    },
    Figure {
        name: "PSS of one instance of cli/hold, pooled",
        metric: Metric::MEMORY_PSS,
        workload: "cli/hold",
        on: is_pooled,
    },
    Figure {
        name: "PSS of one more instance of cli/hello, pooled",
        metric: Metric::DENSITY_MARGINAL,
        workload: "cli/hello",
        on: is_pooled,
    },
    Figure {
        name: "memory maps at the most instances of cli/hello, pooled",
        metric: Metric::DENSITY_MAPS,
        workload: "cli/hello",
        on: is_pooled,
    },
];

/// Facts that some machine has a figure of. Sizes are valid anywhere; times and
/// memory only where no emulator was.
fn facts(analysis: &Analysis<'_>) -> Vec<FactRow> {
    let machines = &analysis.architectures.machines;
    let rows = FACTS.iter().map(|figure| {
        let (name, metric, workload) = (figure.name, figure.metric, figure.workload);
        let arm = analysis.known.select(figure.on).next();
        let cells = machines.iter().map(|machine| {
            let portable = metric == Metric::ARTIFACT_CWASM;
            if machine.is_emulated() && !portable {
                return Err("emulated: not shown");
            }
            let of_cell = |sample: &&Sample| {
                sample.run_id == machine.run
                    && sample.metric == metric
                    && Some(&sample.arm) == arm
                    && sample.workload.workload() == workload
                    && sample.valid
                    && !sample.warmup
            };
            let samples = analysis.record.samples.iter().filter(of_cell);
            let values: Vec<f64> = samples.map(|sample| sample.value).collect();
            let value = match metric == Metric::DENSITY_MAPS {
                true => values.into_iter().reduce(f64::max),
                false => median(&values),
            };
            value
                .map(|value| text_of(metric.unit(), value))
                .ok_or("not measured")
        });
        (name, cells.collect::<Vec<_>>())
    });
    rows.filter(|(_, cells)| cells.iter().any(Result::is_ok))
        .map(|(name, cells)| FactRow {
            name: name.to_owned(),
            cells: cells
                .into_iter()
                .map(|cell| cell.unwrap_or_else(str::to_owned))
                .collect(),
        })
        .collect()
}

fn text_of(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Count => format::count(value),
        unit => format::value(unit, value),
    }
}
