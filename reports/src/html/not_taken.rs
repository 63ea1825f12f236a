//! Measures that the plan leaves out, with the reason.

use std::collections::BTreeSet;

use assay_model::{LeftOut, Measure};

/// Workloads of which one arm does not take one measure, for one reason.
pub(super) struct NotTaken {
    pub measure: Measure,
    pub arm: String,
    pub workloads: String,
    pub reason: String,
}

/// What is left out, a line for all workloads that have measure, arm and
/// reason in common.
pub(super) fn not_taken(left_out: &[LeftOut]) -> Vec<NotTaken> {
    let mut groups: Vec<(&LeftOut, BTreeSet<&str>)> = Vec::new();
    for one in left_out {
        let alike = |other: &LeftOut| {
            other.measure == one.measure
                && other.cell.arm == one.cell.arm
                && other.reason == one.reason
        };
        let workload = one.cell.workload.workload();
        match groups.iter_mut().find(|(other, _)| alike(other)) {
            Some((_, workloads)) => {
                workloads.insert(workload);
            }
            None => groups.push((one, BTreeSet::from([workload]))),
        }
    }
    let groups = groups.into_iter();
    groups
        .map(|(one, workloads)| NotTaken {
            measure: one.measure,
            arm: one.cell.arm.to_string(),
            workloads: Vec::from_iter(workloads).join(", "),
            reason: one.reason.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::Cell;

    fn left_out(workload: &str, reason: &str) -> LeftOut {
        LeftOut {
            measure: Measure::Density,
            cell: Cell {
                workload: workload.parse().unwrap(),
                arm: "wasmtime/jit".parse().unwrap(),
            },
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn cases_and_workloads_with_one_reason_share_a_line() {
        let lines = not_taken(&[
            left_out("cli/hold", "it compiles"),
            left_out("cli/exit#trap", "it compiles"),
            left_out("cli/exit#ok", "it compiles"),
            left_out("cli/hold", "another"),
        ]);
        let lines: Vec<(&str, &str)> = lines
            .iter()
            .map(|line| (line.workloads.as_str(), line.reason.as_str()))
            .collect();
        assert_eq!(
            lines,
            [
                ("cli/exit, cli/hold", "it compiles"),
                ("cli/hold", "another")
            ]
        );
    }
}
