use crate::architecture::Architecture;
use crate::profile::UnknownProfile;
use crate::program::NoEmulator;
use crate::toolchain::Missing;
use std::path::{Path, PathBuf};

/// Why programs are not there.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be started.
    #[error(
        "cannot start cargo to build the measured binaries: {0}; install Rust (https://rustup.rs), \
         or set ASSAY_BIN_DIR to a folder that `assay build` filled"
    )]
    NoCargo(std::io::Error),
    /// The checkout that this program was built from is gone.
    #[error(
        "the measured binaries were not found, and {} is not a checkout to build them from: run \
         assay from its checkout, or set ASSAY_BIN_DIR to a folder that `assay build` filled",
        .0.display()
    )]
    NoCheckout(PathBuf),
    /// The environment asks for a build that does not exist.
    #[error(transparent)]
    UnknownProfile(#[from] UnknownProfile),
    /// A build failed.
    #[error(
        "building the measured binaries failed ({what}): cargo ended with {status}; see its \
         messages above"
    )]
    Failed {
        /// Which group.
        what: String,
        /// How cargo ended.
        status: std::process::ExitStatus,
    },
    /// There was no room for a build.
    #[error(
        "building the measured binaries failed ({what}): the disk of {} is full; free some space \
         and run the same command again, which continues where this one stopped",
        .dir.display()
    )]
    DiskFull {
        /// Which group.
        what: String,
        /// Where it was built.
        dir: PathBuf,
    },
    /// The user ended it.
    #[error(
        "interrupted while building: nothing half-built is used, and the same command will \
         continue where this one stopped"
    )]
    Interrupted,
    /// A file could not be put in place.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder that the environment names does not hold what a run needs.
    #[error(
        "{} does not hold the programs that this run needs:\n{}\nbuild them again with this \
         version of assay, or unset ASSAY_BIN_DIR to build them here",
        .dir.display(), .found.join("\n")
    )]
    Unusable {
        /// The folder.
        dir: PathBuf,
        /// A line for each kind of defect, with the names of the programs.
        found: Vec<String>,
    },
    /// There is no way to build for another architecture.
    #[error(transparent)]
    Toolchain(#[from] Missing),
    /// There is no way to run programs of another architecture.
    #[error(transparent)]
    Emulator(#[from] NoEmulator),
    /// A binary is not for the architecture it was built for.
    #[error("{path} is a program for {found}, not for {wanted}: remove it and build again")]
    WrongArchitecture {
        /// The file.
        path: PathBuf,
        /// What its header says.
        found: String,
        /// What is wanted.
        wanted: Architecture,
    },
}

/// Names the file of an I/O error.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.to_owned();
    move |source| BuildError::File { path, source }
}
