//! Content and trees, some of which stand in fixtures.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::leaf::{Hex, Yes};
use crate::content::Content;
use crate::document::Wrong;
use crate::files::{FileNode, FileTree};

/// `{ text = "…" }`, `{ hex = "…" }`, `{ file = "…" }` or
/// `{ generate = { … } }`.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawContent {
    Text(String),
    Hex(Hex),
    File(Spanned<String>),
    Generate(Recipe),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipe {
    kind: Generator,
    seed: u64,
    bytes: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Generator {
    ChaCha8,
}

impl RawContent {
    /// The content; a file is read from `fixtures`.
    pub(super) fn read(self, fixtures: &Path) -> Result<Content, Wrong> {
        match self {
            RawContent::Text(text) => Ok(Content::from_bytes(text)),
            RawContent::Hex(Hex(bytes)) => Ok(Content::from_bytes(bytes)),
            RawContent::File(name) => {
                let path = fixtures.join(name.get_ref());
                fs::read(&path).map(Content::from_bytes).map_err(|error| {
                    let why = format!("cannot read {}: {error}", path.display());
                    Wrong::value(&name.span(), why)
                })
            }
            RawContent::Generate(recipe) => match recipe.kind {
                Generator::ChaCha8 => Ok(Content::chacha8(recipe.seed, recipe.bytes)),
            },
        }
    }

    /// The bytes of the content.
    pub(super) fn bytes(self, fixtures: &Path) -> Result<Vec<u8>, Wrong> {
        Ok(self.read(fixtures)?.bytes().to_vec())
    }
}

/// Contents by name.
pub(super) type RawContents = BTreeMap<String, RawContent>;

/// Reads each of them.
pub(super) fn contents(
    raw: RawContents,
    fixtures: &Path,
) -> Result<BTreeMap<String, Content>, Wrong> {
    let read = |(name, content): (String, RawContent)| Ok((name, content.read(fixtures)?));
    raw.into_iter().map(read).collect()
}

/// Entries of a tree by path.
pub(super) type RawTree = BTreeMap<Spanned<String>, RawNode>;

/// Content, `{ symlink = "…" }` or `{ directory = true }`.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawNode {
    Text(String),
    Hex(Hex),
    File(Spanned<String>),
    Generate(Recipe),
    Symlink(String),
    Directory(Yes),
}

/// Reads a tree.
pub(super) fn tree(raw: RawTree, fixtures: &Path) -> Result<FileTree, Wrong> {
    let mut tree = FileTree::default();
    let file = |content: RawContent| content.read(fixtures).map(FileNode::File);
    for (path, node) in raw {
        let node = match node {
            RawNode::Text(text) => file(RawContent::Text(text))?,
            RawNode::Hex(hex) => file(RawContent::Hex(hex))?,
            RawNode::File(name) => file(RawContent::File(name))?,
            RawNode::Generate(recipe) => file(RawContent::Generate(recipe))?,
            RawNode::Symlink(target) => FileNode::Symlink(target),
            RawNode::Directory(Yes(())) => FileNode::Directory,
        };
        tree.insert(path.get_ref(), node)
            .map_err(|why| Wrong::value(&path.span(), why))?;
    }
    Ok(tree)
}
