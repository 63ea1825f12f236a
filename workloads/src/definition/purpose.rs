//! What a case is for beside its outcome: `access`, `compare` and `per`; and
//! what it takes, `heavy`.

use assay_model::{Access, CaseId, Compare, Per, Shows};

use super::{known, one_of};
use crate::document::Table;
use crate::error::{DefinitionError, Problem};
use crate::nearest::hint;
use crate::workload::Beside;

/// The keys of a case that are read here.
pub(super) const KEYS: [&str; 3] = ["access", "heavy", "per"];

/// The family whose cases ask for access.
const GRID: &str = "capability";

/// What a case of the capability grid asks.
pub(super) fn access(case: &Table<'_>, id: &CaseId) -> Result<Option<Access>, DefinitionError> {
    let Some(name) = case.text("access")? else {
        return Ok(None);
    };
    if id.family() != GRID {
        return Err(case.bad(
            "access",
            format!("only cases of the family '{GRID}' can have this key"),
        ));
    }
    let all = Access::ALL.map(|access| (access.as_str(), access));
    known(case, "access", "access", name, all).map(Some)
}

/// What makes a case too long for an emulator.
pub(super) fn heavy(case: &Table<'_>) -> Result<Option<String>, DefinitionError> {
    match case.text("heavy")? {
        Some("") => Err(case.bad("heavy", "must say what takes so long")),
        heavy => Ok(heavy.map(str::to_owned)),
    }
}

/// What a case does many times. `siblings` are the names of all cases.
pub(super) fn per(
    case: &Table<'_>,
    id: &CaseId,
    siblings: &[&str],
) -> Result<Option<Per>, DefinitionError> {
    let Some(table) = case.table("per", &["unit", "count", "over"])? else {
        return Ok(None);
    };
    let unit = table.required_text("unit")?;
    if unit.is_empty() || unit.contains(char::is_whitespace) {
        return Err(table.bad("unit", "the unit must be one word, such as call or MiB"));
    }
    let count = table.required_number("count")?;
    if count == 0 {
        return Err(table.bad("count", "must be above 0"));
    }
    let name = table.required_text("over")?;
    if !siblings.contains(&name) {
        let problem = Problem::UnknownName {
            kind: "case",
            name: name.to_owned(),
            hint: hint(name, siblings.iter().copied()),
        };
        return Err(table.error_at("over", problem));
    }
    let over =
        CaseId::new(id.workload(), Some(name)).map_err(|error| table.error_at("over", error))?;
    if over == *id {
        return Err(table.bad("over", "a case cannot be compared with itself"));
    }
    Ok(Some(Per {
        unit: unit.to_owned(),
        count,
        over,
    }))
}

/// What the workload is set beside; whether that is there is seen when all
/// definitions are read.
pub(super) fn compare(root: &Table<'_>) -> Result<Option<Beside>, DefinitionError> {
    let Some(table) = root.table("compare", &["with", "shows"])? else {
        return Ok(None);
    };
    let all = Shows::ALL.map(|shows| (shows.as_str(), shows));
    Ok(Some(Beside {
        compare: Compare {
            with: table.required_text("with")?.to_owned(),
            shows: one_of(&table, "shows", "comparison", all)?,
        },
        line: table.line_of("with"),
    }))
}
