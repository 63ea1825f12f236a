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
#[serde(try_from = "ContentKeys")]
pub(super) enum RawContent {
    Bytes(Vec<u8>),
    File(Spanned<String>),
    Generated(Recipe),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContentKeys {
    text: Option<String>,
    hex: Option<Hex>,
    file: Option<Spanned<String>>,
    generate: Option<Recipe>,
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

impl ContentKeys {
    fn is_empty(&self) -> bool {
        self.text.is_none() && self.hex.is_none() && self.file.is_none() && self.generate.is_none()
    }
}

impl TryFrom<ContentKeys> for RawContent {
    type Error = &'static str;
    fn try_from(keys: ContentKeys) -> Result<Self, &'static str> {
        match (keys.text, keys.hex, keys.file, keys.generate) {
            (Some(text), None, None, None) => Ok(RawContent::Bytes(text.into_bytes())),
            (None, Some(hex), None, None) => Ok(RawContent::Bytes(hex.0)),
            (None, None, Some(file), None) => Ok(RawContent::File(file)),
            (None, None, None, Some(recipe)) => Ok(RawContent::Generated(recipe)),
            _ => Err("needs exactly one of text, hex, file and generate"),
        }
    }
}

impl RawContent {
    /// The content; a file is read from `fixtures`.
    pub(super) fn read(self, fixtures: &Path) -> Result<Content, Wrong> {
        match self {
            RawContent::Bytes(bytes) => Ok(Content::from_bytes(bytes)),
            RawContent::File(name) => {
                let path = fixtures.join(name.get_ref());
                fs::read(&path).map(Content::from_bytes).map_err(|error| {
                    let why = format!("cannot read {}: {error}", path.display());
                    Wrong::value(&name.span(), why)
                })
            }
            RawContent::Generated(recipe) => match recipe.kind {
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
#[serde(try_from = "NodeKeys")]
pub(super) enum RawNode {
    File(RawContent),
    Symlink(String),
    Directory,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeKeys {
    text: Option<String>,
    hex: Option<Hex>,
    file: Option<Spanned<String>>,
    generate: Option<Recipe>,
    symlink: Option<String>,
    directory: Option<Yes>,
}

impl TryFrom<NodeKeys> for RawNode {
    type Error = &'static str;
    fn try_from(keys: NodeKeys) -> Result<Self, &'static str> {
        let content = ContentKeys {
            text: keys.text,
            hex: keys.hex,
            file: keys.file,
            generate: keys.generate,
        };
        match (content.is_empty(), keys.symlink, keys.directory) {
            (false, None, None) => content.try_into().map(RawNode::File),
            (true, Some(target), None) => Ok(RawNode::Symlink(target)),
            (true, None, Some(Yes(()))) => Ok(RawNode::Directory),
            _ => Err("an entry is one of content, symlink and directory"),
        }
    }
}

/// Reads a tree.
pub(super) fn tree(raw: RawTree, fixtures: &Path) -> Result<FileTree, Wrong> {
    let mut tree = FileTree::default();
    for (path, node) in raw {
        let node = match node {
            RawNode::File(content) => FileNode::File(content.read(fixtures)?),
            RawNode::Symlink(target) => FileNode::Symlink(target),
            RawNode::Directory => FileNode::Directory,
        };
        tree.insert(path.get_ref(), node)
            .map_err(|why| Wrong::value(&path.span(), why))?;
    }
    Ok(tree)
}
