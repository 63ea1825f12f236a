//! Binaries of another architecture: who can build them here, and what runs
//! them.
//!
//! The harness, the launcher and the compiler that works ahead of time stay
//! programs of this machine; what is verified is emulated. Nothing of it is
//! timed, so all that embeds the engine is built at once: that features unify
//! changes no outcome, because those that decide whether machine code loads are
//! settings of the config.

use crate::architecture::Architecture;
use crate::binaries::{Binaries, Built, Foreign};
use crate::cargo::{CargoBuild, target_variable};
use crate::error::{BuildError, at};
use crate::folder::{FolderBuild, fill, find};
use crate::group::{Group, HARNESS, emulated, harness as own_group};
use crate::here::{HELPERS, cross_dir, helpers_build};
use crate::profile::BuildProfile;
use crate::program::Emulator;
use crate::queue::Watch;
use crate::selection::{LAUNCHER, Programs, WORKER};
use crate::toolchain::{DEBIAN_CARGO, DEBIAN_RUSTC, Seen, Toolchain};
use assay_workloads::Catalog;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The build of a group for an architecture.
fn build_for(architecture: Architecture, group: Group, target_dir: &Path) -> CargoBuild {
    CargoBuild {
        group,
        triple: architecture.triple(),
        target_dir: target_dir.to_owned(),
    }
}

fn command(build: &CargoBuild, architecture: Architecture, toolchain: Toolchain) -> Command {
    let mut command = match toolchain {
        Toolchain::Installed => build.command(),
        Toolchain::Debian | Toolchain::DebianFromSource => build.command_of(DEBIAN_CARGO.into()),
    };
    command.env(
        target_variable(build.triple, "LINKER"),
        architecture.cross_linker(),
    );
    if toolchain != Toolchain::Installed {
        command
            .env("RUSTC", DEBIAN_RUSTC)
            // rustup's wrappers set it for what they start.
            .env_remove("LD_LIBRARY_PATH");
    }
    if toolchain == Toolchain::DebianFromSource {
        command
            // `-Z` is for nightly compilers; Debian's std must be built by the
            // compiler it belongs to.
            .env("RUSTC_BOOTSTRAP", "1")
            .arg("-Zbuild-std=std,panic_abort");
    }
    command
}

fn folder_build(architecture: Architecture, group: Group, toolchain: Toolchain) -> FolderBuild {
    let build = build_for(architecture, group, &cross_dir());
    FolderBuild {
        command: command(&build, architecture, toolchain),
        build,
        dir: bin_of(architecture),
        profile: BuildProfile::Checked,
    }
}

/// The folder of finished programs of an architecture.
fn bin_of(architecture: Architecture) -> PathBuf {
    cross_dir().join(architecture.as_str()).join("bin")
}

impl Binaries {
    /// Binaries of an architecture: this machine's as [`Binaries::find_or_build`]
    /// has them; others from a directory of its name below `ASSAY_BIN_DIR` or
    /// beside this program, else built from this checkout. Of `programs`, the
    /// twins are chosen there; runners and worker are one build.
    ///
    /// # Errors
    /// When there is no emulator, or nobody can build them; the message says
    /// what to run.
    pub fn of(
        architecture: Architecture,
        catalog: &Catalog,
        programs: &Programs,
        watch: &mut dyn Watch,
    ) -> Result<(Binaries, Built), BuildError> {
        if Architecture::here() == Some(architecture) {
            return Binaries::find_or_build(catalog, programs, watch);
        }
        let emulator = Emulator::find(architecture)?;
        let groups = emulated(catalog, programs);
        let names = groups.iter().flat_map(|group| group.binaries.clone());
        let names: Vec<String> = names.collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = find(Some(architecture.as_str()), &all)?;
        let mut folder_builds = Vec::new();
        let (helpers, built_helpers) = match find(Some(HELPERS), &[LAUNCHER, WORKER])? {
            Some(dir) => (dir, false),
            None => (cross_dir().join(HELPERS), true),
        };
        if built_helpers {
            folder_builds.push(helpers_build());
        }
        let (dir, builder) = match found {
            Some(dir) => (dir, "found, not built here".to_owned()),
            None => {
                // An architecture that nobody can build for is told before
                // anything is built.
                let toolchain = Seen::look(architecture).choose(architecture)?;
                let builder = toolchain.to_string();
                watch.tell(&format!(
                    "building programs for {architecture} with {builder}"
                ));
                let groups = groups.into_iter();
                folder_builds
                    .extend(groups.map(|group| folder_build(architecture, group, toolchain)));
                (bin_of(architecture), builder)
            }
        };
        let started = Instant::now();
        if !folder_builds.is_empty() {
            fill(folder_builds, watch)?;
        }
        for name in &names {
            is_of(&dir.join(name), architecture)?;
        }
        let foreign = Foreign {
            architecture,
            emulator,
            builder,
            helpers,
        };
        let took = started.elapsed();
        Ok((Binaries::foreign(dir, foreign), Built { took }))
    }
}

/// Has cargo build the harness of another architecture, and tells where it is.
/// No verification needs it: it is for a machine of that architecture, and to
/// show that records read the same there.
///
/// # Errors
/// When nobody can build it here; the message says what to run.
pub fn harness(architecture: Architecture, watch: &mut dyn Watch) -> Result<PathBuf, BuildError> {
    let toolchain = Seen::look(architecture).choose(architecture)?;
    watch.tell(&format!(
        "building assay for {architecture} with {toolchain}"
    ));
    let folder_build = folder_build(architecture, own_group(), toolchain);
    let path = folder_build.dir.join(HARNESS);
    fill(vec![folder_build], watch)?;
    is_of(&path, architecture)?;
    Ok(path)
}

/// Bytes of an ELF header up to and with its machine.
const HEADER: usize = 20;

fn is_of(path: &Path, architecture: Architecture) -> Result<(), BuildError> {
    let mut header = [0; HEADER];
    let mut file = std::fs::File::open(path).map_err(at(path))?;
    file.read_exact(&mut header).map_err(at(path))?;
    match Architecture::of_elf(&header) {
        Some(found) if found == architecture => Ok(()),
        found => Err(BuildError::WrongArchitecture {
            path: path.to_owned(),
            found: found.map_or("something else".to_owned(), |found| found.to_string()),
            wanted: architecture,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARM: Architecture = Architecture::Aarch64;

    fn words(command: &Command) -> Vec<String> {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }

    fn variable(command: &Command, name: &str) -> Option<String> {
        let mut set = command.get_envs();
        let (_, value) = set.find(|(known, _)| known.to_str() == Some(name))?;
        Some(value?.to_string_lossy().into_owned())
    }

    #[test]
    fn debian_builds_the_standard_library_with_its_own_compiler() {
        let build = build_for(Architecture::Riscv64, own_group(), Path::new("/t"));
        let command = command(&build, Architecture::Riscv64, Toolchain::DebianFromSource);
        let line = words(&command).join(" ");
        assert!(line.starts_with("/usr/bin/cargo build "), "{line}");
        assert!(line.contains("--target riscv64gc-unknown-linux-gnu"));
        assert!(line.contains("--profile checked"));
        assert!(line.contains("-Zbuild-std=std,panic_abort"));
        let variable = |name: &str| variable(&command, name);
        assert_eq!(variable("RUSTC").as_deref(), Some("/usr/bin/rustc"));
        assert_eq!(variable("RUSTC_BOOTSTRAP").as_deref(), Some("1"));
        let target = "CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU";
        assert_eq!(
            variable(&format!("{target}_LINKER")).as_deref(),
            Some("riscv64-linux-gnu-gcc")
        );
        assert_eq!(
            variable(&format!("{target}_RUSTFLAGS")).as_deref(),
            Some("-Ctarget-feature=+crt-static")
        );
    }

    #[test]
    fn an_installed_toolchain_is_used_as_it_is() {
        let build = build_for(ARM, own_group(), Path::new("/t"));
        let command = command(&build, ARM, Toolchain::Installed);
        assert!(!words(&command).iter().any(|word| word.starts_with("-Z")));
        assert_eq!(variable(&command, "RUSTC"), None);
        assert_eq!(
            build.built("assay-worker"),
            Path::new("/t/aarch64-unknown-linux-gnu/checked/assay-worker")
        );
    }

    #[test]
    fn a_program_of_another_architecture_is_named() {
        let exe = std::env::current_exe().unwrap();
        let other = Architecture::ALL
            .into_iter()
            .find(|&a| Some(a) != Architecture::here())
            .unwrap();
        let said = is_of(&exe, other).unwrap_err().to_string();
        assert!(said.contains(other.as_str()), "{said}");
        if let Some(here) = Architecture::here() {
            assert!(is_of(&exe, here).is_ok());
        }
    }
}
