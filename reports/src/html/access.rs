//! The capability grid and the attempts to escape, as the template wants them.

use assay_model::{Access, ArmId, CaseId, State};

use super::headline::state_class;
use crate::analyse::{AccessCell, AccessGrid, Analysis, CellState, Found, Tally};

const GRID: [Access; 2] = [Access::Granted, Access::Denied];
const ESCAPE: [Access; 1] = [Access::Escape];

/// One case in a folded cell.
pub(super) struct CaseView {
    pub anchor: String,
    pub name: String,
    pub access: &'static str,
    pub state: String,
    pub class: &'static str,
    pub issue: Option<String>,
    pub detail: String,
}

/// A count of one side of a group: `denied 3/4`.
pub(super) struct Side {
    pub text: String,
    pub class: &'static str,
}

/// A group of interfaces on an arm; empty where nothing of it ran.
pub(super) struct GroupCell {
    pub sides: Vec<Side>,
    pub cases: Vec<CaseView>,
    /// The cases that came out otherwise are named without unfolding.
    pub differing: Vec<String>,
}

pub(super) struct GroupRow {
    pub group: String,
    pub by_default: &'static str,
    pub cells: Vec<GroupCell>,
}

/// One attempt on one arm.
pub(super) struct AttemptCell {
    pub anchor: String,
    pub word: &'static str,
    pub class: &'static str,
    pub detail: String,
}

pub(super) struct AttemptRow {
    pub group: String,
    pub name: String,
    pub cells: Vec<AttemptCell>,
}

/// Why an arm lets some attempts through.
pub(super) struct Way {
    pub arm: String,
    pub issue: Option<String>,
    pub why: String,
    pub attempts: Vec<(String, String)>,
}

/// The section.
pub(super) struct AccessView {
    pub arms: Vec<String>,
    pub groups: Vec<GroupRow>,
    pub totals: Vec<Vec<Side>>,
    pub attempt_arms: Vec<String>,
    pub attempts: Vec<AttemptRow>,
    pub reached: Vec<Side>,
    pub ways: Vec<Way>,
}

impl AccessView {
    pub(super) fn of(analysis: &Analysis<'_>) -> Self {
        let access = &analysis.access;
        let open = access.open_by_default();
        let columns = columns_of(access, &GRID);
        let attempt_columns = columns_of(access, &ESCAPE);
        let arms = firsts(&columns);
        let attempt_arms = firsts(&attempt_columns);
        Self {
            groups: access
                .groups(&GRID)
                .into_iter()
                .map(|group| GroupRow {
                    by_default: by_default(analysis, &group, &open),
                    cells: arms
                        .iter()
                        .map(|arm| group_cell(analysis, &group, arm))
                        .collect(),
                    group,
                })
                .collect(),
            totals: arms
                .iter()
                .map(|arm| sides(analysis, |cell| cell.arm == *arm))
                .collect(),
            attempts: attempts(analysis, &attempt_arms),
            ways: ways(analysis, &access.arms(&ESCAPE)),
            reached: attempt_arms
                .iter()
                .map(|arm| {
                    let of = |c: &AccessCell| c.arm == *arm && c.access == Access::Escape;
                    reached(access.tally(of))
                })
                .collect(),
            arms: columns.iter().map(|arms| names(arms)).collect(),
            attempt_arms: attempt_columns.iter().map(|arms| names(arms)).collect(),
        }
    }

    /// Whether the record asks nothing of this.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.attempts.is_empty()
    }
}

/// More columns than these do not fit a page.
const COLUMNS: usize = 6;

/// The arms of each column: one, or where there are many all of those that came
/// out alike in every case.
fn columns_of(access: &AccessGrid, asks: &[Access]) -> Vec<Vec<ArmId>> {
    let all = access.arms(asks);
    let many = all.len() > COLUMNS;
    type States<'a> = Vec<(&'a CaseId, CellState)>;
    let mut found: Vec<(States<'_>, Vec<ArmId>)> = Vec::new();
    for arm in all {
        let of_arm = access.cells.iter().filter(|cell| cell.arm == arm);
        let asked = of_arm.filter(|cell| asks.contains(&cell.access));
        let states: States<'_> = asked.map(|cell| (&cell.case, cell.state)).collect();
        match found.iter_mut().find(|(known, _)| many && *known == states) {
            Some((_, arms)) => arms.push(arm),
            None => found.push((states, vec![arm])),
        }
    }
    found.into_iter().map(|(_, arms)| arms).collect()
}

fn firsts(columns: &[Vec<ArmId>]) -> Vec<ArmId> {
    columns
        .iter()
        .filter_map(|arms| arms.first())
        .cloned()
        .collect()
}

fn names(arms: &[ArmId]) -> String {
    let names: Vec<&str> = arms.iter().map(ArmId::as_str).collect();
    names.join(", ")
}

/// What a program has of a group that was given nothing.
fn by_default(analysis: &Analysis<'_>, group: &str, open: &[String]) -> &'static str {
    let mut cells = analysis.access.asking(&GRID);
    if !cells.any(|cell| cell.group() == group && cell.ran()) {
        "not run"
    } else if open.iter().any(|name| name == group) {
        "all of it"
    } else {
        "nothing"
    }
}

fn sides(analysis: &Analysis<'_>, pick: impl Fn(&AccessCell) -> bool) -> Vec<Side> {
    GRID.into_iter()
        .filter_map(|access| {
            let of = |cell: &AccessCell| cell.access == access && pick(cell);
            let tally = analysis.access.tally(of);
            (tally.ran() > 0).then(|| Side {
                text: format!("{access} {}/{}", tally.as_specified, tally.ran()),
                class: tally_class(tally),
            })
        })
        .collect()
}

fn tally_class(tally: Tally) -> &'static str {
    match tally {
        _ if tally.is_whole() => "good",
        _ if tally.broke > 0 => "bad",
        _ => "warn",
    }
}

fn group_cell(analysis: &Analysis<'_>, group: &str, arm: &ArmId) -> GroupCell {
    let here = |cell: &&AccessCell| cell.group() == group && cell.arm == *arm;
    let cells: Vec<&AccessCell> = analysis.access.asking(&GRID).filter(here).collect();
    GroupCell {
        sides: sides(analysis, |cell| here(&cell)),
        differing: cells
            .iter()
            .filter(|cell| matches!(cell.found, Found::Differs | Found::Broke))
            .map(|cell| format!("{}: {}", cell.name(), state_name(cell.state)))
            .collect(),
        cases: cells.into_iter().map(case_view).collect(),
    }
}

fn state_name(state: CellState) -> String {
    state.as_str().replace('-', " ")
}

fn case_view(cell: &AccessCell) -> CaseView {
    let (issue, detail) = linked(&cell.detail);
    CaseView {
        anchor: cell.anchor.clone(),
        name: cell.name().to_owned(),
        access: cell.access.as_str(),
        state: state_name(cell.state),
        class: state_class(cell.state.as_str(), cell.state.is_failure()),
        issue,
        detail,
    }
}

/// The link that the detail of a known defect begins with, and the rest.
fn linked(detail: &str) -> (Option<String>, String) {
    match detail.split_once(": ") {
        Some((link, rest)) if link.starts_with("https://") => {
            (Some(link.to_owned()), rest.to_owned())
        }
        _ => (None, detail.to_owned()),
    }
}

fn attempts(analysis: &Analysis<'_>, arms: &[ArmId]) -> Vec<AttemptRow> {
    let mut rows: Vec<(&assay_model::CaseId, AttemptRow)> = Vec::new();
    for cell in analysis.access.asking(&ESCAPE) {
        if !arms.contains(&cell.arm) {
            continue;
        }
        let view = AttemptCell {
            anchor: cell.anchor.clone(),
            word: word(cell),
            class: match cell.found {
                Found::AsSpecified => "good",
                Found::Differs if cell.state.is_failure() => "bad",
                Found::Differs => "warn",
                Found::Broke => "bad",
                Found::NotRun => "none",
            },
            detail: cell.detail.clone(),
        };
        match rows.iter_mut().find(|(case, _)| **case == cell.case) {
            Some((_, row)) => row.cells.push(view),
            None => rows.push((
                &cell.case,
                AttemptRow {
                    group: cell.group().to_owned(),
                    name: cell.name().to_owned(),
                    cells: vec![view],
                },
            )),
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// What got through, by arm and by the reason that its cells give.
fn ways(analysis: &Analysis<'_>, arms: &[ArmId]) -> Vec<Way> {
    let mut ways: Vec<(&str, Way)> = Vec::new();
    for arm in arms {
        let through = |c: &&AccessCell| c.arm == *arm && c.found == Found::Differs;
        for cell in analysis.access.asking(&ESCAPE).filter(through) {
            let attempt = (cell.anchor.clone(), cell.name().to_owned());
            let same = |(detail, way): &&mut (&str, Way)| {
                *detail == cell.detail && way.arm == arm.as_str()
            };
            match ways.iter_mut().find(same) {
                Some((_, way)) => way.attempts.push(attempt),
                None => {
                    let (issue, why) = linked(&cell.detail);
                    ways.push((
                        &cell.detail,
                        Way {
                            arm: arm.to_string(),
                            issue,
                            why,
                            attempts: vec![attempt],
                        },
                    ));
                }
            }
        }
    }
    ways.into_iter().map(|(_, way)| way).collect()
}

/// What came of an attempt.
fn word(cell: &AccessCell) -> &'static str {
    match (cell.found, cell.state) {
        (Found::AsSpecified, _) => "refused",
        (Found::Differs, _) => "reached",
        (Found::Broke, state) => state.as_str(),
        (Found::NotRun, CellState::Known(State::Unsupported)) => "unsupported",
        (Found::NotRun, _) => "not run",
    }
}

fn reached(tally: Tally) -> Side {
    let broke = match tally.broke {
        0 => String::new(),
        n => format!(", {n} without an answer"),
    };
    Side {
        text: format!("{} of {} reached{broke}", tally.differs, tally.ran()),
        class: tally_class(tally),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issue_of_a_known_defect_becomes_a_link() {
        assert_eq!(
            linked("https://example.com/1: says so (byte 3: a)"),
            (
                Some("https://example.com/1".to_owned()),
                "says so (byte 3: a)".to_owned()
            )
        );
        let plain = "stdout: byte 3";
        assert_eq!(linked(plain), (None, plain.to_owned()));
    }
}
