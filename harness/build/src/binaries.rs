//! Where programs are, and what it takes to run them.

use crate::architecture::Architecture;
use crate::profile::BuildProfile;
use crate::program::{Emulator, Program};
use crate::selection::{LAUNCHER, WORKER};
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    #[must_use]
    pub fn compiler(&self) -> PathBuf {
        self.helpers.join(WORKER)
    }
}

/// Where the measured binaries are, and what it takes to run them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    pub(crate) dir: PathBuf,
    /// What there is beside them if they are of another architecture.
    pub(crate) foreign: Option<Foreign>,
    /// The worker of this architecture that holds further back ends.
    pub(crate) back_ends: Option<PathBuf>,
    /// The directory of twins that are linked dynamically.
    pub(crate) dynamic: Option<PathBuf>,
    /// How they were built.
    pub(crate) profile: BuildProfile,
}

/// What building took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Wall time; next to nothing when everything was up to date.
    pub took: Duration,
}

impl Binaries {
    /// Binaries in a directory.
    #[must_use]
    pub fn at(dir: PathBuf) -> Binaries {
        Binaries {
            dir,
            foreign: None,
            back_ends: None,
            dynamic: None,
            profile: BuildProfile::Measured,
        }
    }

    /// Binaries of another architecture in a directory.
    pub(crate) fn foreign(dir: PathBuf, foreign: Foreign) -> Binaries {
        Binaries {
            back_ends: Some(dir.join(WORKER)),
            dir,
            foreign: Some(foreign),
            dynamic: None,
            profile: BuildProfile::Checked,
        }
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

    /// How they were built.
    #[must_use]
    pub fn profile(&self) -> BuildProfile {
        self.profile
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

    /// The path of a twin that is linked dynamically; none where no such twins
    /// were asked for.
    #[must_use]
    pub fn dynamic(&self, name: &str) -> Option<PathBuf> {
        Some(self.dynamic.as_ref()?.join(name))
    }

    /// The worker that holds Winch and Pulley; none where it was not asked for.
    #[must_use]
    pub fn back_ends(&self) -> Option<&Path> {
        self.back_ends.as_deref()
    }

    /// The launcher, which is always of this machine: it starts emulators as
    /// it starts programs.
    #[must_use]
    pub fn launcher(&self) -> PathBuf {
        match &self.foreign {
            None => self.path(LAUNCHER),
            Some(foreign) => foreign.helpers.join(LAUNCHER),
        }
    }
}
