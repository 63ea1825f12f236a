//! What surrounds a case: `preopens`, `grant`, `deny`, `clock`, `random_seed`
//! and `peer`.

use std::path::Path;

use jiff::Timestamp;

use super::{known, script};
use crate::document::Table;
use crate::error::DefinitionError;
use crate::setting::{Capability, InterfaceGroup, Preopen, Setting};

/// The keys that are read here.
pub(super) const KEYS: [&str; 7] = [
    "preopens",
    "grant",
    "deny",
    "clock",
    "random_seed",
    "canary",
    "peer",
];

pub(super) fn parse(case: &Table<'_>, fixtures: &Path) -> Result<Setting, DefinitionError> {
    let (wall_clock, monotonic_step) = clock(case)?;
    Ok(Setting {
        preopens: preopens(case)?,
        granted: case
            .texts("grant")?
            .into_iter()
            .map(|name| {
                let all = Capability::ALL.map(|capability| (capability.as_str(), capability));
                known(case, "grant", "capability", name, all)
            })
            .collect::<Result<_, _>>()?,
        denied: case
            .texts("deny")?
            .into_iter()
            .map(|name| {
                let all = InterfaceGroup::ALL.map(|group| (group.as_str(), group));
                known(case, "deny", "group of interfaces", name, all)
            })
            .collect::<Result<_, _>>()?,
        wall_clock,
        monotonic_step,
        random_seed: case.number("random_seed")?,
        peers: script::peers(case, fixtures)?,
        canary: case.boolean("canary")?.unwrap_or(false),
    })
}

fn preopens(case: &Table<'_>) -> Result<Option<Vec<Preopen>>, DefinitionError> {
    if !case.has("preopens") {
        return Ok(None);
    }
    let mut preopens = Vec::new();
    for table in case.tables("preopens", &["path", "at", "write"])? {
        let path = table.required_text("path")?;
        let path = if path == "." { "" } else { path };
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        if !path.is_empty() && !path.split('/').all(plain) {
            return Err(table.bad(
                "path",
                "must be \".\" or a relative path in the tree of the case",
            ));
        }
        let at = table.required_text("at")?;
        if at.is_empty() || at.contains('\0') {
            return Err(table.bad("at", "a directory needs a name for the guest"));
        }
        preopens.push(Preopen {
            path: path.to_owned(),
            at: at.to_owned(),
            write: table.boolean("write")?.unwrap_or(true),
        });
    }
    Ok(Some(preopens))
}

fn clock(case: &Table<'_>) -> Result<(Option<u64>, Option<u64>), DefinitionError> {
    let Some(table) = case.table("clock", &["wall", "monotonic_step_ns"])? else {
        return Ok((None, None));
    };
    let wall = table
        .text("wall")?
        .map(|text| {
            let instant: Timestamp = text
                .parse()
                .map_err(|error: jiff::Error| table.bad("wall", error.to_string()))?;
            u64::try_from(instant.as_nanosecond())
                .map_err(|_| table.bad("wall", "must be an instant from 1970 to 2554"))
        })
        .transpose()?;
    let step = table.number("monotonic_step_ns")?;
    if wall.is_none() && step.is_none() {
        return Err(case.bad("clock", "needs wall or monotonic_step_ns"));
    }
    Ok((wall, step))
}
