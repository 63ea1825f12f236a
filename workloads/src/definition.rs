//! From a TOML table to a [`Workload`]. `FORMAT.md` is the prose of this file.

mod command;
mod purpose;
mod script;
mod server;
mod setting;
mod values;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use assay_model::facts::Stack;
use assay_model::selector::OneOf;
use assay_model::{ArmKind, ArmSelector, CaseId, IdError};

use crate::content::Content;
use crate::document::{Document, Table};
use crate::error::{DefinitionError, Problem};
use crate::language::{Interpreter, Language};
use crate::nearest::hint;
use crate::workload::{
    Action, Case, Control, DensityRole, KnownDefect, Measures, Moot, OldEmulator, Twin, Workload,
    WorkloadId,
};
use crate::world::World;

/// The version of the format that this crate reads.
const SCHEMA: u64 = 1;

const KEYS: [&str; 14] = [
    "schema",
    "id",
    "world",
    "language",
    "tags",
    "component",
    "twin",
    "control",
    "compare",
    "analysis",
    "deadline_ms",
    "measure",
    "case",
    "known_defect",
];
const MEASURE_KEYS: [&str; 5] = ["cold_start", "footprint", "throughput", "density", "cases"];
const CASE_KEYS: [&str; 8] = [
    "name", "args", "env", "stdin", "tree", "step", "expect", "request",
];

/// What a definition may refer to.
pub(crate) struct Surroundings<'a> {
    /// The directory that `file = "…"` is relative to.
    pub(crate) fixtures: &'a Path,
    /// The names in the lock.
    pub(crate) components: Vec<&'a str>,
}

/// A definition, and where its ids stand, for messages about duplicates.
pub(crate) fn parse(
    document: &Document,
    around: &Surroundings<'_>,
) -> Result<Workload, DefinitionError> {
    let parsed = document.parse()?;
    let root = Table::root(document, &parsed, "the definition", &KEYS)?;
    let found = root.required_number("schema")?;
    if found != SCHEMA {
        return Err(root.error_at(
            "schema",
            Problem::Schema {
                found,
                known: SCHEMA,
            },
        ));
    }

    let id = root.required_text("id")?;
    let checked = CaseId::new(id, None).map_err(|error| root.error_at("id", error))?;
    if checked.case().is_some() {
        return Err(root.bad(
            "id",
            "'#' separates a workload from its case; name a case with the key 'name' of [[case]]",
        ));
    }
    let world = one_of(
        &root,
        "world",
        "world",
        World::ALL.map(|world| (world.as_str(), world)),
    )?;
    let component = root.required_text("component")?;
    if !around.components.contains(&component) {
        let problem = Problem::UnknownName {
            kind: "component",
            name: component.to_owned(),
            hint: hint(component, around.components.iter().copied()),
        };
        return Err(root.error_at("component", problem));
    }
    let language = match root.text("language")? {
        None => Language::Rust,
        Some(name) => {
            let all = Language::ALL.map(|language| (language.as_str(), language));
            known(&root, "language", "language", name, all)?
        }
    };
    let analysis = root.required_text("analysis")?.trim();
    if analysis.is_empty() {
        return Err(root.bad(
            "analysis",
            "must say what the workload exercises, why it is here and what could mislead",
        ));
    }
    let deadline = root.required_number("deadline_ms")?;
    if deadline == 0 {
        return Err(root.bad("deadline_ms", "must be above 0"));
    }
    let cases = cases(&root, id, world, around)?;

    Ok(Workload {
        known_defects: known_defects(&root, id, &cases)?,
        id: WorkloadId(id.to_owned()),
        world,
        language,
        tags: tags(&root)?,
        component: component.to_owned(),
        twin: twin(&root)?,
        control: control(&root)?,
        compare: purpose::compare(&root)?,
        analysis: analysis.to_owned(),
        deadline: Duration::from_millis(deadline),
        measures: measures(&root)?,
        cases,
        beyond: None,
        file: document.file().to_owned(),
    })
}

/// The value of a key that has one of a few names.
fn one_of<T, const N: usize>(
    table: &Table<'_>,
    key: &'static str,
    kind: &'static str,
    all: [(&'static str, T); N],
) -> Result<T, DefinitionError> {
    known(table, key, kind, table.required_text(key)?, all)
}

/// What a name stands for, which was found under a key.
fn known<T, const N: usize>(
    table: &Table<'_>,
    key: &'static str,
    kind: &'static str,
    name: &str,
    all: [(&'static str, T); N],
) -> Result<T, DefinitionError> {
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    all.into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .ok_or_else(|| {
            let hint = hint(name, names.iter().copied());
            table.error_at(
                key,
                Problem::UnknownName {
                    kind,
                    name: name.to_owned(),
                    hint,
                },
            )
        })
}

fn tags(root: &Table<'_>) -> Result<Vec<String>, DefinitionError> {
    let tags = root.texts("tags")?;
    let word = |tag: &str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        !tag.is_empty() && tag.chars().all(plain)
    };
    match tags.iter().find(|tag| !word(tag)) {
        Some(tag) => Err(root.bad("tags", format!("'{tag}' is not a lower-case word"))),
        None => Ok(tags.into_iter().map(str::to_owned).collect()),
    }
}

const TWIN_KEYS: [&str; 6] = ["package", "bin", "interpreter", "script", "go", "none"];

fn twin(root: &Table<'_>) -> Result<Twin, DefinitionError> {
    let table = root.required_table("twin", &TWIN_KEYS)?;
    let text = |key| table.required_text(key).map(str::to_owned);
    let exactly = |keys: &[&str]| {
        let given: Vec<&str> = table.keys().collect();
        given.len() == keys.len() && keys.iter().all(|key| given.contains(key))
    };
    if exactly(&["package", "bin"]) {
        return Ok(Twin::Cargo {
            package: text("package")?,
            bin: text("bin")?,
        });
    }
    if exactly(&["interpreter", "script"]) {
        let all = Interpreter::ALL.map(|one| (one.as_str(), one));
        return Ok(Twin::Script {
            interpreter: one_of(&table, "interpreter", "interpreter", all)?,
            script: text("script")?,
        });
    }
    if exactly(&["go", "bin"]) {
        return Ok(Twin::Go {
            package: text("go")?,
            bin: text("bin")?,
        });
    }
    if exactly(&["none"]) {
        let reason = text("none")?;
        if reason.trim().is_empty() {
            return Err(table.bad("none", "must say why no native program can do the same"));
        }
        return Ok(Twin::None { reason });
    }
    Err(table.bad(
        "twin",
        "must have package and bin, interpreter and script, go and bin, or none with the reason",
    ))
}

fn control(root: &Table<'_>) -> Result<Option<Control>, DefinitionError> {
    let keys = ["catches", "canonicalize_nans", "moot"];
    let Some(table) = root.table("control", &keys)? else {
        return Ok(None);
    };
    let catches = table.required_text("catches")?.trim();
    if catches.is_empty() {
        return Err(table.bad(
            "catches",
            "must say what would go unnoticed without this control",
        ));
    }
    Ok(Some(Control {
        catches: catches.to_owned(),
        canonical_nans: table.boolean("canonicalize_nans")?.unwrap_or(true),
        moot: match table.table("moot", &["architecture", "why"])? {
            None => None,
            Some(moot) => Some(Moot {
                architecture: moot.required_text("architecture")?.to_owned(),
                why: moot.required_text("why")?.to_owned(),
            }),
        },
    }))
}

fn measures(root: &Table<'_>) -> Result<Measures, DefinitionError> {
    let Some(table) = root.table("measure", &MEASURE_KEYS)? else {
        return Ok(Measures::default());
    };
    let density = if table.has("density") {
        Some(one_of(
            &table,
            "density",
            "density role",
            DensityRole::ALL.map(|role| (role.as_str(), role)),
        )?)
    } else {
        None
    };
    Ok(Measures {
        cold_start: table.boolean("cold_start")?.unwrap_or(false),
        footprint: table.boolean("footprint")?.unwrap_or(false),
        throughput: table.boolean("throughput")?.unwrap_or(false),
        density,
    })
}

/// Which of the cases are measured: those that are named, or all.
fn measured<'a>(root: &Table<'a>, names: &[&str]) -> Result<Vec<&'a str>, DefinitionError> {
    let Some(table) = root.table("measure", &MEASURE_KEYS)? else {
        return Ok(Vec::new());
    };
    let measured = table.texts("cases")?;
    for name in &measured {
        if !names.contains(name) {
            let problem = Problem::UnknownName {
                kind: "case",
                name: (*name).to_owned(),
                hint: hint(name, names.iter().copied()),
            };
            return Err(table.error_at("cases", problem));
        }
    }
    Ok(measured)
}

fn cases(
    root: &Table<'_>,
    id: &str,
    world: World,
    around: &Surroundings<'_>,
) -> Result<Vec<Case>, DefinitionError> {
    let others = purpose::KEYS.iter().chain(&setting::KEYS);
    let keys: Vec<&str> = CASE_KEYS.iter().chain(others).copied().collect();
    let tables = root.tables("case", &keys)?;
    if tables.is_empty() {
        return Err(root.error(Problem::MissingKey {
            key: "case",
            table: root.name().to_owned(),
        }));
    }
    let several = tables.len() > 1;
    let names: Vec<Option<&str>> = tables
        .iter()
        .map(|table| table.text("name"))
        .collect::<Result<_, _>>()?;
    let names: Vec<&str> = names.into_iter().flatten().collect();
    let measured = measured(root, &names)?;
    let mut cases: Vec<(Case, String)> = Vec::with_capacity(tables.len());
    for table in &tables {
        let name = table.text("name")?;
        if several && name.is_none() {
            return Err(table.error(Problem::MissingKey {
                key: "name",
                table: table.name().to_owned(),
            }));
        }
        if let Some(name) = name
            && (name.is_empty() || name.contains(['/', '#']))
        {
            return Err(table.bad("name", "a case name must be one word"));
        }
        let case_id = CaseId::new(id, name).map_err(|error| table.error_at("name", error))?;
        if let Some((_, other)) = cases.iter().find(|(case, _)| case.id == case_id) {
            let problem = Problem::DuplicateId {
                id: case_id.to_string(),
                other: other.clone(),
            };
            return Err(table.error_at("name", problem));
        }
        let action = match world.is_command() {
            true => Action::Command(Box::new(command::parse(table, world, around.fixtures)?)),
            false => Action::Server(server::parse(table, world, around.fixtures)?),
        };
        cases.push((
            Case {
                measured: measured.is_empty() || name.is_some_and(|name| measured.contains(&name)),
                access: purpose::access(table, &case_id)?,
                heavy: purpose::heavy(table)?,
                per: purpose::per(table, &case_id, &names)?,
                id: case_id,
                setting: setting::parse(table, around.fixtures)?,
                received: received(table, around.fixtures)?,
                action,
            },
            table.place(),
        ));
    }
    Ok(cases.into_iter().map(|(case, _)| case).collect())
}

/// What peers should receive: in the expectation of a command, or with the
/// peer itself.
fn received(
    case: &Table<'_>,
    fixtures: &Path,
) -> Result<BTreeMap<String, Content>, DefinitionError> {
    let mut received = match case.table("expect", &command::EXPECT_KEYS)? {
        Some(expect) => values::contents(&expect, "peers", fixtures)?,
        None => BTreeMap::new(),
    };
    for peer in case.tables("peer", &script::PEER_KEYS)? {
        if let Some(content) = values::content(&peer, "received", fixtures)? {
            received.insert(peer.required_text("name")?.to_owned(), content);
        }
    }
    Ok(received)
}

fn known_defects(
    root: &Table<'_>,
    id: &str,
    cases: &[Case],
) -> Result<Vec<KnownDefect>, DefinitionError> {
    let mut defects = Vec::new();
    for table in root.tables(
        "known_defect",
        &[
            "on",
            "case",
            "issue",
            "reason",
            "outcomes",
            "intermittent",
            "emulator",
        ],
    )? {
        let case = match table.text("case")? {
            None => None,
            Some(name) => {
                let wanted =
                    CaseId::new(id, Some(name)).map_err(|error| table.error_at("case", error))?;
                if !cases.iter().any(|case| case.id == wanted) {
                    let names: Vec<&str> = cases.iter().filter_map(|case| case.id.case()).collect();
                    let problem = Problem::UnknownName {
                        kind: "case",
                        name: name.to_owned(),
                        hint: hint(name, names.iter().copied()),
                    };
                    return Err(table.error_at("case", problem));
                }
                Some(wanted)
            }
        };
        let issue = table.required_text("issue")?;
        if !issue.starts_with("https://") {
            return Err(table.bad("issue", "must link the report of the defect (https://…)"));
        }
        defects.push(KnownDefect {
            on: arms(&table)?,
            case,
            issue: issue.to_owned(),
            reason: table.required_text("reason")?.to_owned(),
            outcomes: outcomes(&table)?,
            intermittent: table.boolean("intermittent")?.unwrap_or(false),
            emulator: old_emulator(&table)?,
            line: table.line_of("on"),
        });
    }
    Ok(defects)
}

/// A name or a list of names.
fn one_or_more<T>(
    table: &Table<'_>,
    key: &'static str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<OneOf<T>, DefinitionError> {
    let values = table.names(key)?.into_iter().map(|name| {
        read(name).map_err(|hint| {
            let problem = Problem::UnknownName {
                kind: key,
                name: name.to_owned(),
                hint,
            };
            table.error_at(key, problem)
        })
    });
    values.collect::<Result<Vec<T>, _>>().map(OneOf)
}

/// `on = { kind = "container", engine = ["crun", "runc"] }`: arms by their facts.
fn arms(defect: &Table<'_>) -> Result<ArmSelector, DefinitionError> {
    let table = defect.required_table("on", &["kind", "engine", "stack", "compiler"])?;
    let kinds: Vec<&str> = ArmKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let stacks: Vec<&str> = Stack::ALL.iter().map(|stack| stack.as_str()).collect();
    let kind = one_or_more(&table, "kind", |name| {
        let found = ArmKind::ALL.iter().find(|kind| kind.as_str() == name);
        found
            .copied()
            .ok_or_else(|| hint(name, kinds.iter().copied()))
    })?;
    let stack = one_or_more(&table, "stack", |name| {
        let found = Stack::ALL.iter().find(|stack| stack.as_str() == name);
        found
            .copied()
            .ok_or_else(|| hint(name, stacks.iter().copied()))
    })?;
    let engine = one_or_more(&table, "engine", |name| {
        name.parse().map_err(|error: IdError| error.to_string())
    })?;
    let compiler = one_or_more(&table, "compiler", |name| Ok(name.to_owned()))?;
    let on = ArmSelector {
        kind,
        engine,
        stack,
        compiler,
    };
    match on.is_empty() {
        true => Err(defect.bad("on", "must name a kind, engine, stack or compiler of arms")),
        false => Ok(on),
    }
}

/// `emulator = { architecture = "s390x", before = "8.1" }`.
fn old_emulator(defect: &Table<'_>) -> Result<Option<OldEmulator>, DefinitionError> {
    let Some(table) = defect.table("emulator", &["architecture", "before"])? else {
        return Ok(None);
    };
    let before = table.required_text("before")?;
    let numbers = before.split_once('.').and_then(|(major, minor)| {
        let major = major.parse().ok()?;
        Some((major, minor.parse().ok()?))
    });
    Ok(Some(OldEmulator {
        architecture: table.required_text("architecture")?.to_owned(),
        before: numbers
            .ok_or_else(|| table.bad("before", "must be a version of QEMU, such as \"8.1\""))?,
    }))
}

/// Digits of a digest that a definition gives.
const DIGEST_DIGITS: usize = 12;

fn outcomes(defect: &Table<'_>) -> Result<Vec<String>, DefinitionError> {
    let outcomes = defect.texts("outcomes")?;
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let digest = |text: &&str| text.len() == DIGEST_DIGITS && text.bytes().all(digit);
    match outcomes.iter().all(digest) {
        true => Ok(outcomes.into_iter().map(str::to_owned).collect()),
        false => Err(defect.bad(
            "outcomes",
            "must list digests from outcomes.csv, the first 12 digits of each",
        )),
    }
}

/// The `source` of an expectation, without which it is none.
fn source(table: &Table<'_>) -> Result<String, DefinitionError> {
    match table.text("source")?.map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(table.error(Problem::MissingSource {
            table: table.name().to_owned(),
        })),
    }
}

/// Refuses the keys of the other world, which would silently do nothing.
fn refuse(table: &Table<'_>, keys: &[&str], world: World) -> Result<(), DefinitionError> {
    match keys.iter().find(|key| table.has(key)) {
        None => Ok(()),
        Some(key) => Err(table.bad(key, format!("a case of {world} has no such key"))),
    }
}
