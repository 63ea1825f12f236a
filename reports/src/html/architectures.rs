//! Machines beside each other, as the template wants them.

use assay_model::record::Manifest;
use assay_model::{Availability, Metric, Sample, Unit};
use assay_stats::median;

use crate::analyse::{Analysis, Count, Group};
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

/// Targets of the portable interpreter: word size and byte order.
const PULLEY: [&str; 4] = ["pulley64", "pulley64be", "pulley32", "pulley32be"];

/// Wasmtime loads the interpreter's code only into a process of the same word
/// size and byte order (`Engine::check_compatible_with_native_host` of
/// wasmtime 48), so each machine can run one of them.
const OTHER_WORDS: &str = "not run: its words or their byte order are not this machine's";

fn pulley(analysis: &Analysis<'_>) -> Vec<FactRow> {
    let manifest = &analysis.record.manifest;
    let of_machine = |machine: &Manifest| {
        let arm = machine
            .arms
            .iter()
            .find(|arm| arm.id.as_str() == "wasmtime/pulley")?;
        match (&arm.availability, arm.config.get("target")) {
            (Availability::Available { .. }, Some(target)) => Some(target.clone()),
            _ => None,
        }
    };
    let found: Vec<Option<String>> = manifest.machines().map(of_machine).collect();
    if found.iter().all(Option::is_none) {
        return Vec::new();
    }
    let row = |name: &&str| FactRow {
        name: (*name).to_owned(),
        cells: found
            .iter()
            .map(|target| match target.as_deref() {
                Some(target) if target == *name => "verified as wasmtime/pulley".to_owned(),
                Some(_) => OTHER_WORDS.to_owned(),
                None => "wasmtime/pulley did not run".to_owned(),
            })
            .collect(),
    };
    PULLEY.iter().map(row).collect()
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

/// What a machine says of itself, for one small program.
const FACTS: [(&str, Metric, &str, &str); 6] = [
    (
        "compiling cli/hello ahead of time",
        Metric::BUILD_COST,
        "cli/hello",
        "wasmtime/aot",
    ),
    (
        "machine code of cli/hello",
        Metric::ARTIFACT_CWASM,
        "cli/hello",
        "wasmtime/aot",
    ),
    (
        "PSS of cli/hold in a fresh process",
        Metric::MEMORY_PSS,
        "cli/hold",
        "wasmtime/aot",
    ),
    (
        "PSS of one instance of cli/hold, pooled",
        Metric::MEMORY_PSS,
        "cli/hold",
        "wasmtime/pooled",
    ),
    (
        "PSS of one more instance of cli/hello, pooled",
        Metric::DENSITY_MARGINAL,
        "cli/hello",
        "wasmtime/pooled",
    ),
    (
        "memory maps at the most instances of cli/hello, pooled",
        Metric::DENSITY_MAPS,
        "cli/hello",
        "wasmtime/pooled",
    ),
];

/// Facts that some machine has a figure of. Sizes are valid anywhere; times and
/// memory only where no emulator was.
fn facts(analysis: &Analysis<'_>) -> Vec<FactRow> {
    let machines = &analysis.architectures.machines;
    let rows = FACTS.iter().map(|(name, metric, workload, arm)| {
        let cells = machines.iter().map(|machine| {
            let portable = *metric == Metric::ARTIFACT_CWASM;
            if machine.is_emulated() && !portable {
                return Err("emulated: not shown");
            }
            let of_cell = |sample: &&Sample| {
                sample.run_id == machine.run
                    && sample.metric == *metric
                    && sample.arm.as_str() == *arm
                    && sample.workload.workload() == *workload
                    && sample.valid
                    && !sample.warmup
            };
            let samples = analysis.record.samples.iter().filter(of_cell);
            let values: Vec<f64> = samples.map(|sample| sample.value).collect();
            let value = match *metric == Metric::DENSITY_MAPS {
                true => values.into_iter().reduce(f64::max),
                false => median(&values),
            };
            value
                .map(|value| figure(metric.unit(), value))
                .ok_or("not measured")
        });
        (*name, cells.collect::<Vec<_>>())
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

fn figure(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Count => format::count(value),
        unit => format::value(unit, value),
    }
}
