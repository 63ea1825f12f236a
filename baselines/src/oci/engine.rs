//! What the runtimes differ in: their flags, what they can apply, and how they
//! say that they failed.

use crate::bundle::{ContainerOptions, Limits, Privileges, Seccomp};
use crate::daemons::Baseline;
use crate::facts;
use crate::services::installed;
use assay_arms::{ArmError, Lab, Program};
use assay_model::facts::Stack;
use assay_model::{ArmFacts, ArmKind, IdError};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A runtime that starts OCI bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// libcontainer, by `assay-youki`: needs nothing installed.
    Youki,
    /// crun: C, what Podman uses.
    Crun,
    /// runc: Go, what Docker and containerd use.
    Runc,
    /// gVisor's runsc: the program runs on a kernel in user space.
    Gvisor,
}

/// What a container of the comparison may use: more than any workload needs, so
/// that the limit costs what setting it costs and never ends a program.
const MEMORY: u64 = 1 << 30;
const PIDS: i64 = 1024;

/// How gVisor traps system calls: its default since 2023, which needs neither
/// KVM nor ptrace.
const PLATFORM: &str = "--platform=systrap";

impl Engine {
    /// All of them, least isolated first.
    pub const ALL: [Engine; 4] = [Engine::Youki, Engine::Crun, Engine::Runc, Engine::Gvisor];

    /// The id of its arm.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Engine::Youki => "youki",
            Engine::Crun => "crun",
            Engine::Runc => "runc",
            Engine::Gvisor => "gvisor",
        }
    }

    /// What an arm of it is, on an empty image.
    ///
    /// # Errors
    /// Never with the names that are written here.
    pub(super) fn facts(self) -> Result<ArmFacts, IdError> {
        let (kind, rank) = match self {
            Engine::Youki => (ArmKind::Container, 200),
            Engine::Crun => (ArmKind::Container, 210),
            Engine::Runc => (ArmKind::Container, 220),
            Engine::Gvisor => (ArmKind::SandboxedContainer, 400),
        };
        Ok(ArmFacts {
            kind,
            ..facts::container(self.id(), Stack::Runtime, rank)?
        })
    }

    /// The name of its program.
    #[must_use]
    pub fn program_name(self) -> &'static str {
        match self {
            Engine::Youki => "assay-youki",
            Engine::Crun => "crun",
            Engine::Runc => "runc",
            Engine::Gvisor => "runsc",
        }
    }

    /// Its program.
    ///
    /// # Errors
    /// When it is not installed.
    pub(super) fn find(self, lab: &Lab) -> Result<Program, ArmError> {
        let name = self.program_name();
        let program = match self {
            Engine::Youki => Some(lab.binaries.program(name)),
            _ => installed(name).map(Program::native),
        };
        program.ok_or_else(|| ArmError::Runtime(format!("{name} is not installed")))
    }

    pub(super) fn started_by(self) -> &'static str {
        match self {
            Engine::Youki => "started by libcontainer",
            Engine::Crun => "started by crun",
            Engine::Runc => "started by runc",
            Engine::Gvisor => "on gVisor's kernel in user space",
        }
    }

    pub(super) fn charge_set(self) -> &'static str {
        match self {
            Engine::Gvisor => {
                "the sandbox with the processes it traces, and the gofer; the runtime front end could detach and is not charged"
            }
            _ => "the container's processes; the runtime front end could detach and is not charged",
        }
    }

    pub(super) fn remedy(self) -> String {
        let install = |one: Baseline| format!("run as root; if it is missing: {}", one.install());
        match self {
            Engine::Youki => {
                "run as root, or allow user namespaces: sysctl user.max_user_namespaces (above 0), \
                 kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0"
                    .to_owned()
            }
            Engine::Crun => Baseline::Crun.remedy(),
            Engine::Runc => install(Baseline::Runc),
            Engine::Gvisor => install(Baseline::Gvisor),
        }
    }

    /// What every container of this runtime is made with.
    #[must_use]
    pub fn options(self, privileges: Privileges) -> ContainerOptions {
        let limits = match privileges {
            Privileges::Root => limits(),
            Privileges::Rootless { .. } => Limits::default(),
        };
        let seccomp = match self {
            Engine::Youki => Seccomp::None,
            Engine::Crun | Engine::Runc => Seccomp::Default,
            Engine::Gvisor => Seccomp::Ignored,
        };
        ContainerOptions {
            privileges,
            limits,
            seccomp,
            ..ContainerOptions::default()
        }
    }

    /// Whether it can be told to leave a container that has ended in place, so
    /// that deleting it is a step of its own (t10 - t9).
    pub(super) fn keeps(self) -> bool {
        matches!(self, Engine::Youki | Engine::Runc)
    }

    /// Whether an instance that stays is left by its front end. gVisor's could
    /// be too, but then its gofer has to be reaped by whoever inherits it: until
    /// that happens `delete` waits for a process that has ended, and gives up.
    pub(super) fn detaches(self) -> bool {
        self != Engine::Gvisor
    }

    /// The words before the verb.
    pub(super) fn global(
        self,
        root: &str,
        log: Option<&str>,
        privileges: Privileges,
    ) -> Vec<String> {
        let mut words = Vec::new();
        if self == Engine::Youki {
            return words;
        }
        words.extend(["--root", root].map(str::to_owned));
        if let Some(log) = log {
            words.extend(["--log", log, "--log-format", "json"].map(str::to_owned));
        }
        match self {
            Engine::Crun if privileges != Privileges::Root => {
                words.push("--cgroup-manager=disabled".to_owned());
            }
            Engine::Crun => words.push("--cgroup-manager=cgroupfs".to_owned()),
            Engine::Gvisor => words.extend([PLATFORM, "--network=host"].map(str::to_owned)),
            Engine::Youki | Engine::Runc => {}
        }
        words
    }

    /// The flags of `run`.
    pub(super) fn run_flags(self, bundle: &Path, detach: bool) -> Vec<String> {
        let mut flags = vec!["--bundle".to_owned(), text(bundle)];
        if detach {
            flags.push("--detach".to_owned());
        } else if self.keeps() {
            flags.push("--keep".to_owned());
        }
        if detach || self != Engine::Youki {
            flags.extend(["--pid-file".to_owned(), text(&pid_file(bundle))]);
        }
        flags
    }

    /// Whether a process that runs the runtime's own program belongs to the
    /// container: gVisor's sandbox and gofer do, by the names that they give
    /// themselves.
    pub(super) fn stays(self, command_line: &[u8]) -> bool {
        self == Engine::Gvisor && command_line.starts_with(b"runsc-")
    }
}

/// The limits of every container that has a cgroup.
pub(crate) fn limits() -> Limits {
    Limits {
        memory: Some(MEMORY),
        pids: Some(PIDS),
        cpus: None,
    }
}

/// Where a runtime writes the pid of a container of a bundle.
pub(super) fn pid_file(bundle: &Path) -> PathBuf {
    bundle.join("pid")
}

/// Where a runtime writes what went wrong with a container of a bundle.
pub(super) fn log_file(bundle: &Path) -> PathBuf {
    bundle.join("log")
}

pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The errors in a log, a JSON object with `level` and `msg` a line, which is
/// what all of them write for the engines above them.
pub(super) fn errors_in(log: &str) -> Option<String> {
    let messages: Vec<String> = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|entry| matches!(entry["level"].as_str(), Some("error" | "fatal")))
        .filter_map(|entry| Some(entry["msg"].as_str()?.trim().to_owned()))
        .collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_a_log_count() {
        let log = concat!(
            r#"{"level":"warning","msg":"slow"}"#,
            "\nnot json\n",
            r#"{"msg":"no such file\n","level":"error","time":"now"}"#,
            "\n"
        );
        assert_eq!(errors_in(log).unwrap(), "no such file");
        assert_eq!(errors_in(r#"{"level":"warning","msg":"slow"}"#), None);
        assert_eq!(errors_in(""), None);
    }

    #[test]
    fn isolation_is_the_same_where_it_can_be() {
        for engine in Engine::ALL {
            let options = engine.options(Privileges::Root);
            assert_eq!(options.limits.memory, Some(MEMORY), "{engine:?}");
            assert_eq!(options.limits.pids, Some(PIDS), "{engine:?}");
            let rootless = engine.options(Privileges::Rootless { uid: 1, gid: 1 });
            assert_eq!(rootless.limits, Limits::default(), "{engine:?}");
        }
        assert_eq!(
            Engine::Runc.options(Privileges::Root).seccomp,
            Seccomp::Default
        );
    }

    #[test]
    fn the_front_end_is_not_charged_and_gvisors_sandbox_is() {
        assert!(Engine::Gvisor.stays(b"runsc-sandbox\0boot\0"));
        assert!(Engine::Gvisor.stays(b"runsc-gofer\0gofer\0"));
        assert!(!Engine::Gvisor.stays(b"/usr/bin/runsc\0run\0"));
        assert!(!Engine::Runc.stays(b"runc\0init\0"));
    }
}
