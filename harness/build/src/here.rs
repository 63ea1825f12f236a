//! Binaries of this machine: found, else built from this checkout.

use crate::binaries::{Binaries, Built};
use crate::cargo::{CargoBuild, root};
use crate::error::BuildError;
use crate::folder::{FolderBuild, fill, find, profile};
use crate::group::{DYNAMIC, Group, checked, helpers, measured};
use crate::profile::BuildProfile;
use crate::queue::Watch;
use crate::selection::{LAUNCHER, ProgramName, Programs, WORKER};
use assay_workloads::Catalog;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The directory of programs of this machine that work for other
/// architectures.
pub(crate) const HELPERS: &str = "helpers";

/// Where everything is built whose times do not count.
pub(crate) fn cross_dir() -> PathBuf {
    root().join("target/cross")
}

/// Where programs of this machine are built, and the folder of the finished
/// ones.
fn folders(profile: BuildProfile) -> (PathBuf, PathBuf) {
    match profile {
        BuildProfile::Measured => {
            let target = root().join("target/measured");
            (target.clone(), target.join("bin"))
        }
        // Beside those of other architectures, with which they share much.
        BuildProfile::Checked => {
            let own = cross_dir().join(std::env::consts::ARCH);
            (cross_dir(), own.join("bin"))
        }
    }
}

/// Parts of what a run needs, each of which is in a folder of its own.
struct Parts<'a> {
    own: Vec<&'a str>,
    dynamic: Vec<&'a str>,
    back_ends: bool,
}

impl<'a> Parts<'a> {
    fn of(programs: &'a Programs) -> Parts<'a> {
        let mut parts = Parts {
            own: Vec::new(),
            dynamic: Vec::new(),
            back_ends: false,
        };
        for name in programs.iter() {
            match name {
                ProgramName::BackEnds => parts.back_ends = true,
                ProgramName::DynamicTwin(_) => parts.dynamic.push(name.file()),
                _ => parts.own.push(name.file()),
            }
        }
        parts
    }
}

/// Folders that hold parts whole.
struct Found {
    own: Option<PathBuf>,
    dynamic: Option<PathBuf>,
    helpers: Option<PathBuf>,
}

impl Found {
    fn look(parts: &Parts<'_>) -> Result<Found, BuildError> {
        let helpers = || find(Some(HELPERS), &[LAUNCHER, WORKER]);
        let dynamic = || find(Some(DYNAMIC), &parts.dynamic);
        Ok(Found {
            own: find(None, &parts.own)?,
            dynamic: match parts.dynamic.is_empty() {
                true => None,
                false => dynamic()?,
            },
            helpers: match parts.back_ends {
                true => helpers()?,
                false => None,
            },
        })
    }
}

impl Binaries {
    /// Binaries that are in `ASSAY_BIN_DIR`, beside this program or built
    /// before, without building any. None where one of them is missing or of
    /// another version.
    ///
    /// # Errors
    /// When `ASSAY_BIN_DIR` does not have them, or `ASSAY_BUILD` asks for what
    /// there is not.
    pub fn find(programs: &Programs) -> Result<Option<Binaries>, BuildError> {
        let parts = Parts::of(programs);
        let found = Found::look(&parts)?;
        let (target, built) = folders(BuildProfile::requested()?);
        let whole = |dir: PathBuf, names: &[&str]| {
            let whole = crate::folder::unusable(&dir, names).is_ok();
            whole.then_some(dir)
        };
        let Some(dir) = found.own.or_else(|| whole(built, &parts.own)) else {
            return Ok(None);
        };
        let dynamic = target.join(DYNAMIC).join("bin");
        let dynamic = found.dynamic.or_else(|| whole(dynamic, &parts.dynamic));
        let helpers = cross_dir().join(HELPERS);
        let helpers = found
            .helpers
            .or_else(|| whole(helpers, &[LAUNCHER, WORKER]));
        if (dynamic.is_none() && !parts.dynamic.is_empty())
            || (helpers.is_none() && parts.back_ends)
        {
            return Ok(None);
        }
        Ok(Some(assemble(&parts, dir, dynamic, helpers)?))
    }

    /// Finds binaries in `ASSAY_BIN_DIR` or beside this program, else has cargo
    /// bring them up to date.
    ///
    /// # Errors
    /// When `ASSAY_BIN_DIR` does not have them, or they cannot be built.
    pub fn find_or_build(
        catalog: &Catalog,
        programs: &Programs,
        watch: &mut dyn Watch,
    ) -> Result<(Binaries, Built), BuildError> {
        let profile = BuildProfile::requested()?;
        let found = Found::look(&Parts::of(programs))?;
        bring_up_to_date(profile, found, catalog, programs, watch)
    }

    /// Has cargo bring binaries up to date, with the profile that `ASSAY_BUILD`
    /// names.
    ///
    /// # Errors
    /// When it names none, or cargo fails; cargo's own messages are on stderr.
    pub fn build(
        catalog: &Catalog,
        programs: &Programs,
        watch: &mut dyn Watch,
    ) -> Result<(Binaries, Built), BuildError> {
        Binaries::build_as(BuildProfile::requested()?, catalog, programs, watch)
    }

    /// Has cargo bring binaries up to date, with a profile.
    ///
    /// # Errors
    /// When cargo fails; its own messages are on stderr.
    pub fn build_as(
        profile: BuildProfile,
        catalog: &Catalog,
        programs: &Programs,
        watch: &mut dyn Watch,
    ) -> Result<(Binaries, Built), BuildError> {
        let none = Found {
            own: None,
            dynamic: None,
            helpers: None,
        };
        bring_up_to_date(profile, none, catalog, programs, watch)
    }
}

/// Binaries of which some were found, and the rest is built.
fn bring_up_to_date(
    wanted: BuildProfile,
    found: Found,
    catalog: &Catalog,
    programs: &Programs,
    watch: &mut dyn Watch,
) -> Result<(Binaries, Built), BuildError> {
    let started = Instant::now();
    let parts = Parts::of(programs);
    let (target, bin) = folders(wanted);
    let dynamic_bin = target.join(DYNAMIC).join("bin");
    let groups = match wanted {
        BuildProfile::Measured => measured(catalog, programs),
        BuildProfile::Checked => checked(catalog, programs),
    };
    let mut folder_builds = Vec::new();
    for group in groups {
        let dir = match (group.folder == DYNAMIC, &found) {
            (false, Found { own: None, .. }) => &bin,
            (true, Found { dynamic: None, .. }) => &dynamic_bin,
            _ => continue,
        };
        folder_builds.push(folder_build(group, &target, dir, wanted));
    }
    if parts.back_ends && found.helpers.is_none() {
        folder_builds.push(helpers_build());
    }
    let took = match folder_builds.is_empty() {
        true => Duration::ZERO,
        false => {
            fill(folder_builds, watch)?;
            started.elapsed()
        }
    };
    let binaries = assemble(
        &parts,
        found.own.unwrap_or(bin),
        Some(found.dynamic.unwrap_or(dynamic_bin)),
        Some(found.helpers.unwrap_or_else(|| cross_dir().join(HELPERS))),
    )?;
    Ok((binaries, Built { took }))
}

/// Binaries in these folders, of those parts that are needed.
fn assemble(
    parts: &Parts<'_>,
    own: PathBuf,
    dynamic: Option<PathBuf>,
    helpers: Option<PathBuf>,
) -> Result<Binaries, BuildError> {
    let helpers = helpers.filter(|_| parts.back_ends);
    Ok(Binaries {
        // The launcher is in every folder.
        profile: profile(&own, LAUNCHER)?,
        dynamic: dynamic.filter(|_| !parts.dynamic.is_empty()),
        back_ends: helpers.map(|dir| dir.join(WORKER)),
        ..Binaries::at(own)
    })
}

fn folder_build(group: Group, target: &Path, dir: &Path, profile: BuildProfile) -> FolderBuild {
    let build = CargoBuild::here(group, target);
    FolderBuild {
        command: build.command(),
        build,
        dir: dir.to_owned(),
        profile,
    }
}

/// The build of programs of this machine that work for other architectures.
pub(crate) fn helpers_build() -> FolderBuild {
    let dir = cross_dir().join(HELPERS);
    folder_build(helpers(), &cross_dir(), &dir, BuildProfile::Checked)
}
