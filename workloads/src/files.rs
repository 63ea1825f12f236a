//! The files a case starts with, and those it should leave.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use assay_model::{Tree, TreeNode};

use crate::content::Content;

/// Files and directories by relative path with `/` separators. The parents of
/// a path are part of the tree without being named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileTree(pub(crate) BTreeMap<String, FileNode>);

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNode {
    /// A directory.
    Directory,
    /// A regular file with this content.
    File(Content),
    /// A symbolic link to this target, which need not exist.
    Symlink(String),
}

/// A file of a tree that could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} {}: {source}", path.display())]
pub struct FilesError {
    verb: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl FilesError {
    fn on(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self {
            verb,
            path: path.to_owned(),
            source,
        }
    }

    /// What should be there and is not, and what to do about it.
    pub(crate) fn missing(path: &Path, why: &str) -> Self {
        Self {
            verb: "find",
            path: path.to_owned(),
            source: io::Error::new(io::ErrorKind::NotFound, why.to_owned()),
        }
    }
}

impl FileTree {
    /// Adds an entry, and the directories above it. Says what is wrong with a
    /// path that is not plain and relative, or that has a file for a parent.
    pub(crate) fn insert(&mut self, path: &str, node: FileNode) -> Result<(), String> {
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        if !path.split('/').all(plain) {
            return Err(
                "a path must be relative, with no empty part, '.' or '..' in it".to_owned(),
            );
        }
        for (at, _) in path.match_indices('/') {
            let parent = path[..at].to_owned();
            match self.0.entry(parent.clone()).or_insert(FileNode::Directory) {
                FileNode::Directory => {}
                _ => return Err(format!("its parent '{parent}' is not a directory")),
            }
        }
        match self.0.insert(path.to_owned(), node.clone()) {
            Some(FileNode::Directory) if node != FileNode::Directory => {
                Err("it is the parent of another entry".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Adds what is below a directory of this machine, under `at`. Links are
    /// taken as they are and not followed. Returns how many bytes its files
    /// hold, or stops when they would be more than `limit`.
    ///
    /// # Errors
    /// The first entry that could not be read, is neither file, directory nor
    /// link, has a name that is not UTF-8, or does not fit.
    pub fn take(&mut self, directory: &Path, at: &str, limit: u64) -> Result<u64, FilesError> {
        let refuse = |path: &Path, why: String| FilesError {
            verb: "take",
            path: path.to_owned(),
            source: io::Error::other(why),
        };
        self.insert(at, FileNode::Directory)
            .map_err(|why| refuse(directory, why))?;
        let mut bytes = 0;
        let entries = fs::read_dir(directory).map_err(FilesError::on("read", directory))?;
        for entry in entries {
            let entry = entry.map_err(FilesError::on("read", directory))?;
            let path = entry.path();
            let name = entry.file_name();
            let name = name
                .to_str()
                .ok_or_else(|| refuse(&path, "its name is not UTF-8".to_owned()))?;
            let at = format!("{at}/{name}");
            let kind = entry.file_type().map_err(FilesError::on("read", &path))?;
            if kind.is_dir() {
                bytes += self.take(&path, &at, limit.saturating_sub(bytes))?;
                continue;
            }
            let node = if kind.is_symlink() {
                let target = fs::read_link(&path).map_err(FilesError::on("read", &path))?;
                let target = target.to_str().map(str::to_owned);
                FileNode::Symlink(
                    target.ok_or_else(|| refuse(&path, "its target is not UTF-8".to_owned()))?,
                )
            } else if kind.is_file() {
                let size = entry
                    .metadata()
                    .map_err(FilesError::on("read", &path))?
                    .len();
                bytes += size;
                if bytes > limit {
                    let why = "the directory is too large to copy for each arm; use a smaller one";
                    return Err(refuse(&path, why.to_owned()));
                }
                let content = fs::read(&path).map_err(FilesError::on("read", &path))?;
                FileNode::File(Content::from_bytes(content))
            } else {
                return Err(refuse(
                    &path,
                    "it is neither a file, a directory nor a link".to_owned(),
                ));
            };
            self.insert(&at, node).map_err(|why| refuse(&path, why))?;
        }
        Ok(bytes)
    }

    /// Leaves out the entries, and what is below them, whose last name says so.
    pub fn leave_out(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.0.retain(|path, _| !path.split('/').any(&unwanted));
    }

    /// The entries in the order of their paths: a directory before its content.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &FileNode)> {
        self.0.iter().map(|(path, node)| (path.as_str(), node))
    }

    /// Makes the tree below `directory`, which must exist and be empty.
    ///
    /// # Errors
    /// The first entry that could not be made, and why.
    pub fn write_to(&self, directory: &Path) -> Result<(), FilesError> {
        for (path, node) in self.entries() {
            let path = directory.join(path);
            match node {
                FileNode::Directory => fs::create_dir(&path),
                FileNode::File(content) => fs::write(&path, content.bytes()),
                FileNode::Symlink(target) => std::os::unix::fs::symlink(target, &path),
            }
            .map_err(FilesError::on("make", &path))?;
        }
        Ok(())
    }

    /// The tree as an outcome has it.
    #[must_use]
    pub fn outcome(&self) -> Tree {
        let node = |node: &FileNode| match node {
            FileNode::Directory => TreeNode::Directory,
            FileNode::File(content) => TreeNode::file(content.bytes()),
            FileNode::Symlink(target) => TreeNode::Symlink {
                target: target.clone(),
            },
        };
        Tree(
            self.entries()
                .map(|(path, entry)| (path.to_owned(), node(entry)))
                .collect(),
        )
    }
}

/// Reads what is below `directory`, as an outcome has it. Links are not
/// followed; a name that is not UTF-8 is read with replacement characters.
///
/// # Errors
/// The first entry that could not be read, and why.
pub fn scan(directory: &Path) -> Result<Tree, FilesError> {
    let mut tree = Tree::default();
    scan_below(directory, "", &mut tree)?;
    Ok(tree)
}

fn scan_below(directory: &Path, prefix: &str, tree: &mut Tree) -> Result<(), FilesError> {
    let entries = fs::read_dir(directory).map_err(FilesError::on("read", directory))?;
    for entry in entries {
        let entry = entry.map_err(FilesError::on("read", directory))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(FilesError::on("read", &path))?;
        let node = if kind.is_dir() {
            scan_below(&path, &format!("{name}/"), tree)?;
            TreeNode::Directory
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).map_err(FilesError::on("read", &path))?;
            TreeNode::Symlink {
                target: target.to_string_lossy().into_owned(),
            }
        } else if kind.is_file() {
            TreeNode::file(&fs::read(&path).map_err(FilesError::on("read", &path))?)
        } else {
            TreeNode::Other
        };
        tree.0.insert(name, node);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_scanned() {
        let mut files = FileTree::default();
        files
            .insert("a/b/file", FileNode::File(Content::from_bytes("x")))
            .unwrap();
        files
            .insert("a/link", FileNode::Symlink("b/file".into()))
            .unwrap();
        files.insert("empty", FileNode::Directory).unwrap();
        let directory = tempfile::tempdir().unwrap();
        files.write_to(directory.path()).unwrap();
        assert_eq!(scan(directory.path()).unwrap(), files.outcome());
        assert_eq!(files.outcome().0.len(), 5, "parents are entries");
        fs::write(directory.path().join("a/b/file"), "y").unwrap();
        assert_ne!(scan(directory.path()).unwrap(), files.outcome());
    }

    #[test]
    fn paths_that_leave_the_tree_are_refused() {
        let mut files = FileTree::default();
        for bad in ["", "/etc/passwd", "a/../b", "./a", "a//b", "a/"] {
            assert!(files.insert(bad, FileNode::Directory).is_err(), "{bad}");
        }
        files
            .insert("file", FileNode::File(Content::default()))
            .unwrap();
        assert!(files.insert("file/below", FileNode::Directory).is_err());
        files.insert("dir/below", FileNode::Directory).unwrap();
        assert!(files.insert("dir", FileNode::Symlink("x".into())).is_err());
    }
}
