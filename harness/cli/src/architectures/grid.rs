//! Workload families by architecture, and every cell that is not the same.

use crate::table::Table;
use assay_arms::Architecture;
use assay_model::{OutcomeRow, State};
use std::collections::BTreeMap;
use std::fmt;

/// What several records say of the same cells.
pub(super) struct Grid {
    /// Columns, in the order of the records.
    architectures: Vec<Architecture>,
    families: BTreeMap<String, Vec<Count>>,
    /// Cells whose outcomes are not the same everywhere.
    pub(super) differences: Vec<Difference>,
}

/// Cells of one family on one architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    passed: usize,
    failed: usize,
    /// Known to differ, by a linked defect.
    expected: usize,
    /// Not tried, or not offered by an arm.
    without: usize,
}

/// A cell that came to different outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    workload: String,
    arm: String,
    /// Architecture, state, digest and detail.
    ends: Vec<[String; 4]>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "differs: {} on {}", self.workload, self.arm)?;
        for [architecture, state, digest, detail] in &self.ends {
            let digest = digest.get(..SHOWN).unwrap_or(digest);
            write!(f, "\n  {architecture}: {state} {digest} {detail}")?;
        }
        Ok(())
    }
}

/// Digits of a digest that tell it from others.
const SHOWN: usize = 12;

impl Grid {
    /// The grid of some records, one per architecture. Negative controls are
    /// there to differ, so they are counted and not compared. Nor is a cell
    /// that fails on all of them as a known defect predicts: where the outcomes
    /// of a defect do not vary from run to run, its definition names them, and
    /// each record was held to that.
    pub(super) fn of<'r>(
        records: impl Iterator<Item = (Architecture, &'r [OutcomeRow])>,
        is_control: impl Fn(&str) -> bool,
    ) -> Grid {
        let mut grid = Grid {
            architectures: Vec::new(),
            families: BTreeMap::new(),
            differences: Vec::new(),
        };
        let mut cells: BTreeMap<(&str, &str), Vec<&OutcomeRow>> = BTreeMap::new();
        for (column, (architecture, rows)) in records.enumerate() {
            grid.architectures.push(architecture);
            for row in rows {
                let id = row.workload.as_str();
                let family = id.split('/').next().unwrap_or_default();
                let counts = grid.families.entry(family.to_owned()).or_default();
                counts.resize(counts.len().max(column + 1), Count::default());
                counts[column].add(row.state);
                if !is_control(id) {
                    cells.entry((id, row.arm.as_str())).or_default().push(row);
                }
            }
        }
        for counts in grid.families.values_mut() {
            counts.resize(grid.architectures.len(), Count::default());
        }
        for ((workload, arm), rows) in cells {
            if rows.iter().all(|row| row.state == State::ExpectedFail) {
                continue;
            }
            let mut digests = rows.iter().map(|row| &row.digest).filter(|d| !d.is_empty());
            let first = digests.next();
            if digests.any(|digest| Some(digest) != first) {
                let end = |row: &&OutcomeRow| {
                    [
                        row.arch.clone(),
                        row.state.to_string(),
                        row.digest.clone(),
                        row.detail.clone(),
                    ]
                };
                grid.differences.push(Difference {
                    workload: workload.to_owned(),
                    arm: arm.to_owned(),
                    ends: rows.iter().map(end).collect(),
                });
            }
        }
        grid
    }

    /// The grid as text: a row per family, a column per architecture.
    pub(super) fn table(&self) -> Table {
        let mut columns = vec!["family"];
        columns.extend(self.architectures.iter().map(|a| a.as_str()));
        columns.push("differ");
        let mut table = Table::new(&columns);
        let mut sums = vec![Count::default(); self.architectures.len()];
        for (family, counts) in &self.families {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum = sum.plus(*count);
            }
            let of_family = |difference: &&Difference| {
                difference.workload.split('/').next() == Some(family.as_str())
            };
            let differ = self.differences.iter().filter(of_family).count();
            table.row(row(family, counts, differ));
        }
        table.row(row(ALL, &sums, self.differences.len()));
        table
    }
}

fn row(family: &str, counts: &[Count], differ: usize) -> Vec<String> {
    std::iter::once(family.to_owned())
        .chain(counts.iter().map(Count::to_string))
        .chain(std::iter::once(differ.to_string()))
        .collect()
}

/// The name of the last row; no family is called so.
const ALL: &str = "(all)";

impl fmt::Display for Count {
    /// What there is none of is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pass", self.passed)?;
        let others = [
            (self.failed, "FAIL"),
            (self.expected, "known to fail"),
            (self.without, "not here"),
        ];
        for (count, what) in others {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

impl Count {
    fn add(&mut self, state: State) {
        match state {
            State::Pass => self.passed += 1,
            State::ExpectedFail => self.expected += 1,
            State::Unsupported | State::Skipped => self.without += 1,
            State::Fail | State::Crash | State::Timeout | State::UnexpectedPass => {
                self.failed += 1;
            }
        }
    }

    fn plus(self, other: Count) -> Count {
        Count {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            expected: self.expected + other.expected,
            without: self.without + other.without,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(arch: &str, workload: &str, state: State, digest: &str) -> OutcomeRow {
        OutcomeRow {
            run_id: "r".parse().unwrap(),
            arch: arch.to_owned(),
            emulated: arch != "x86_64",
            workload: workload.parse().unwrap(),
            arm: "native".parse().unwrap(),
            state,
            digest: digest.to_owned(),
            expected: "aa".to_owned(),
            detail: format!("byte 7 on {arch}"),
        }
    }

    fn grid(rows: [&[OutcomeRow]; 2]) -> Grid {
        let columns = [Architecture::X86_64, Architecture::S390x]
            .into_iter()
            .zip(rows);
        Grid::of(columns, |case| case.starts_with("control/"))
    }

    #[test]
    fn a_cell_that_differs_is_shown_with_both_ends() {
        let grid = grid([
            &[
                row("x86_64", "cli/a", State::Pass, "aa"),
                row("x86_64", "cli/b", State::Pass, "aa"),
            ],
            &[
                row("s390x", "cli/a", State::Fail, "bb"),
                row("s390x", "cli/b", State::Pass, "aa"),
            ],
        ]);
        assert_eq!(grid.differences.len(), 1);
        let said = grid.differences[0].to_string();
        assert!(said.starts_with("differs: cli/a on native"), "{said}");
        assert!(said.contains("x86_64: pass aa"), "{said}");
        assert!(said.contains("s390x: fail bb byte 7"), "{said}");
        let table = grid.table().render(crate::args::Format::Csv);
        assert_eq!(
            table,
            "family,x86_64,s390x,differ\ncli,2 pass,\"1 pass, 1 FAIL\",1\n\
             (all),2 pass,\"1 pass, 1 FAIL\",1\n"
        );
    }

    #[test]
    fn a_defect_of_all_is_no_difference_and_one_of_some_is() {
        let grid = grid([
            &[
                row("x86_64", "fs/times", State::ExpectedFail, "cc"),
                row("x86_64", "fs/a", State::ExpectedFail, "cc"),
            ],
            &[
                row("s390x", "fs/times", State::ExpectedFail, "dd"),
                row("s390x", "fs/a", State::UnexpectedPass, "aa"),
            ],
        ]);
        let differing = grid.differences.iter().map(|d| d.workload.as_str());
        assert_eq!(differing.collect::<Vec<_>>(), ["fs/a"]);
    }

    #[test]
    fn controls_and_cells_without_an_outcome_do_not_differ() {
        let grid = grid([
            &[
                row("x86_64", "control/nan", State::Pass, "aa"),
                row("x86_64", "fs/a", State::Pass, "aa"),
            ],
            &[
                row("s390x", "control/nan", State::Pass, "cc"),
                row("s390x", "fs/a", State::Unsupported, ""),
            ],
        ]);
        assert_eq!(grid.differences, []);
        let table = grid.table().render(crate::args::Format::Csv);
        assert!(
            table.contains("fs,1 pass,\"0 pass, 1 not here\",0"),
            "{table}"
        );
    }
}
