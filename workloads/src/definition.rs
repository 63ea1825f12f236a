//! From a TOML file to a [`Workload`]. `FORMAT.md` is the prose of this file.

mod case;
mod command;
mod content;
mod leaf;
mod script;
mod server;
mod setting;

use std::num::NonZeroU64;
use std::path::Path;
use std::time::Duration;

use assay_model::{ArmSelector, CaseId, Compare, Shows};
use serde::Deserialize;
use toml::Spanned;

use self::case::{Family, RawCase};
use self::leaf::{DigestStart, Link, QemuVersion, Tag, Text};
use crate::document::{Document, Wrong};
use crate::error::DefinitionError;
use crate::language::{Interpreter, Language};
use crate::workload::{
    Case, ComparedWith, Control, DensityRole, KnownDefect, Measures, Moot, OldEmulator, Twin,
    Workload, WorkloadId,
};
use crate::world::World;

/// A whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    #[serde(rename = "schema")]
    _schema: u64,
    id: WorkloadId,
    world: World,
    language: Option<Language>,
    #[serde(default)]
    tags: Vec<Tag>,
    component: Spanned<String>,
    twin: RawTwin,
    control: Option<RawControl>,
    compare: Option<RawCompare>,
    analysis: Text,
    deadline_ms: NonZeroU64,
    #[serde(default)]
    measure: RawMeasure,
    case: Vec<Spanned<RawCase>>,
    #[serde(default)]
    known_defect: Vec<RawDefect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TwinKeys {
    package: Option<String>,
    bin: Option<String>,
    interpreter: Option<Interpreter>,
    script: Option<String>,
    go: Option<String>,
    none: Option<Text>,
}

#[derive(Deserialize)]
#[serde(try_from = "TwinKeys")]
struct RawTwin(Twin);

impl TryFrom<TwinKeys> for RawTwin {
    type Error = &'static str;
    fn try_from(keys: TwinKeys) -> Result<Self, &'static str> {
        let TwinKeys {
            package,
            bin,
            interpreter,
            script,
            go,
            none,
        } = keys;
        Ok(RawTwin(
            match (package, bin, interpreter, script, go, none) {
                (Some(package), Some(bin), None, None, None, None) => Twin::Cargo { package, bin },
                (None, None, Some(interpreter), Some(script), None, None) => Twin::Script {
                    interpreter,
                    script,
                },
                (None, Some(bin), None, None, Some(package), None) => Twin::Go { package, bin },
                (None, None, None, None, None, Some(reason)) => Twin::None { reason: reason.0 },
                _ => {
                    return Err(
                        "has package and bin, interpreter and script, go and bin, or none with the reason",
                    );
                }
            },
        ))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawControl {
    catches: Text,
    canonicalize_nans: Option<bool>,
    moot: Option<Moot>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCompare {
    with: Spanned<String>,
    shows: Shows,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawMeasure {
    cold_start: bool,
    footprint: bool,
    density: Option<DensityRole>,
    cases: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDefect {
    on: Spanned<ArmSelector>,
    case: Option<Spanned<String>>,
    issue: Link,
    reason: Text,
    #[serde(default)]
    outcomes: Vec<DigestStart>,
    #[serde(default)]
    intermittent: bool,
    emulator: Option<RawEmulator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEmulator {
    architecture: String,
    before: QemuVersion,
}

/// What a definition may refer to.
pub(crate) struct Surroundings<'a> {
    /// The directory that `file = "…"` is relative to.
    pub(crate) fixtures: &'a Path,
    /// The names in the lock.
    pub(crate) components: Vec<&'a str>,
}

/// Reads and checks a definition.
pub(crate) fn parse(
    document: &Document,
    around: &Surroundings<'_>,
) -> Result<Workload, DefinitionError> {
    let definition: Definition = document.read()?;
    build(definition, document, around).map_err(|wrong| document.wrong(wrong))
}

fn build(
    raw: Definition,
    document: &Document,
    around: &Surroundings<'_>,
) -> Result<Workload, Wrong> {
    if !around
        .components
        .contains(&raw.component.get_ref().as_str())
    {
        let known = around.components.iter().copied();
        return Err(Wrong::name("component", &raw.component, known));
    }
    if raw.case.is_empty() {
        return Err(Wrong::missing(&(0..0), "case"));
    }
    let names = raw
        .case
        .iter()
        .filter_map(|case| case.get_ref().name.as_ref());
    let names: Vec<String> = names.map(|name| name.get_ref().0.clone()).collect();
    for name in &raw.measure.cases {
        if !names.contains(name.get_ref()) {
            return Err(Wrong::name("case", name, names.iter().map(String::as_str)));
        }
    }
    let family = Family {
        id: &raw.id,
        world: raw.world,
        names: &names,
        measured: &raw.measure.cases,
        fixtures: around.fixtures,
    };
    let cases = case::cases(raw.case, &family)?;
    let known_defects = raw.known_defect.into_iter();
    let known_defects = known_defects
        .map(|defect| known_defect(defect, document, &cases))
        .collect::<Result<_, _>>()?;
    Ok(Workload {
        known_defects,
        cases,
        id: raw.id,
        world: raw.world,
        language: raw.language.unwrap_or(Language::Rust),
        tags: raw.tags.into_iter().map(|tag| tag.0).collect(),
        component: raw.component.into_inner(),
        twin: raw.twin.0,
        control: raw.control.map(|control| Control {
            catches: control.catches.0,
            canonical_nans: control.canonicalize_nans.unwrap_or(true),
            moot: control.moot,
        }),
        // Whether the other one is there is seen when all definitions are read.
        compare: raw.compare.map(|compare| ComparedWith {
            line: document.line(&compare.with.span()),
            compare: Compare {
                with: compare.with.into_inner(),
                shows: compare.shows,
            },
        }),
        analysis: raw.analysis.0,
        deadline: Duration::from_millis(raw.deadline_ms.get()),
        measures: Measures {
            cold_start: raw.measure.cold_start,
            footprint: raw.measure.footprint,
            density: raw.measure.density,
        },
        beyond: None,
        file: document.file().to_owned(),
    })
}

fn known_defect(raw: RawDefect, document: &Document, cases: &[Case]) -> Result<KnownDefect, Wrong> {
    if raw.on.get_ref().is_empty() {
        let why = "names a kind, engine, stack or compiler of arms";
        return Err(Wrong::value(&raw.on.span(), why));
    }
    let case = match raw.case {
        None => None,
        Some(name) => {
            let ids = || cases.iter().map(|case| &case.id);
            let found = ids().find(|id| id.case() == Some(name.get_ref()));
            let found = found.cloned().ok_or_else(|| {
                let known: Vec<&str> = ids().filter_map(CaseId::case).collect();
                Wrong::name("case", &name, known)
            })?;
            Some(found)
        }
    };
    Ok(KnownDefect {
        line: document.line(&raw.on.span()),
        on: raw.on.into_inner(),
        case,
        issue: raw.issue.0,
        reason: raw.reason.0,
        outcomes: raw.outcomes.into_iter().map(|start| start.0).collect(),
        intermittent: raw.intermittent,
        emulator: raw.emulator.map(|emulator| OldEmulator {
            architecture: emulator.architecture,
            before: emulator.before.0,
        }),
    })
}
