//! Cases of `wasi:cli/command`.

use std::path::Path;

use assay_model::{ExitClass, StderrPolicy};

use super::{one_of, refuse, script, source, values};
use crate::document::Table;
use crate::error::{DefinitionError, Problem};
use crate::workload::{Command, ExpectedExit};
use crate::world::World;

pub(super) const EXPECT_KEYS: [&str; 7] = [
    "source", "exit", "stdout", "stderr", "tree", "peers", "received",
];

pub(super) fn parse(
    table: &Table<'_>,
    world: World,
    fixtures: &Path,
) -> Result<Command, DefinitionError> {
    refuse(table, &["request"], world)?;
    let args: Vec<String> = table
        .texts("args")?
        .into_iter()
        .map(str::to_owned)
        .collect();
    let env = values::pairs(table, "env")?;
    if args.iter().any(|text| text.contains('\0')) {
        return Err(table.bad("args", "an argument cannot contain NUL"));
    }
    if env
        .iter()
        .any(|(name, value)| name.is_empty() || name.contains(['=', '\0']) || value.contains('\0'))
    {
        return Err(table.bad(
            "env",
            "a variable needs a name without '=', and cannot contain NUL",
        ));
    }
    let directory = values::tree(table, "tree", fixtures)?;
    let expect = expectation(table, fixtures)?;
    if directory.is_some() != expect.tree.is_some() {
        // One without the other would start in a directory and not look at
        // what is left, or look at a directory that was never given.
        return Err(table.error(Problem::BadValue {
            key: "tree".to_owned(),
            why: "a case must have both tree and expect.tree, or neither; an empty table is an empty directory"
                .to_owned(),
        }));
    }
    let steps = script::steps(table, fixtures)?;
    if !steps.is_empty() && table.has("stdin") {
        return Err(table.bad("stdin", "a case with steps must write to stdin in a step"));
    }
    Ok(Command {
        args,
        env: env.into_iter().collect(),
        stdin: values::content(table, "stdin", fixtures)?.unwrap_or_default(),
        directory,
        steps,
        expect,
    })
}

fn expectation(case: &Table<'_>, fixtures: &Path) -> Result<ExpectedExit, DefinitionError> {
    let table = case.required_table("expect", &EXPECT_KEYS)?;
    let classes = [ExitClass::Ok, ExitClass::Err, ExitClass::Trap];
    let stdout = values::content(&table, "stdout", fixtures)?.ok_or_else(|| {
        table.error(Problem::MissingKey {
            key: "stdout",
            table: table.name().to_owned(),
        })
    })?;
    Ok(ExpectedExit {
        source: source(&table)?,
        exit: one_of(
            &table,
            "exit",
            "exit class",
            classes.map(|class| (class.as_str(), class)),
        )?,
        stdout: Some(stdout),
        stderr: stderr(&table)?,
        tree: values::tree(&table, "tree", fixtures)?,
        received: values::contents(&table, "received", fixtures)?,
    })
}

/// `stderr = { exact = "…" }`, `{ pattern = "…" }` or `{ ignore = "why" }`.
fn stderr(expect: &Table<'_>) -> Result<StderrPolicy, DefinitionError> {
    let table = expect.required_table("stderr", &["exact", "pattern", "ignore"])?;
    match (
        table.text("exact")?,
        table.text("pattern")?,
        table.text("ignore")?,
    ) {
        (Some(text), None, None) => Ok(StderrPolicy::Exact(text.as_bytes().to_vec())),
        (None, Some(pattern), None) => regex::bytes::Regex::new(pattern)
            .map(StderrPolicy::Pattern)
            .map_err(|error| table.bad("pattern", error.to_string())),
        (None, None, Some(reason)) if !reason.trim().is_empty() => Ok(StderrPolicy::Ignore),
        _ => Err(expect.bad(
            "stderr",
            "needs exactly one of exact, pattern and ignore (with the reason)",
        )),
    }
}
