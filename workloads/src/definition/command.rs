//! What a command should do.

use std::ops::Range;
use std::path::Path;

use assay_model::{ExitClass, StderrPolicy};
use serde::Deserialize;
use toml::Spanned;

use super::content::{self, RawContent, RawContents, RawTree};
use super::leaf::{Pattern, Text};
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
#[serde(rename_all = "lowercase")]
enum RawStderr {
    Exact(String),
    Pattern(Pattern),
    /// With the reason.
    Ignore(#[expect(dead_code, reason = "it is for readers of the definition")] Text),
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
    let tree = raw.tree.map(|tree| content::tree(tree, fixtures));
    Ok(ExpectedExit {
        source: source(&span, raw.source)?,
        exit: raw.exit,
        stdout: Some(raw.stdout.read(fixtures)?),
        stderr: match raw.stderr {
            RawStderr::Exact(text) => StderrPolicy::Exact(text.into_bytes()),
            RawStderr::Pattern(pattern) => StderrPolicy::Pattern(pattern.0),
            RawStderr::Ignore(_) => StderrPolicy::Ignore,
        },
        tree: tree.transpose()?,
        received: content::contents(raw.received, fixtures)?,
    })
}
