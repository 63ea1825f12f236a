//! What keeps daemons from being started or stopped.

use super::baseline::Baseline;
use std::io;
use std::path::{Path, PathBuf};

/// Names the folder of the private daemons.
pub(super) const FOLDER_VARIABLE: &str = "ASSAY_BASELINES";

/// How many bytes its path may have: dockerd and containerd append names of their
/// own, and `sockaddr_un` holds 107.
pub(super) const LONGEST: usize = 64;

/// Why private daemons could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// Their clients, containers and mounts take root.
    #[error("private daemons need root: sudo assay baselines {verb}")]
    NeedsRoot {
        /// What was asked for.
        verb: &'static str,
    },
    /// Sockets have short paths.
    #[error(
        "{} is too long for the sockets below it: name a folder of at most {} bytes in {}",
        .0.display(), LONGEST, FOLDER_VARIABLE
    )]
    TooLong(PathBuf),
    /// Stopping would remove what others keep there.
    #[error(
        "{} holds files of something else, and `stop` removes the whole folder: name another \
         one in {}",
        .0.display(), FOLDER_VARIABLE
    )]
    NotOurs(PathBuf),
    /// A second one would start and stop what the first one looks for.
    #[error(
        "another `assay baselines` is at work in {}: try again when it has ended",
        .0.display()
    )]
    Busy(PathBuf),
    /// What was asked for is not there; what is wrong with each was said.
    #[error("not started, see above: {}", names(.0))]
    NotStarted(Vec<Baseline>),
    /// Something that the daemons made is still there; what was said.
    #[error(
        "{count} things are left, see above: end or remove them, then: sudo assay baselines stop"
    )]
    Leftovers {
        /// How many.
        count: usize,
    },
    /// The file system or the kernel refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

impl DaemonError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DaemonError {
        let path = path.to_owned();
        move |source| DaemonError::Io {
            doing,
            path,
            source,
        }
    }
}

pub(super) fn names(baselines: &[Baseline]) -> String {
    let names: Vec<&str> = baselines.iter().map(|one| one.name()).collect();
    names.join(" ")
}

/// Takes a line of narration.
pub type Say<'a> = &'a mut dyn FnMut(&str);
