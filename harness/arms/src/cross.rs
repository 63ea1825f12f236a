//! Binaries of another architecture: who can build them here, and what runs
//! them.
//!
//! The harness, the launcher and the compiler that works ahead of time stay
//! programs of this machine; what is verified is emulated. Nothing of it is
//! timed, so all that embeds the engine is built at once: that features unify
//! changes no outcome, because those that decide whether machine code loads are
//! settings of the config. The twins are built apart, so that a dependency of a
//! new one does not build the engine again.

mod toolchain;

pub use toolchain::{Missing, Toolchain};

use crate::architecture::Architecture;
use crate::binaries::{Binaries, BuildError, Built, LAUNCHER, WORKER, at};
use crate::cargo::{Build, Linkage, host, root, target_variable};
use crate::make::{CHECKED, ENGINE_AT_ONCE, EVERY_COMPILER};
use crate::program::Emulator;
use assay_workloads::Catalog;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use toolchain::{DEBIAN_CARGO, DEBIAN_RUSTC, Seen};

/// What there is beside binaries of another architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Theirs.
    pub architecture: Architecture,
    /// What runs them.
    pub emulator: Emulator,
    /// Who built them.
    pub builder: String,
    /// The directory of programs of this machine: the launcher, and a worker
    /// that compiles for every architecture.
    pub(crate) helpers: PathBuf,
}

impl Foreign {
    /// The worker of this machine, which compiles ahead of time for the other.
    pub(crate) fn compiler(&self) -> PathBuf {
        self.helpers.join(WORKER)
    }
}

/// Packages that are built at once.
struct Group {
    packages: Vec<String>,
    binaries: Vec<String>,
    features: &'static [&'static str],
}

/// The harness itself.
const HARNESS: &str = "assay";

/// Everything that is verified on another architecture.
fn verified(catalog: &Catalog) -> [Group; 2] {
    let own = [
        "assay-runner",
        "assay-runner-http",
        "assay-runner-jit",
        WORKER,
    ];
    let own: Vec<String> = own.map(str::to_owned).into();
    let (packages, twins) = catalog.cargo_twins();
    [
        Group {
            packages: own.clone(),
            binaries: own,
            features: &["assay-runner/emulated", "assay-worker/back-ends"],
        },
        Group {
            packages: packages.into_iter().collect(),
            binaries: twins.into_iter().collect(),
            features: &[],
        },
    ]
}

/// The build of a group for an architecture.
fn emulated<'a>(architecture: Architecture, group: &'a Group, target_dir: &'a Path) -> Build<'a> {
    Build {
        what: "programs of another architecture",
        profile: CHECKED,
        triple: architecture.triple(),
        linkage: Linkage::Static,
        target_dir,
        packages: &group.packages,
        features: group.features,
    }
}

fn command(build: &Build<'_>, architecture: Architecture, toolchain: Toolchain) -> Command {
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

impl Binaries {
    /// Binaries of an architecture: this machine's as [`Binaries::find_or_build`]
    /// has them; others from a directory of its name below `ASSAY_BIN_DIR` or
    /// beside this program, else built from this checkout. `tell` hears what is
    /// about to be built, and by whom.
    ///
    /// # Errors
    /// When there is no emulator, or nobody can build them; the message says
    /// what to run.
    pub fn of(
        architecture: Architecture,
        catalog: &Catalog,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(Binaries, Built), BuildError> {
        if Architecture::here() == Some(architecture) {
            return Binaries::find_or_build(catalog, tell);
        }
        let emulator = Emulator::find(architecture)?;
        // A catalog may name no twin at all.
        let groups = verified(catalog);
        let groups: Vec<&Group> = groups.iter().filter(|g| !g.packages.is_empty()).collect();
        let names = || groups.iter().flat_map(|group| &group.binaries);
        let target = target_dir();
        let found = Binaries::places()
            .map(|dir| dir.join(architecture.as_str()))
            .find(|dir| names().all(|name| dir.join(name).is_file()));
        // Whoever cannot build is told before anything is built.
        let source = match found {
            Some(dir) => Ok(dir),
            None => Err(Seen::look(architecture).choose(architecture)?),
        };
        let started = Instant::now();
        let helpers = helpers(tell)?;
        let (dir, builder) = match source {
            Ok(dir) => (dir, "found, not built here".to_owned()),
            Err(toolchain) => {
                let builder = toolchain.to_string();
                tell(&format!("programs for {architecture}, with {builder}"));
                let dir = target.join(architecture.as_str()).join("bin");
                for group in &groups {
                    let build = emulated(architecture, group, &target);
                    let command = command(&build, architecture, toolchain);
                    into(&dir, &build, command, &group.binaries)?;
                }
                (dir, builder)
            }
        };
        for name in names() {
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
pub fn harness(
    architecture: Architecture,
    tell: &mut dyn FnMut(&str),
) -> Result<PathBuf, BuildError> {
    let target = target_dir();
    let group = Group {
        packages: vec![HARNESS.to_owned()],
        binaries: vec![HARNESS.to_owned()],
        features: &[],
    };
    let toolchain = Seen::look(architecture).choose(architecture)?;
    tell(&format!("assay for {architecture}, with {toolchain}"));
    let build = emulated(architecture, &group, &target);
    let command = command(&build, architecture, toolchain);
    let dir = target.join(architecture.as_str()).join("bin");
    let path = into(&dir, &build, command, &group.binaries)?.path(HARNESS);
    is_of(&path, architecture)?;
    Ok(path)
}

/// The directory of programs of this machine, beside those of architectures.
const HELPERS: &str = "helpers";

pub(crate) fn target_dir() -> PathBuf {
    root().join("target/cross")
}

/// The programs of this machine that a verification of another architecture,
/// or of further back ends on this one, needs. Nothing of it is timed, so they
/// are not the measured ones.
pub(crate) fn helpers(tell: &mut dyn FnMut(&str)) -> Result<PathBuf, BuildError> {
    let names = [LAUNCHER, WORKER].map(str::to_owned);
    let found = Binaries::places()
        .map(|dir| dir.join(HELPERS))
        .find(|dir| names.iter().all(|name| dir.join(name).is_file()));
    if let Some(dir) = found {
        return Ok(dir);
    }
    let what = "launcher, compilers for other architectures and further back ends";
    tell(what);
    let target = &target_dir();
    let dir = target.join(HELPERS);
    // The rest of them, small as it is, because with fewer packages it would be
    // another build of the engine than that of [`Make::Checked`].
    let packages = ENGINE_AT_ONCE.map(str::to_owned);
    let build = Build {
        what,
        profile: CHECKED,
        triple: host(),
        linkage: Linkage::Static,
        target_dir: target,
        packages: &packages,
        features: EVERY_COMPILER,
    };
    into(&dir, &build, build.command(), &names)?;
    Ok(dir)
}

/// Builds, and puts what came out into a directory.
fn into(
    dir: &Path,
    build: &Build<'_>,
    command: Command,
    names: &[String],
) -> Result<Binaries, BuildError> {
    build.run(command)?;
    std::fs::create_dir_all(dir).map_err(at(dir))?;
    let binaries = Binaries::at(dir.to_owned());
    for name in names {
        binaries.put(&build.built(name), name)?;
    }
    Ok(binaries)
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

    fn group() -> Group {
        Group {
            packages: vec![WORKER.to_owned()],
            binaries: vec![WORKER.to_owned()],
            features: &["assay-runner/emulated"],
        }
    }

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
        let group = group();
        let build = emulated(Architecture::Riscv64, &group, Path::new("/t"));
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
        let group = group();
        let build = emulated(ARM, &group, Path::new("/t"));
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
