//! The measured binaries: found beside the harness, else built.
//!
//! They are built apart from the harness, one `cargo build` per group, so that
//! features do not unify across groups and no compiler creeps into the runner;
//! statically linked, so that the same file runs in an empty root file system.

use assay_workloads::Catalog;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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
}

/// Where the measured binaries are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
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
        Binaries { dir }
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
        let named = std::env::var_os(DIR_VARIABLE).map(PathBuf::from);
        let beside = || Some(std::env::current_exe().ok()?.parent()?.to_owned());
        for dir in named.into_iter().chain(beside()) {
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
            group.build(&target)?;
            for name in &group.binaries {
                binaries.put(&target.join(host()).join("measured").join(name), name)?;
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
    fn put(&self, built: &Path, name: &str) -> Result<(), BuildError> {
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
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.to_owned();
    move |source| BuildError::File { path, source }
}

impl Group {
    fn build(&self, target: &Path) -> Result<(), BuildError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args([
                "build",
                "--bins",
                "--quiet",
                "--locked",
                "--profile",
                "measured",
                "--target",
                host(),
            ])
            .arg("--target-dir")
            .arg(target)
            .current_dir(root())
            // Flags of the environment would change what is measured.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env(rustflags_variable(), "-Ctarget-feature=+crt-static")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_of_the_caller) {
                command.env_remove(name);
            }
        }
        for package in &self.packages {
            command.args(["--package", package]);
        }
        let status = command.status().map_err(BuildError::NoCargo)?;
        match status.success() {
            true => Ok(()),
            false => Err(BuildError::Failed {
                what: self.what,
                status,
            }),
        }
    }
}

/// Whether cargo sets this variable for a program that it runs (The Cargo
/// Book, "Environment variables Cargo sets for crates"). Build scripts depend
/// on some of them: handed on, they make `cargo run` build again what
/// `cargo test` has built, and the other way round.
fn is_of_the_caller(variable: &str) -> bool {
    let one_of = [
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
    ];
    let begins = ["CARGO_BIN_EXE_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    one_of.contains(&variable) || begins.iter().any(|prefix| variable.starts_with(prefix))
}

/// The checkout this program was built from. Without `..` in it, so that the
/// path of a binary is the one that /proc shows of its process.
fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// The target triple of this machine. A target is named even for the host, so
/// that static linking applies to the binaries and not to build scripts.
fn host() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "aarch64-unknown-linux-gnu",
        "s390x" => "s390x-unknown-linux-gnu",
        "riscv64" => "riscv64gc-unknown-linux-gnu",
        _ => "x86_64-unknown-linux-gnu",
    }
}

fn rustflags_variable() -> String {
    format!(
        "CARGO_TARGET_{}_RUSTFLAGS",
        host().to_uppercase().replace('-', "_")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_tells_a_program_about_itself_is_kept_from_the_build() {
        for told in [
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_BIN_EXE_assay",
            "OUT_DIR",
        ] {
            assert!(is_of_the_caller(told), "{told}");
        }
        for chosen in [
            "CARGO_HOME",
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "CARGO_BUILD_JOBS",
            "CARGO_NET_OFFLINE",
        ] {
            assert!(!is_of_the_caller(chosen), "{chosen}");
        }
    }
}
