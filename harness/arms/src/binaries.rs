//! The measured binaries: found beside the harness, else built.
//!
//! They are built apart from the harness, one `cargo build` per group, so that
//! features do not unify across groups and no compiler creeps into the runner;
//! statically linked, so that the same file runs in an empty root file system.

use crate::architecture::Architecture;
use crate::cargo::{Build, host, root};
use crate::cross::{Foreign, Missing};
use crate::lab::Compiler;
use crate::program::{Emulator, Program};
use assay_workloads::Catalog;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Packages that are built together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    what: &'static str,
    packages: Vec<String>,
    binaries: Vec<String>,
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Everything that a catalog needs. The twins are those that its definitions
/// name, so a new workload needs no line here.
fn groups(catalog: &Catalog) -> Vec<Group> {
    let (twin_packages, twins) = catalog.cargo_twins();
    let mut first = Group {
        what: "launcher, native twins and container runtime",
        packages: owned(&["assay-launcher", "assay-youki"]),
        binaries: owned(&["assay-launcher", "assay-youki"]),
    };
    first.packages.extend(twin_packages);
    first.binaries.extend(twins);
    vec![
        first,
        Group {
            what: "runner without compiler",
            packages: owned(&["assay-runner"]),
            binaries: owned(&["assay-runner"]),
        },
        Group {
            what: "HTTP runner without compiler",
            packages: owned(&["assay-runner-http"]),
            binaries: owned(&["assay-runner-http"]),
        },
        Group {
            what: "runner and worker with compiler",
            packages: owned(&["assay-runner-jit", "assay-worker"]),
            binaries: owned(&["assay-runner-jit", "assay-worker"]),
        },
    ]
}

/// Why the measured binaries are not there.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be started.
    #[error(
        "cannot start cargo to build the measured binaries: {0}; install Rust or put the binaries beside assay"
    )]
    NoCargo(std::io::Error),
    /// A build failed.
    #[error(
        "building the measured binaries failed ({what}): cargo {status}; see its messages above"
    )]
    Failed {
        /// Which group.
        what: &'static str,
        /// How cargo ended.
        status: std::process::ExitStatus,
    },
    /// A file could not be put in place.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no way to build for another architecture.
    #[error(transparent)]
    Toolchain(#[from] Missing),
    /// There is no way to run programs of another architecture.
    #[error(transparent)]
    Emulator(#[from] crate::program::NoEmulator),
    /// A binary is not for the architecture it was built for.
    #[error("{path} is a program for {found}, not for {wanted}: remove it, and build again")]
    WrongArchitecture {
        /// The file.
        path: PathBuf,
        /// What its header says.
        found: String,
        /// What is wanted.
        wanted: Architecture,
    },
}

/// Where the measured binaries are, and what it takes to run them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    /// What there is beside them if they are of another architecture.
    foreign: Option<Foreign>,
    /// The worker of this architecture that holds further back ends.
    back_ends: Option<PathBuf>,
}

/// What building took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Wall time; next to nothing when everything was up to date.
    pub took: Duration,
}

/// Names another directory of measured binaries.
const DIR_VARIABLE: &str = "ASSAY_BIN_DIR";

impl Binaries {
    /// Binaries in a directory.
    #[must_use]
    pub fn at(dir: PathBuf) -> Binaries {
        Binaries {
            dir,
            foreign: None,
            back_ends: None,
        }
    }

    /// Binaries of another architecture in a directory.
    pub(crate) fn foreign(dir: PathBuf, foreign: Foreign) -> Binaries {
        Binaries {
            back_ends: Some(dir.join(WORKER)),
            dir,
            foreign: Some(foreign),
        }
    }

    /// Finds the binaries in `ASSAY_BIN_DIR` or beside this program, else has
    /// cargo build them from this checkout. Cargo's own lock keeps two builds
    /// apart, and a build that is up to date is not repeated. `tell` hears what
    /// is about to be built.
    ///
    /// # Errors
    /// When they are nowhere and cannot be built.
    pub fn find_or_build(
        catalog: &Catalog,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(Binaries, Built), BuildError> {
        for dir in Binaries::places() {
            let found = Binaries::at(dir);
            if found.missing(catalog).is_empty() {
                return Ok((
                    found,
                    Built {
                        took: Duration::ZERO,
                    },
                ));
            }
        }
        Binaries::build(catalog, tell)
    }

    /// Directories in which binaries are looked for before they are built.
    pub(crate) fn places() -> impl Iterator<Item = PathBuf> {
        let named = std::env::var_os(DIR_VARIABLE).map(PathBuf::from);
        let beside = || Some(std::env::current_exe().ok()?.parent()?.to_owned());
        named.into_iter().chain(beside())
    }

    /// Has cargo bring all binaries up to date.
    ///
    /// # Errors
    /// When cargo fails; its own messages are on stderr.
    pub fn build(
        catalog: &Catalog,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(Binaries, Built), BuildError> {
        let started = Instant::now();
        let target = root().join("target/measured");
        let binaries = Binaries::at(target.join("bin"));
        std::fs::create_dir_all(&binaries.dir).map_err(at(&binaries.dir))?;
        for group in groups(catalog) {
            tell(group.what);
            let build = Build {
                what: group.what,
                profile: "measured",
                triple: host(),
                target_dir: &target,
                packages: &group.packages,
                features: &[],
            };
            build.run(build.command())?;
            for name in &group.binaries {
                binaries.put(&build.built(name), name)?;
            }
        }
        Ok((
            binaries,
            Built {
                took: started.elapsed(),
            },
        ))
    }

    /// Puts a built file in place in one step, so that a run which has the old
    /// one open is not disturbed.
    pub(crate) fn put(&self, built: &Path, name: &str) -> Result<(), BuildError> {
        let place = self.path(name);
        let same = |a: std::fs::Metadata, b: std::fs::Metadata| {
            a.len() == b.len() && a.modified().ok() == b.modified().ok()
        };
        if let (Ok(a), Ok(b)) = (built.metadata(), place.metadata())
            && same(a, b)
        {
            return Ok(());
        }
        let partial = self.dir.join(format!(".{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&partial);
        std::fs::hard_link(built, &partial).map_err(at(built))?;
        std::fs::rename(&partial, &place).map_err(at(&place))
    }

    /// Names of binaries that are not in the directory.
    #[must_use]
    pub fn missing(&self, catalog: &Catalog) -> Vec<String> {
        groups(catalog)
            .into_iter()
            .flat_map(|group| group.binaries)
            .filter(|name| !self.path(name).is_file())
            .collect()
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The path of one binary.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// One binary, with what it takes to run it here.
    #[must_use]
    pub fn program(&self, name: &str) -> Program {
        Program::under(self.path(name), self.emulator())
    }

    /// The architecture of the binaries, as Rust names it.
    #[must_use]
    pub fn architecture(&self) -> &'static str {
        match &self.foreign {
            None => std::env::consts::ARCH,
            Some(foreign) => foreign.architecture.as_str(),
        }
    }

    /// What there is beside binaries of another architecture.
    #[must_use]
    pub fn beside(&self) -> Option<&Foreign> {
        self.foreign.as_ref()
    }

    /// What runs them, if this machine cannot.
    #[must_use]
    pub fn emulator(&self) -> Option<&Emulator> {
        Some(&self.foreign.as_ref()?.emulator)
    }

    /// How much time something is given here that has `duration` on a machine
    /// of its own.
    #[must_use]
    pub fn patience(&self, duration: Duration) -> Duration {
        match &self.foreign {
            None => duration,
            Some(_) => duration.saturating_mul(Emulator::PATIENCE),
        }
    }

    /// The same with the worker of further back ends, which is built at the
    /// first use, in a directory of this checkout.
    ///
    /// # Errors
    /// When it is nowhere and cannot be built.
    pub fn with_back_ends(self, tell: &mut dyn FnMut(&str)) -> Result<Binaries, BuildError> {
        let back_ends = match self.back_ends {
            Some(worker) => worker,
            None => crate::cross::helpers(tell)?.join(WORKER),
        };
        Ok(Binaries {
            back_ends: Some(back_ends),
            ..self
        })
    }

    /// The worker that holds Winch and Pulley; none where nobody asked for it.
    #[must_use]
    pub fn back_ends(&self) -> Option<&Path> {
        self.back_ends.as_deref()
    }

    /// The worker that a compiler is part of, and the directory for what it
    /// compiled: a worker's code is kept by its build, and each directory is
    /// for one worker and one target. None where there is no such worker, or
    /// where another compiler's is the same.
    pub(crate) fn code_store(&self, compiler: Compiler) -> Option<(PathBuf, PathBuf)> {
        let beside = match &self.foreign {
            None => self.dir.parent().unwrap_or(&self.dir),
            Some(_) => &self.dir,
        };
        let worker = match (compiler, &self.foreign) {
            (Compiler::InPlace, _) => self.path(WORKER),
            (Compiler::OfThisMachine, foreign) => foreign.as_ref()?.compiler(),
            (Compiler::Winch, _) | (Compiler::Pulley, None) => self.back_ends.clone()?,
            (Compiler::Pulley, Some(foreign)) => foreign.compiler(),
        };
        Some((worker, beside.join(compiler.as_str())))
    }

    /// The launcher, which is always of this machine: it starts emulators as
    /// it starts programs.
    pub(crate) fn launcher(&self) -> PathBuf {
        match &self.foreign {
            None => self.path(LAUNCHER),
            Some(foreign) => foreign.helpers.join(LAUNCHER),
        }
    }
}

pub(crate) const LAUNCHER: &str = "assay-launcher";
pub(crate) const WORKER: &str = "assay-worker";

pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.to_owned();
    move |source| BuildError::File { path, source }
}
