//! Which programs of a folder are whole, and which version of assay they are of.
//!
//! The protocol between the harness and its programs has no version, because
//! both come from one build. So a folder says which build that was: each
//! program has an entry with the SHA-256 of its file, written when the file is
//! in place. A file without one, or with another content, is half-built or
//! somebody else's, and is not used.

use crate::error::{BuildError, at};
use crate::profile::BuildProfile;
use assay_model::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// The name of the manifest, beside the programs.
pub(crate) const FILE: &str = "assay-programs.json";

/// What both sides must have in common: the versions of all crates, the engine
/// among them, and the protocol. `scripts/build-with-cross` reads the same
/// files, in this order.
const INTERFACE: [&str; 8] = [
    include_str!("../../../Cargo.lock"),
    include_str!("../../ground/wire/src/frame.rs"),
    include_str!("../../ground/wire/src/grants.rs"),
    include_str!("../../ground/wire/src/launcher.rs"),
    include_str!("../../ground/wire/src/lib.rs"),
    include_str!("../../ground/wire/src/memory.rs"),
    include_str!("../../ground/wire/src/stamps.rs"),
    include_str!("../../ground/wire/src/worker.rs"),
];

/// The version of programs that this assay can talk to.
pub(crate) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let interface = Digest::of(INTERFACE.concat().as_bytes());
        format!("{}+{}", env!("CARGO_PKG_VERSION"), interface.short())
    })
}

/// What a folder says of its programs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    programs: BTreeMap<String, Entry>,
}

/// What it says of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    version: String,
    profile: BuildProfile,
    sha256: String,
}

/// Why a program is not used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Defect {
    /// It is not there.
    Missing,
    /// It is there, and the manifest has no entry for it.
    Unlisted,
    /// It is not the file that the manifest has an entry for.
    Changed,
    /// It is of this other version.
    Version(String),
}

impl Manifest {
    /// The manifest of a folder; an empty one where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(dir: &Path) -> Result<Manifest, BuildError> {
        let path = dir.join(FILE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Manifest::default());
            }
            Err(error) => return Err(at(&path)(error)),
        };
        // One that was written by half cannot be: it is replaced in one step.
        serde_json::from_slice(&text).map_err(|error| at(&path)(error.into()))
    }

    /// Replaces the manifest of a folder in one step.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), BuildError> {
        let path = dir.join(FILE);
        let partial = dir.join(format!(".{FILE}-{}", std::process::id()));
        let text = serde_json::to_vec_pretty(self).map_err(|error| at(&path)(error.into()))?;
        let written =
            std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, &path));
        if written.is_err() {
            let _ = std::fs::remove_file(&partial);
        }
        written.map_err(at(&path))
    }

    /// Enters a program that is in place.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub(crate) fn enter(
        &mut self,
        dir: &Path,
        name: &str,
        profile: BuildProfile,
    ) -> Result<(), BuildError> {
        let path = dir.join(name);
        let bytes = std::fs::read(&path).map_err(at(&path))?;
        let entry = Entry {
            version: version().to_owned(),
            profile,
            sha256: Digest::of(&bytes).to_string(),
        };
        self.programs.insert(name.to_owned(), entry);
        Ok(())
    }

    /// Whether there is an entry of this version for a program.
    pub(crate) fn lists(&self, name: &str) -> bool {
        let entry = self.programs.get(name);
        entry.is_some_and(|entry| entry.version == version())
    }

    /// How a program was built; none where it must not be used.
    pub(crate) fn profile(&self, name: &str) -> Option<BuildProfile> {
        Some(self.programs.get(name)?.profile)
    }

    /// Why a program of the folder must not be used; none where it can be.
    pub(crate) fn defect(&self, dir: &Path, name: &str) -> Option<Defect> {
        let Ok(bytes) = std::fs::read(dir.join(name)) else {
            return Some(Defect::Missing);
        };
        let Some(entry) = self.programs.get(name) else {
            return Some(Defect::Unlisted);
        };
        if entry.version != version() {
            return Some(Defect::Version(entry.version.clone()));
        }
        (entry.sha256 != Digest::of(&bytes).to_string()).then_some(Defect::Changed)
    }
}

/// Lines that say what is wrong with programs, of how many that are needed.
pub(crate) fn describe(defects: &BTreeMap<Defect, Vec<&str>>, needed: usize) -> Vec<String> {
    let lines = defects.iter().map(|(defect, names)| {
        let what = match defect {
            Defect::Missing => "missing".to_owned(),
            Defect::Unlisted => {
                format!("not listed in {FILE}, so half-built, or built by something else")
            }
            Defect::Changed => format!(
                "different from the files listed in {FILE}, so half-copied or \
                 replaced"
            ),
            Defect::Version(other) => {
                format!("of another version, {other} (this is {})", version())
            }
        };
        let count = names.len();
        format!("  {count} of {needed} {what}: {}", names.join(", "))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_is_the_whole_protocol() {
        let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ground/wire/src");
        let files = std::fs::read_dir(wire).unwrap();
        let mut texts: Vec<(std::ffi::OsString, String)> = files
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                (entry.file_name(), text)
            })
            .collect();
        texts.sort();
        let texts: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, INTERFACE[1..]);
    }

    #[test]
    fn only_what_was_entered_and_is_unchanged_is_used() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let defect = |name| Manifest::read(dir).unwrap().defect(dir, name);
        assert_eq!(defect("worker"), Some(Defect::Missing));
        std::fs::write(dir.join("worker"), "one build").unwrap();
        assert_eq!(defect("worker"), Some(Defect::Unlisted));
        let mut manifest = Manifest::read(dir).unwrap();
        manifest
            .enter(dir, "worker", BuildProfile::Checked)
            .unwrap();
        manifest.write(dir).unwrap();
        assert_eq!(defect("worker"), None);
        let read = Manifest::read(dir).unwrap();
        assert_eq!(read.profile("worker"), Some(BuildProfile::Checked));
        std::fs::write(dir.join("worker"), "one").unwrap();
        assert_eq!(defect("worker"), Some(Defect::Changed));
    }

    #[test]
    fn programs_of_another_version_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        std::fs::write(dir.join("worker"), "one build").unwrap();
        let mut manifest = Manifest::default();
        manifest
            .enter(dir, "worker", BuildProfile::Measured)
            .unwrap();
        manifest.programs.get_mut("worker").unwrap().version = "0.0.9+abc".to_owned();
        let defect = manifest.defect(dir, "worker").unwrap();
        assert_eq!(defect, Defect::Version("0.0.9+abc".to_owned()));
        let said = describe(&BTreeMap::from([(defect, vec!["worker"])]), 3).concat();
        assert!(
            said.contains("1 of 3") && said.contains("0.0.9+abc") && said.contains("worker"),
            "{said}"
        );
    }

    #[test]
    fn a_manifest_that_is_no_manifest_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "{\"programs\":").unwrap();
        let said = Manifest::read(dir.path()).unwrap_err().to_string();
        assert!(said.contains(FILE), "{said}");
    }
}
