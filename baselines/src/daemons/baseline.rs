//! The engines, by their names.

use crate::services::installed;
use std::fmt;

/// An engine that containers are compared with, by its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Baseline {
    /// crun, which may want control groups of version 1.
    Crun,
    /// runc.
    Runc,
    /// gVisor's runsc.
    Gvisor,
    /// containerd, which is a daemon.
    Ctr,
    /// dockerd, a daemon that asks the containerd.
    Docker,
    /// Podman's service.
    Podman,
}

impl Baseline {
    /// All of them, in the order in which they are started.
    pub const ALL: [Baseline; 6] = [
        Baseline::Crun,
        Baseline::Runc,
        Baseline::Gvisor,
        Baseline::Ctr,
        Baseline::Docker,
        Baseline::Podman,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Baseline::Crun => "crun",
            Baseline::Runc => "runc",
            Baseline::Gvisor => "gvisor",
            Baseline::Ctr => "ctr",
            Baseline::Docker => "docker",
            Baseline::Podman => "podman",
        }
    }

    /// The engine of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Baseline> {
        Baseline::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The programs that it takes; the first tells its version.
    pub(super) fn programs(self) -> &'static [&'static str] {
        match self {
            Baseline::Crun => &["crun"],
            Baseline::Runc => &["runc"],
            Baseline::Gvisor => &["runsc"],
            Baseline::Ctr => &["containerd", "ctr", "containerd-shim-runc-v2", "runc"],
            Baseline::Docker => &[
                "dockerd",
                "containerd",
                "containerd-shim-runc-v2",
                "runc",
                "docker",
            ],
            Baseline::Podman => &["podman", "conmon", "crun"],
        }
    }

    /// The first of its programs that is not installed.
    pub(super) fn missing(self) -> Option<&'static str> {
        let mut programs = self.programs().iter().copied();
        programs.find(|program| installed(program).is_none())
    }

    /// The name of its socket, if it is a daemon.
    pub(super) fn socket_name(self) -> Option<&'static str> {
        match self {
            Baseline::Crun | Baseline::Runc | Baseline::Gvisor => None,
            Baseline::Ctr => Some("containerd.sock"),
            Baseline::Docker => Some("docker.sock"),
            Baseline::Podman => Some("podman.sock"),
        }
    }

    /// What installs it.
    pub(crate) fn install(self) -> String {
        format!("scripts/setup-baselines install {self}")
    }

    /// What to try where nothing has to be started.
    pub(crate) fn as_root(self) -> String {
        format!("run as root; if it is missing: {}", self.install())
    }

    /// What makes it ready, as root.
    pub(crate) fn remedy(self) -> String {
        format!(
            "as root: {} && assay baselines start {self}",
            self.install()
        )
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn names_are_read_again() {
        for one in Baseline::ALL {
            assert_eq!(Baseline::named(one.name()), Some(one));
        }
        assert_eq!(Baseline::named("dockerd"), None);
    }

    #[test]
    fn the_script_installs_the_programs_that_are_looked_for() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/setup-baselines");
        let text = std::fs::read_to_string(script).unwrap();
        let start = text.find("programs() {").unwrap();
        let table = &text[start..start + text[start..].find("\n}").unwrap()];
        for one in Baseline::ALL {
            let line = format!("{one}) echo {} ;;", one.programs().join(" "));
            let said = table.lines().any(|said| said.trim() == line);
            assert!(said, "{line} is not in {table}");
        }
    }
}
