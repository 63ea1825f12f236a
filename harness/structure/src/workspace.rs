//! The packages of the workspace and their manifests.

use std::path::{Path, PathBuf};

/// A package: a folder with a manifest.
pub(crate) struct Package {
    /// Its folder, relative to the root of the workspace.
    pub(crate) folder: String,
    pub(crate) manifest: toml::Table,
}

impl Package {
    pub(crate) fn name(&self) -> &str {
        self.manifest["package"]["name"].as_str().unwrap()
    }

    pub(crate) fn path(&self) -> PathBuf {
        root().join(&self.folder)
    }
}

pub(crate) fn root() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// All packages below the root, members of the workspace or not.
pub(crate) fn packages() -> Vec<Package> {
    let mut found = Vec::new();
    for entry in root().read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        // Neither what was built nor what belongs to other tools.
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            find(&path, &mut found);
        }
    }
    found.sort_by(|one: &Package, other| one.folder.cmp(&other.folder));
    assert!(found.len() > 30, "only {} packages", found.len());
    found
}

fn find(folder: &Path, found: &mut Vec<Package>) {
    if let Ok(text) = std::fs::read_to_string(folder.join("Cargo.toml")) {
        found.push(Package {
            folder: relative(folder),
            manifest: text.parse().unwrap(),
        });
    }
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            find(&path, found);
        }
    }
}

/// A path as it is shown: relative to the root of the workspace.
pub(crate) fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.display().to_string()
}
