//! The measured binaries: found beside the harness, else built.
//!
//! They are built apart from the harness, one `cargo build` per group, so that
//! features do not unify across groups and no compiler creeps into the runner;
//! statically linked, so that the same file runs in an empty root file system.

use crate::architecture::Architecture;
use crate::cargo::{Build, Linkage, host, root};
use crate::cross::{Foreign, Missing};
use crate::lab::Compiler;
use crate::make::{ENGINE_AT_ONCE, EVERY_COMPILER, Make};
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
    features: &'static [&'static str],
}

impl Group {
    /// Packages that have one binary each, of their own name.
    fn of(what: &'static str, names: &[&str]) -> Group {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        Group {
            what,
            packages: names.clone(),
            binaries: names,
            features: &[],
        }
    }
}

/// Everything that a catalog needs. The twins are those that its definitions
/// name, so a new workload needs no line here.
fn groups(catalog: &Catalog, make: Make) -> Vec<Group> {
    let (twin_packages, twins) = catalog.cargo_twins();
    let mut first = Group::of("native twins and container runtime", &["assay-youki"]);
    first.packages.extend(twin_packages);
    first.binaries.extend(twins);
    let clients = Group::of(
        "clients of container engines and of KVM",
        &["assay-containerd", "assay-docker", "assay-microvm"],
    );
    let mut groups = vec![first, clients];
    match make {
        Make::Measured => groups.extend([
            Group::of("launcher", &[LAUNCHER]),
            Group::of("runner without compiler", &["assay-runner"]),
            Group::of("HTTP runner without compiler", &["assay-runner-http"]),
            Group::of(
                "runner and worker with compiler",
                &["assay-runner-jit", WORKER],
            ),
        ]),
        Make::Checked => groups.push(Group {
            features: EVERY_COMPILER,
            ..Group::of("launcher, and all that embeds the engine", &ENGINE_AT_ONCE)
        }),
    }
    groups
}

/// Why the measured binaries are not there.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be started.
    #[error(
        "cannot start cargo to build the measured binaries: {0}; install Rust or put the binaries beside assay"
    )]
    NoCargo(std::io::Error),
    /// The environment asks for a build that there is not.
    #[error(
        "ASSAY_BUILD is '{0}': it can be 'measured', or 'checked' for programs that are built sooner and whose figures do not count"
    )]
    UnknownMake(String),
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
    /// The directory of twins that are linked dynamically.
    dynamic: Option<PathBuf>,
    /// How they were built.
    make: Make,
}

/// What building took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Wall time; next to nothing when everything was up to date.
    pub took: Duration,
}

/// The directory of twins that are linked dynamically, beside the others.
const DYNAMIC: &str = "dynamic";

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
            dynamic: None,
            make: Make::Measured,
        }
    }

    /// Binaries of another architecture in a directory.
    pub(crate) fn foreign(dir: PathBuf, foreign: Foreign) -> Binaries {
        Binaries {
            back_ends: Some(dir.join(WORKER)),
            dir,
            foreign: Some(foreign),
            dynamic: None,
            make: Make::Checked,
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
            let found = Binaries {
                // Whoever brings them says how they were built.
                make: Make::asked_for()?,
                ..Binaries::at(dir)
            };
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

    /// Has cargo bring all binaries up to date, built as `ASSAY_BUILD` asks.
    ///
    /// # Errors
    /// When it asks for what there is not, or cargo fails; cargo's own messages
    /// are on stderr.
    pub fn build(
        catalog: &Catalog,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(Binaries, Built), BuildError> {
        let started = Instant::now();
        let make = Make::asked_for()?;
        let binaries = Binaries::made(make, groups(catalog, make), tell)?;
        let took = started.elapsed();
        Ok((binaries, Built { took }))
    }

    /// Has cargo bring one binary up to date as it is measured, whatever
    /// `ASSAY_BUILD` asks, and what is built together with it.
    ///
    /// # Errors
    /// When cargo fails; its own messages are on stderr.
    pub fn build_measured(
        catalog: &Catalog,
        name: &str,
        tell: &mut dyn FnMut(&str),
    ) -> Result<PathBuf, BuildError> {
        let mut groups = groups(catalog, Make::Measured);
        groups.retain(|group| group.binaries.iter().any(|binary| binary == name));
        Ok(Binaries::made(Make::Measured, groups, tell)?.path(name))
    }

    fn made(
        make: Make,
        groups: Vec<Group>,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Binaries, BuildError> {
        let (target, own) = match make {
            Make::Measured => (root().join("target/measured"), ""),
            // Beside those of other architectures, with which they share much.
            Make::Checked => (crate::cross::target_dir(), std::env::consts::ARCH),
        };
        let binaries = Binaries {
            make,
            ..Binaries::at(target.join(own).join("bin"))
        };
        std::fs::create_dir_all(&binaries.dir).map_err(at(&binaries.dir))?;
        for group in groups {
            tell(group.what);
            let build = Build {
                what: group.what,
                profile: make.profile(),
                triple: host(),
                linkage: Linkage::Static,
                target_dir: &target,
                packages: &group.packages,
                features: group.features,
            };
            build.run(build.command())?;
            for name in &group.binaries {
                binaries.put(&build.built(name), name)?;
            }
        }
        Ok(binaries)
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
        groups(catalog, self.make)
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

    /// How they were built; of what was found and not built here, what
    /// `ASSAY_BUILD` says.
    #[must_use]
    pub fn make(&self) -> Make {
        self.make
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

    /// The same with the twins once more, linked dynamically: found in the
    /// directory `dynamic` beside the binaries, else built.
    ///
    /// # Errors
    /// When they are nowhere and cannot be built.
    pub fn with_dynamic_twins(
        self,
        catalog: &Catalog,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Binaries, BuildError> {
        let (packages, names) = catalog.cargo_twins();
        let found = Binaries::places()
            .map(|dir| dir.join(DYNAMIC))
            .find(|dir| names.iter().all(|name| dir.join(name).is_file()));
        let dynamic = match found {
            Some(dir) => dir,
            None => {
                let packages: Vec<String> = packages.into_iter().collect();
                let what = "native twins that are linked dynamically";
                tell(what);
                // Apart from the static ones: other flags, other artifacts.
                let target = match self.make {
                    Make::Measured => root().join("target/measured"),
                    Make::Checked => crate::cross::target_dir(),
                };
                let target = target.join(DYNAMIC);
                let build = Build {
                    what,
                    profile: self.make.profile(),
                    triple: host(),
                    linkage: Linkage::Dynamic,
                    target_dir: &target,
                    packages: &packages,
                    features: &[],
                };
                build.run(build.command())?;
                let built = Binaries::at(target.join("bin"));
                std::fs::create_dir_all(&built.dir).map_err(at(&built.dir))?;
                for name in &names {
                    built.put(&build.built(name), name)?;
                }
                built.dir
            }
        };
        Ok(Binaries {
            dynamic: Some(dynamic),
            ..self
        })
    }

    /// The path of a twin that is linked dynamically.
    ///
    /// # Errors
    /// Where nobody asked for them.
    pub fn dynamic(&self, name: &str) -> Result<PathBuf, crate::ArmError> {
        let dir = self.dynamic.as_ref().ok_or_else(|| {
            crate::ArmError::Runtime("no dynamically linked twins were built".to_owned())
        })?;
        Ok(dir.join(name))
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
