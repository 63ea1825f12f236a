//! The cases of a workload.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::ops::Range;
use std::path::Path;

use assay_model::{Access, CaseId, Per};
use serde::Deserialize;
use toml::Spanned;

use super::command::{self, RawExpect};
use super::content::{self, RawContent, RawTree};
use super::leaf::{Arg, CaseName, Env, Text, Unit};
use super::script::{self, RawPeer, RawStep};
use super::server::{self, RawRequest};
use super::setting::{Clock, RawPreopen};
use crate::document::Wrong;
use crate::setting::{Capability, InterfaceGroup, Setting};
use crate::workload::{Action, Case, Command, WorkloadId};
use crate::world::World;

/// The family whose cases ask for access.
const GRID: &str = "capability";

/// A case of either kind of world.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    pub(super) name: Option<Spanned<CaseName>>,
    access: Option<Spanned<Access>>,
    heavy: Option<Text>,
    per: Option<RawPer>,
    preopens: Option<Spanned<Vec<RawPreopen>>>,
    #[serde(default)]
    grant: BTreeSet<Capability>,
    #[serde(default)]
    deny: BTreeSet<InterfaceGroup>,
    #[serde(default)]
    clock: Clock,
    random_seed: Option<u64>,
    #[serde(default)]
    canary: bool,
    #[serde(default)]
    peer: Vec<RawPeer>,
    // Of a command:
    args: Option<Spanned<Vec<Arg>>>,
    env: Option<Spanned<Env>>,
    stdin: Option<Spanned<RawContent>>,
    tree: Option<Spanned<RawTree>>,
    step: Option<Spanned<Vec<Spanned<RawStep>>>>,
    expect: Option<Spanned<RawExpect>>,
    // Of a server:
    request: Option<Spanned<Vec<Spanned<RawRequest>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPer {
    unit: Unit,
    count: NonZeroU64,
    over: Spanned<String>,
}

/// What the cases of one workload share.
pub(super) struct Family<'a> {
    pub(super) id: &'a WorkloadId,
    pub(super) world: World,
    /// The names of all cases.
    pub(super) names: &'a [String],
    /// Those that are measured; all of them if it is empty.
    pub(super) measured: &'a [Spanned<String>],
    pub(super) fixtures: &'a Path,
}

/// The cases in the order of the definition.
pub(super) fn cases(raw: Vec<Spanned<RawCase>>, family: &Family<'_>) -> Result<Vec<Case>, Wrong> {
    let several = raw.len() > 1;
    let mut first: BTreeMap<CaseId, Range<usize>> = BTreeMap::new();
    let mut cases = Vec::with_capacity(raw.len());
    for case in raw {
        let place = case.span();
        let case = case.into_inner();
        if several && case.name.is_none() {
            return Err(Wrong::missing(&place, "name"));
        }
        let named = case.name.as_ref().map_or(place.clone(), Spanned::span);
        let name = case.name.as_ref().map(|name| name.get_ref().0.as_str());
        let id = CaseId::new(family.id.as_str(), name)
            .map_err(|error| Wrong::value(&named, error.to_string()))?;
        if let Some(first) = first.insert(id.clone(), place.clone()) {
            return Err(Wrong::duplicate(&named, id.to_string(), first));
        }
        cases.push(build(case, &place, id, family)?);
    }
    Ok(cases)
}

fn build(
    mut raw: RawCase,
    place: &Range<usize>,
    id: CaseId,
    family: &Family<'_>,
) -> Result<Case, Wrong> {
    refuse_other_world(&raw, family.world)?;
    if let Some(access) = &raw.access
        && id.family() != GRID
    {
        let why = format!("only cases of the family '{GRID}' are in the grid that it is for");
        return Err(Wrong::value(&access.span(), why));
    }
    let mut received = BTreeMap::new();
    if let Some(expect) = &mut raw.expect {
        let peers = std::mem::take(&mut expect.get_mut().peers);
        received = content::contents(peers, family.fixtures)?;
    }
    let mut peers = Vec::new();
    for peer in std::mem::take(&mut raw.peer) {
        let (peer, content) = script::peer(peer, family.fixtures)?;
        if let Some(content) = content {
            received.insert(peer.name.clone(), content.read(family.fixtures)?);
        }
        peers.push(peer);
    }
    let preopens = raw.preopens.take().map(Spanned::into_inner);
    Ok(Case {
        measured: family.measured.is_empty()
            || id.case().is_some_and(|name| {
                let mut measured = family.measured.iter();
                measured.any(|measured| measured.get_ref() == name)
            }),
        access: raw.access.as_ref().map(|access| *access.get_ref()),
        heavy: raw.heavy.take().map(|text| text.0),
        per: raw
            .per
            .take()
            .map(|raw| per(raw, &id, family))
            .transpose()?,
        setting: Setting {
            preopens: preopens.map(|all| all.into_iter().map(Into::into).collect()),
            granted: std::mem::take(&mut raw.grant),
            denied: std::mem::take(&mut raw.deny),
            wall_clock: raw.clock.wall,
            monotonic_step: raw.clock.monotonic_step,
            random_seed: raw.random_seed,
            peers,
            canary: raw.canary,
        },
        received,
        action: match raw.request.take() {
            None if family.world.is_command() => {
                Action::Command(Box::new(command_of(raw, place, family.fixtures)?))
            }
            Some(requests) if !requests.get_ref().is_empty() => {
                let requests = requests.into_inner().into_iter();
                let exchanges = requests.map(|raw| server::exchange(raw, family.fixtures));
                Action::Server(exchanges.collect::<Result<_, _>>()?)
            }
            _ => return Err(Wrong::missing(place, "request")),
        },
        id,
    })
}

/// Refuses the keys of the other kind of world, which would do nothing.
fn refuse_other_world(raw: &RawCase, world: World) -> Result<(), Wrong> {
    fn span<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
        value.as_ref().map(Spanned::span)
    }
    let refused = match world.is_command() {
        true => vec![span(&raw.request)],
        false => vec![
            span(&raw.args),
            span(&raw.env),
            span(&raw.stdin),
            span(&raw.tree),
            span(&raw.step),
            span(&raw.expect),
            span(&raw.preopens),
        ],
    };
    match refused.into_iter().flatten().next() {
        None => Ok(()),
        Some(span) => {
            let why = format!("a case of {world} has no such key");
            Err(Wrong::value(&span, why))
        }
    }
}

/// What is run, of a case at `place`.
fn command_of(raw: RawCase, place: &Range<usize>, fixtures: &Path) -> Result<Command, Wrong> {
    let expect = raw.expect.ok_or_else(|| Wrong::missing(place, "expect"))?;
    if raw.tree.is_some() != expect.get_ref().tree.is_some() {
        // One without the other would start in a directory and not look at
        // what is left, or look at a directory that was never given.
        let why = "a case needs both tree and expect.tree, or neither; \
                   an empty table means an empty directory";
        return Err(Wrong::value(place, why));
    }
    let steps = raw.step.map(Spanned::into_inner).unwrap_or_default();
    if let Some(stdin) = &raw.stdin
        && !steps.is_empty()
    {
        let why = "a case with steps writes to stdin in a step of its own";
        return Err(Wrong::value(&stdin.span(), why));
    }
    let args = raw.args.map(Spanned::into_inner).unwrap_or_default();
    Ok(Command {
        args: args.into_iter().map(|arg| arg.0).collect(),
        env: raw.env.map(|env| env.into_inner().0).unwrap_or_default(),
        stdin: match raw.stdin {
            Some(stdin) => stdin.into_inner().read(fixtures)?,
            None => Default::default(),
        },
        directory: raw
            .tree
            .map(|tree| content::tree(tree.into_inner(), fixtures))
            .transpose()?,
        steps: steps
            .into_iter()
            .map(|step| script::step(step, fixtures))
            .collect::<Result<_, _>>()?,
        expect: command::expected(expect, fixtures)?,
    })
}

fn per(raw: RawPer, id: &CaseId, family: &Family<'_>) -> Result<Per, Wrong> {
    let name = raw.over.get_ref();
    if !family.names.contains(name) {
        let known = family.names.iter().map(String::as_str);
        return Err(Wrong::name("case", &raw.over, known));
    }
    if id.case() == Some(name) {
        let why = "a case cannot be compared with itself";
        return Err(Wrong::value(&raw.over.span(), why));
    }
    let over = CaseId::new(id.workload(), Some(name))
        .map_err(|error| Wrong::value(&raw.over.span(), error.to_string()))?;
    Ok(Per {
        unit: raw.unit.0,
        count: raw.count.get(),
        over,
    })
}
