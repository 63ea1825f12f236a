//! Folders of programs: found, or filled by a build.

use crate::cargo::{CargoBuild, checkout};
use crate::error::{BuildError, at};
use crate::manifest::{Defect, FILE, Manifest, describe};
use crate::profile::BuildProfile;
use crate::queue::{self, Job, Watch};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Names a folder of programs.
const DIR_VARIABLE: &str = "ASSAY_BIN_DIR";

/// Folders of programs of other architectures have their names, so a named
/// folder may hold nothing but those.
fn holds_only_folders(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return false;
    };
    let mut entries = entries.flatten().peekable();
    entries.peek().is_some() && entries.all(|entry| entry.path().is_dir())
}

/// The folder that has programs whole and of this version: `ASSAY_BIN_DIR`, or
/// that of this program; with `below`, a folder of that name in it. None where
/// they have to be built.
///
/// # Errors
/// When `ASSAY_BIN_DIR` names a folder that does not have them.
pub(crate) fn find(below: Option<&str>, names: &[&str]) -> Result<Option<PathBuf>, BuildError> {
    if let Some(named) = std::env::var_os(DIR_VARIABLE).filter(|named| !named.is_empty()) {
        let dir = folder(Path::new(&named), below);
        match below {
            Some(_) if !dir.exists() => {}
            None if holds_only_folders(&dir) => {}
            _ => {
                unusable(&dir, names)?;
                return Ok(Some(dir));
            }
        }
    }
    let exe = std::env::current_exe().ok();
    let beside = exe.as_deref().and_then(Path::parent);
    let beside = beside.map(|dir| folder(dir, below));
    Ok(beside.filter(|dir| dir.join(FILE).is_file() && unusable(dir, names).is_ok()))
}

fn folder(dir: &Path, below: Option<&str>) -> PathBuf {
    below.map_or(dir.to_owned(), |below| dir.join(below))
}

/// # Errors
/// When a folder does not have these programs whole and of this version.
pub(crate) fn unusable(dir: &Path, names: &[&str]) -> Result<(), BuildError> {
    let manifest = Manifest::read(dir)?;
    let mut defects: BTreeMap<Defect, Vec<&str>> = BTreeMap::new();
    for name in names {
        if let Some(defect) = manifest.defect(dir, name) {
            defects.entry(defect).or_default().push(name);
        }
    }
    match defects.is_empty() {
        true => Ok(()),
        false => Err(BuildError::Unusable {
            dir: dir.to_owned(),
            found: describe(&defects, names.len()),
        }),
    }
}

/// How the programs of a folder were built.
pub(crate) fn profile(dir: &Path, name: &str) -> Result<BuildProfile, BuildError> {
    let profile = Manifest::read(dir)?.profile(name);
    Ok(profile.unwrap_or(BuildProfile::Checked))
}

/// A build, and the folder that it fills.
pub(crate) struct FolderBuild {
    pub(crate) build: CargoBuild,
    pub(crate) command: Command,
    pub(crate) dir: PathBuf,
    pub(crate) profile: BuildProfile,
}

/// Runs builds side by side and puts what comes out in place, each program in
/// one step and with an entry in the folder's manifest. One process at a time
/// fills a folder.
///
/// # Errors
/// When the checkout is gone, a build fails, or the user ends it. What was put
/// in place before is whole.
pub(crate) fn fill(
    folder_builds: Vec<FolderBuild>,
    watch: &mut dyn Watch,
) -> Result<(), BuildError> {
    checkout()?;
    // In the order of their names, so that two processes never wait for each
    // other.
    let dirs: BTreeSet<PathBuf> = folder_builds.iter().map(|f| f.dir.clone()).collect();
    let mut locks = Vec::new();
    for dir in dirs {
        locks.push(locked(&dir, watch)?);
    }
    let mut jobs = Vec::new();
    let mut places = Vec::new();
    for folder_build in folder_builds {
        let FolderBuild {
            build,
            command,
            dir,
            profile,
        } = folder_build;
        let manifest = Manifest::read(&dir).unwrap_or_default();
        let again = build.group.binaries.iter().all(|name| manifest.lists(name));
        places.push((build.clone(), dir, profile));
        jobs.push(Job {
            build,
            command,
            again,
        });
    }
    queue::run(jobs, watch, &mut |build| {
        let mut of_it = places.iter().filter(|(of, _, _)| of == build);
        of_it.try_for_each(|(_, dir, profile)| put_all(build, dir, *profile))
    })
}

fn put_all(build: &CargoBuild, dir: &Path, profile: BuildProfile) -> Result<(), BuildError> {
    // One that cannot be read is replaced.
    let mut manifest = Manifest::read(dir).unwrap_or_default();
    let mut changed = false;
    for name in &build.group.binaries {
        let replaced = put(&build.built(name), dir, name)?;
        if replaced || !manifest.lists(name) || manifest.profile(name) != Some(profile) {
            manifest.enter(dir, name, profile)?;
            changed = true;
        }
    }
    match changed {
        true => manifest.write(dir),
        false => Ok(()),
    }
}

/// Puts a built file in place in one step, so that a run which has the old one
/// open is not disturbed. Tells whether it was another.
fn put(built: &Path, dir: &Path, name: &str) -> Result<bool, BuildError> {
    let place = dir.join(name);
    let same = |a: std::fs::Metadata, b: std::fs::Metadata| {
        a.len() == b.len() && a.modified().ok() == b.modified().ok()
    };
    if let (Ok(a), Ok(b)) = (built.metadata(), place.metadata())
        && same(a, b)
    {
        return Ok(false);
    }
    let partial = dir.join(format!(".{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&partial);
    std::fs::hard_link(built, &partial).map_err(at(built))?;
    std::fs::rename(&partial, &place).map_err(at(&place))?;
    Ok(true)
}

/// Waits until no other process builds here. The system takes the lock from a
/// process that ends.
fn locked(folder: &Path, watch: &mut dyn Watch) -> Result<File, BuildError> {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let path = folder.join(".assay-lock");
    let file = File::create(&path).map_err(at(&path))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if watch.cancelled() {
            return Err(BuildError::Interrupted);
        }
        if !told {
            watch.tell("waiting for another assay to finish building here");
            told = true;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Group, harness};

    /// A build whose cargo is a script.
    fn folder_build(dir: &Path, names: &[&str], script: &str) -> FolderBuild {
        let group = Group {
            binaries: names.iter().map(|&name| name.to_owned()).collect(),
            ..harness()
        };
        let build = CargoBuild::here(group, &dir.join("target"));
        std::fs::create_dir_all(build.built("x").parent().unwrap()).unwrap();
        let mut command = Command::new("sh");
        let out = build.built("x").with_file_name("");
        command.args(["-c", script]).current_dir(out);
        FolderBuild {
            build,
            command,
            dir: dir.join("bin"),
            profile: BuildProfile::Measured,
        }
    }

    fn fill_one(dir: &Path, names: &[&str], script: &str) -> Result<(), BuildError> {
        fill(vec![folder_build(dir, names, script)], &mut |_: &str| {})
    }

    #[test]
    fn what_was_built_is_whole_and_what_was_not_is_not_taken_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let bin = dir.join("bin");
        fill_one(dir, &["a", "b"], "echo 1 >a; echo 1 >b").unwrap();
        unusable(&bin, &["a", "b"]).unwrap();
        // The second build ends before all of it is in place.
        let failed = fill_one(dir, &["a", "b"], "rm a b; echo 22 >a; exit 1");
        assert!(failed.is_err());
        unusable(&bin, &["a", "b"]).unwrap();
        assert_eq!(std::fs::read_to_string(bin.join("b")).unwrap(), "1\n");
        let half = fill_one(dir, &["a", "b"], "rm -f a b; echo 333 >a");
        assert!(half.is_err(), "cargo left one of two");
        let said = unusable(&bin, &["a", "b"]).unwrap_err().to_string();
        assert!(said.contains("1 of 2") && said.contains(": a"), "{said}");
        fill_one(dir, &["a", "b"], "rm -f a b; echo 4444 >a; echo 4444 >b").unwrap();
        unusable(&bin, &["a", "b"]).unwrap();
    }

    #[test]
    fn a_folder_with_half_of_the_programs_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        fill_one(dir.path(), &["a"], "echo 1 >a").unwrap();
        let bin = dir.path().join("bin");
        std::fs::write(bin.join("copied"), "half").unwrap();
        let said = unusable(&bin, &["a", "b", "copied"])
            .unwrap_err()
            .to_string();
        assert!(said.contains("1 of 3 missing: b"), "{said}");
        assert!(said.contains("1 of 3 not listed"), "{said}");
        assert!(said.contains("unset ASSAY_BIN_DIR"), "{said}");
    }

    #[test]
    fn two_builds_take_turns() {
        let dir = tempfile::tempdir().unwrap();
        let held = locked(dir.path(), &mut |_: &str| {}).unwrap();
        let (sender, heard) = std::sync::mpsc::channel();
        let path = dir.path().to_owned();
        let second = std::thread::spawn(move || {
            let mut watch = |line: &str| sender.send(line.to_owned()).unwrap();
            locked(&path, &mut watch).map(drop)
        });
        let line = heard.recv().unwrap();
        assert!(line.contains("waiting for another assay"), "{line}");
        drop(held);
        second.join().unwrap().unwrap();
    }

    #[test]
    fn only_a_folder_of_folders_is_for_other_architectures_alone() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!holds_only_folders(dir.path()));
        std::fs::create_dir(dir.path().join("aarch64")).unwrap();
        assert!(holds_only_folders(dir.path()));
        std::fs::write(dir.path().join("assay-runner"), "").unwrap();
        assert!(!holds_only_folders(dir.path()));
    }
}
