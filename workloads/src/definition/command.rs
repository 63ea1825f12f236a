//! What a command should do.

use std::ops::Range;
use std::path::Path;

use assay_model::{ExitClass, StderrPolicy};
use serde::Deserialize;
use toml::Spanned;

use super::content::{self, RawContent, RawContents, RawTree};
use super::leaf::Pattern;
use crate::document::Wrong;
use crate::workload::ExpectedExit;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpect {
    source: Option<String>,
    exit: ExitClass,
    stdout: RawContent,
    stderr: RawStderr,
    pub(super) tree: Option<RawTree>,
    #[serde(default)]
    pub(super) peers: RawContents,
    #[serde(default)]
    received: RawContents,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StderrKeys {
    exact: Option<String>,
    pattern: Option<Pattern>,
    ignore: Option<String>,
}

#[derive(Deserialize)]
#[serde(try_from = "StderrKeys")]
struct RawStderr(StderrPolicy);

impl TryFrom<StderrKeys> for RawStderr {
    type Error = &'static str;
    fn try_from(keys: StderrKeys) -> Result<Self, &'static str> {
        match (keys.exact, keys.pattern, keys.ignore) {
            (Some(text), None, None) => Ok(RawStderr(StderrPolicy::Exact(text.into_bytes()))),
            (None, Some(pattern), None) => Ok(RawStderr(StderrPolicy::Pattern(pattern.0))),
            (None, None, Some(why)) if !why.trim().is_empty() => {
                Ok(RawStderr(StderrPolicy::Ignore))
            }
            _ => Err("needs exactly one of exact, pattern and ignore (with the reason)"),
        }
    }
}

/// The source of an expectation at `span`, without which it is none.
pub(super) fn source(span: &Range<usize>, source: Option<String>) -> Result<String, Wrong> {
    match source.as_deref().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(Wrong::no_source(span)),
    }
}

/// How a command should end.
pub(super) fn expected(raw: Spanned<RawExpect>, fixtures: &Path) -> Result<ExpectedExit, Wrong> {
    let span = raw.span();
    let raw = raw.into_inner();
    Ok(ExpectedExit {
        source: source(&span, raw.source)?,
        exit: raw.exit,
        stdout: Some(raw.stdout.read(fixtures)?),
        stderr: raw.stderr.0,
        tree: raw
            .tree
            .map(|tree| content::tree(tree, fixtures))
            .transpose()?,
        received: content::contents(raw.received, fixtures)?,
    })
}
