//! The file tree a program leaves behind.

use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A directory's content by relative path with `/` separators, sorted. Modes,
/// owners and times are left out: wasi:filesystem 0.2 has no modes, and times
/// differ by nature.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tree(pub BTreeMap<String, TreeNode>);

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TreeNode {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Its length in bytes.
        bytes: u64,
        /// The hash of its content.
        sha256: Digest,
    },
    /// A symbolic link; never followed.
    Symlink {
        /// Where it points, as stored.
        target: String,
    },
    /// Anything else: sockets, pipes, devices.
    Other,
}

impl TreeNode {
    /// A file with this content.
    #[must_use]
    pub fn file(content: &[u8]) -> TreeNode {
        TreeNode::File {
            bytes: content.len() as u64,
            sha256: Digest::of(content),
        }
    }
}

impl Tree {
    /// One line per entry, in path order.
    pub(crate) fn write_canonical(&self, out: &mut Vec<u8>) {
        for (path, node) in &self.0 {
            let line = match node {
                TreeNode::Directory => format!("  directory {path:?}\n"),
                TreeNode::File { bytes, sha256 } => format!("  file {path:?} {bytes} {sha256}\n"),
                TreeNode::Symlink { target } => format!("  symlink {path:?} -> {target:?}\n"),
                TreeNode::Other => format!("  other {path:?}\n"),
            };
            out.extend_from_slice(line.as_bytes());
        }
    }
}
