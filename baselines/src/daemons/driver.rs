//! What the daemons differ in.

use super::baseline::Baseline;
use super::error::{DaemonError, Say};
use super::folder::Folder;
use super::{docker, podman};

/// How a daemon is started and asked.
pub(super) struct Driver {
    /// Whether it answers.
    pub(super) answers: fn(&Folder) -> bool,
    /// Starts it; whether it came up.
    pub(super) start: fn(&Folder, Say<'_>) -> Result<bool, DaemonError>,
}

impl Driver {
    /// The driver of an engine that is a daemon.
    pub(super) fn of(one: Baseline) -> Option<Driver> {
        match one {
            Baseline::Crun | Baseline::Runc | Baseline::Gvisor => None,
            Baseline::Ctr => Some(Driver {
                answers: docker::containerd_answers,
                start: docker::start_containerd,
            }),
            Baseline::Docker => Some(Driver {
                answers: docker::dockerd_answers,
                start: docker::start_dockerd,
            }),
            Baseline::Podman => Some(Driver {
                answers: podman::answers,
                start: podman::start,
            }),
        }
    }
}
