//! Binaries of another architecture: who can build them here, and what runs
//! them.
//!
//! The harness, the launcher and the compiler that works ahead of time stay
//! programs of this machine; what is verified is emulated. Nothing of it is
//! timed, so one cargo invocation per architecture builds all of it: that
//! features unify changes no outcome, because those that decide whether machine
//! code loads are settings of the config.

use crate::architecture::Architecture;
use crate::binaries::{Binaries, BuildError, Built, LAUNCHER, at};
use crate::cargo::{Build, host, root, target_variable};
use crate::on_path;
use crate::program::Emulator;
use assay_workloads::Catalog;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

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

const WORKER: &str = "assay-worker";
const PROFILE: &str = "emulated";

/// Debian's own Rust, where its packages put it: rustup's comes first in PATH.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// Who builds programs for another architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The installed Rust, which has the target's standard library.
    Installed,
    /// Debian's packaged Rust, which has the target's standard library.
    Debian,
    /// Debian's packaged Rust, which builds the standard library first.
    DebianFromSource,
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Toolchain::Installed => "the installed Rust and its standard library of that target",
            Toolchain::Debian => "Debian's rustc-web and its standard library of that target",
            Toolchain::DebianFromSource => {
                "Debian's rustc-web, with the standard library built from rust-web-src"
            }
        })
    }
}

/// What of all that could build was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    /// A cross linker with a C library to link statically.
    linker: bool,
    /// The installed rustc has the target's std.
    installed: bool,
    /// Debian's rustc has it.
    debian: bool,
    /// Debian's rustc has the sources of std.
    sources: bool,
    /// Docker and `cross`.
    container: bool,
}

impl Seen {
    fn look(architecture: Architecture) -> Seen {
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let debian = Path::new(DEBIAN_RUSTC).is_file() && Path::new(DEBIAN_CARGO).is_file();
        let sources = || {
            let root = said(DEBIAN_RUSTC, &["--print", "sysroot"])?;
            let std = Path::new(&root).join("lib/rustlib/src/rust/library/std/Cargo.toml");
            std.is_file().then_some(())
        };
        Seen {
            linker: links_statically(architecture.cross_linker()),
            installed: has_std(&rustc, architecture),
            debian: debian && has_std(DEBIAN_RUSTC, architecture),
            sources: debian && sources().is_some(),
            container: on_path("docker").is_some() && on_path("cross").is_some(),
        }
    }

    fn choose(self, architecture: Architecture) -> Result<Toolchain, Missing> {
        match self {
            Seen {
                linker: true,
                installed: true,
                ..
            } => Ok(Toolchain::Installed),
            Seen {
                linker: true,
                debian: true,
                ..
            } => Ok(Toolchain::Debian),
            Seen {
                linker: true,
                sources: true,
                ..
            } => Ok(Toolchain::DebianFromSource),
            _ => Err(Missing {
                architecture,
                seen: self,
                container: None,
            }),
        }
    }
}

/// First line of what a program says.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}

fn has_std(rustc: &str, architecture: Architecture) -> bool {
    let args = [
        "--print",
        "target-libdir",
        "--target",
        architecture.triple(),
    ];
    let names = said(rustc, &args).and_then(|dir| std::fs::read_dir(dir).ok());
    names.into_iter().flatten().flatten().any(|entry| {
        let name = entry.file_name();
        name.to_string_lossy().starts_with("libstd-")
    })
}

/// A compiler without the static library of its C library looks complete until
/// the end of the build. It answers with a path if it has the file, else with
/// the name.
fn links_statically(linker: &str) -> bool {
    said(linker, &["-print-file-name=libc.a"]).is_some_and(|file| Path::new(&file).is_absolute())
}

/// Nobody here can build for an architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    architecture: Architecture,
    seen: Seen,
    /// What builds them in a container, where there is Docker.
    container: Option<String>,
}

impl std::error::Error for Missing {}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Missing {
            architecture,
            seen,
            container,
        } = self;
        let is = |there| if there { "found" } else { "missing" };
        let triple = architecture.triple();
        let linker = architecture.cross_linker();
        writeln!(f, "programs for {architecture} cannot be built here:")?;
        writeln!(f, "  {linker} with a static C library: {}", is(seen.linker))?;
        writeln!(
            f,
            "  the installed Rust's std for {triple}: {}",
            is(seen.installed)
        )?;
        writeln!(f, "  Debian's rustc-web with that std: {}", is(seen.debian))?;
        writeln!(
            f,
            "  Debian's rustc-web with rust-web-src: {}",
            is(seen.sources)
        )?;
        writeln!(f, "  cross with Docker: {}", is(seen.container))?;
        write!(f, "run `scripts/setup-cross {architecture}`")?;
        match container {
            None => Ok(()),
            Some(command) => write!(
                f,
                ", or build them with `{command}`, put them into DIR/{architecture} and set \
                 ASSAY_BIN_DIR=DIR"
            ),
        }
    }
}

/// Everything that is verified on another architecture, built at once.
struct Group {
    packages: Vec<String>,
    binaries: Vec<String>,
}

fn verified(catalog: &Catalog) -> Group {
    let own = [
        "assay-runner",
        "assay-runner-http",
        "assay-runner-jit",
        WORKER,
    ];
    let own = own.map(str::to_owned);
    let (packages, twins) = catalog.cargo_twins();
    Group {
        packages: own.iter().cloned().chain(packages).collect(),
        binaries: own.iter().cloned().chain(twins).collect(),
    }
}

/// The build of a group for an architecture, and its command.
fn emulated<'a>(
    architecture: Architecture,
    packages: &'a [String],
    target_dir: &'a Path,
) -> Build<'a> {
    Build {
        what: "programs of another architecture",
        profile: PROFILE,
        triple: architecture.triple(),
        target_dir,
        packages,
        features: &["assay-runner/emulated"],
    }
}

/// Who builds it here; else what would, in words.
fn toolchain(build: &Build<'_>, architecture: Architecture) -> Result<Toolchain, Missing> {
    let seen = Seen::look(architecture);
    seen.choose(architecture).map_err(|missing| Missing {
        container: seen.container.then(|| in_container(build)),
        ..missing
    })
}

/// What has `cross` build a group in a container of its own, which holds the
/// toolchain.
fn in_container(build: &Build<'_>) -> String {
    let command = build.command_of("cross".into());
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
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
        let group = verified(catalog);
        let target = root().join("target/cross");
        let found = Binaries::places()
            .map(|dir| dir.join(architecture.as_str()))
            .find(|dir| group.binaries.iter().all(|name| dir.join(name).is_file()));
        let build = emulated(architecture, &group.packages, &target);
        // Whoever cannot build is told before anything is built.
        let source = match found {
            Some(dir) => Ok(dir),
            None => Err(toolchain(&build, architecture)?),
        };
        let started = Instant::now();
        let helpers = helpers(&target, tell)?;
        let (dir, builder) = match source {
            Ok(dir) => (dir, "found, not built here".to_owned()),
            Err(toolchain) => {
                let builder = toolchain.to_string();
                tell(&format!("programs for {architecture}, with {builder}"));
                let dir = target.join(architecture.as_str()).join("bin");
                std::fs::create_dir_all(&dir).map_err(at(&dir))?;
                build.run(command(&build, architecture, toolchain))?;
                let binaries = Binaries::at(dir.clone());
                for name in &group.binaries {
                    binaries.put(&build.built(name), name)?;
                }
                (dir, builder)
            }
        };
        for name in &group.binaries {
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

/// The programs of this machine that a verification of another architecture
/// needs. Nothing of it is timed, so they are not the measured ones.
fn helpers(target: &Path, tell: &mut dyn FnMut(&str)) -> Result<PathBuf, BuildError> {
    let names = [LAUNCHER.to_owned(), WORKER.to_owned()];
    tell("launcher and compiler for other architectures");
    let dir = target.join("helpers");
    std::fs::create_dir_all(&dir).map_err(at(&dir))?;
    let build = Build {
        what: "launcher and compiler for other architectures",
        profile: PROFILE,
        triple: host(),
        target_dir: target,
        packages: &names,
        features: &["assay-worker/all-arch"],
    };
    build.run(build.command())?;
    let helpers = Binaries::at(dir.clone());
    for name in &names {
        helpers.put(&build.built(name), name)?;
    }
    Ok(dir)
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

    const ALL: Seen = Seen {
        linker: true,
        installed: true,
        debian: true,
        sources: true,
        container: true,
    };

    #[test]
    fn the_nearest_toolchain_is_taken_first() {
        assert_eq!(ALL.choose(ARM), Ok(Toolchain::Installed));
        let seen = Seen {
            installed: false,
            ..ALL
        };
        assert_eq!(seen.choose(ARM), Ok(Toolchain::Debian));
        let seen = Seen {
            debian: false,
            ..seen
        };
        assert_eq!(seen.choose(ARM), Ok(Toolchain::DebianFromSource));
        assert!(Seen::default().choose(ARM).is_err());
    }

    #[test]
    fn without_a_linker_nothing_else_helps_and_the_message_names_the_script() {
        let seen = Seen {
            linker: false,
            ..ALL
        };
        let said = seen.choose(ARM).unwrap_err().to_string();
        assert!(said.contains("aarch64-linux-gnu-gcc with a static C library: missing"));
        assert!(said.contains("`scripts/setup-cross aarch64`"), "{said}");
        assert!(!said.contains("cross build"), "no Docker, no hint: {said}");
        let packages = ["assay-worker".to_owned()];
        let build = emulated(ARM, &packages, Path::new("/t"));
        let missing = Missing {
            architecture: ARM,
            seen,
            container: Some(in_container(&build)),
        };
        let said = missing.to_string();
        assert!(said.contains("`cross build --bins"), "{said}");
        assert!(
            said.contains("--target aarch64-unknown-linux-gnu"),
            "{said}"
        );
        assert!(said.contains("ASSAY_BIN_DIR"), "{said}");
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
        let packages = ["assay-worker".to_owned()];
        let build = emulated(Architecture::Riscv64, &packages, Path::new("/t"));
        let command = command(&build, Architecture::Riscv64, Toolchain::DebianFromSource);
        let line = words(&command).join(" ");
        assert!(line.starts_with("/usr/bin/cargo build "), "{line}");
        assert!(line.contains("--target riscv64gc-unknown-linux-gnu"));
        assert!(line.contains("--profile emulated"));
        assert!(line.contains("-Zbuild-std=std,panic_abort"));
        let variable = |name| variable(&command, name);
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
        let packages = ["assay-worker".to_owned()];
        let build = emulated(ARM, &packages, Path::new("/t"));
        let command = command(&build, ARM, Toolchain::Installed);
        assert!(!words(&command).iter().any(|word| word.starts_with("-Z")));
        assert_eq!(variable(&command, "RUSTC"), None);
        assert_eq!(
            build.built("assay-worker"),
            Path::new("/t/aarch64-unknown-linux-gnu/emulated/assay-worker")
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
