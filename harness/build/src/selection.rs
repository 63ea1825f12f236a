//! Which programs a run needs.

use assay_workloads::{Catalog, Twin};
use std::collections::BTreeSet;

/// A program that cargo builds from this checkout and the harness starts. In
/// the order in which a run needs them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProgramName {
    /// Starts all others.
    Launcher,
    /// The native twin of a workload, linked statically, by its binary's name.
    Twin(String),
    /// Runs a precompiled command.
    Runner,
    /// Serves a precompiled handler.
    HttpRunner,
    /// Keeps an engine up, compiles ahead of time, and is the fresh process that
    /// compiles a component before it runs or serves it.
    Worker,
    /// The front end of libcontainer.
    Youki,
    /// The client of Docker's API.
    Docker,
    /// The client of containerd's API.
    Containerd,
    /// Tries out KVM.
    MicroVm,
    /// The native twin of a workload, linked dynamically.
    DynamicTwin(String),
    /// The worker that also holds Winch, Pulley and the compilers for other
    /// architectures. It is never measured.
    BackEnds,
}

pub(crate) const LAUNCHER: &str = "assay-launcher";
pub(crate) const WORKER: &str = "assay-worker";

impl ProgramName {
    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            ProgramName::Launcher => LAUNCHER,
            ProgramName::Twin(bin) | ProgramName::DynamicTwin(bin) => bin,
            ProgramName::Runner => "assay-runner",
            ProgramName::HttpRunner => "assay-runner-http",
            ProgramName::Worker | ProgramName::BackEnds => WORKER,
            ProgramName::Youki => "assay-youki",
            ProgramName::Docker => "assay-docker",
            ProgramName::Containerd => "assay-containerd",
            ProgramName::MicroVm => "assay-microvm",
        }
    }

    /// The static twin of a workload, if cargo builds one.
    #[must_use]
    pub fn twin(twin: &Twin) -> Option<ProgramName> {
        match twin {
            Twin::Cargo { bin, .. } => Some(ProgramName::Twin(bin.clone())),
            Twin::Script { .. } | Twin::Go { .. } | Twin::None { .. } => None,
        }
    }

    /// The dynamic twin of a workload, if cargo builds one.
    #[must_use]
    pub fn dynamic_twin(twin: &Twin) -> Option<ProgramName> {
        match ProgramName::twin(twin)? {
            ProgramName::Twin(bin) => Some(ProgramName::DynamicTwin(bin)),
            _ => None,
        }
    }
}

/// A set of programs. The launcher is in every set, because nothing starts
/// without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs(BTreeSet<ProgramName>);

impl Programs {
    /// These programs, and the launcher.
    #[must_use]
    pub fn of(programs: impl IntoIterator<Item = ProgramName>) -> Programs {
        let programs = programs.into_iter().chain([ProgramName::Launcher]);
        Programs(programs.collect())
    }

    /// Everything that is measured with a catalog, but for twins that are
    /// linked dynamically.
    #[must_use]
    pub fn all(catalog: &Catalog) -> Programs {
        let workloads = catalog.workloads().iter();
        let twins = workloads.filter_map(|workload| ProgramName::twin(&workload.twin));
        Programs::of(twins.chain([
            ProgramName::Runner,
            ProgramName::HttpRunner,
            ProgramName::Worker,
            ProgramName::Youki,
            ProgramName::Docker,
            ProgramName::Containerd,
            ProgramName::MicroVm,
        ]))
    }

    /// Its programs, in the order in which a run needs them.
    pub fn iter(&self) -> impl Iterator<Item = &ProgramName> {
        self.0.iter()
    }

    /// Whether a program is among them.
    #[must_use]
    pub fn contains(&self, name: &ProgramName) -> bool {
        self.0.contains(name)
    }
}
