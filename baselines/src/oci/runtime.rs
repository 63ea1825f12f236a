//! What runtimes differ in: their flags, what they can apply, and how they say
//! that they failed.

use crate::bundle::{ContainerOptions, Limits, Privileges, Seccomp};
use crate::facts;
use crate::services::installed;
use crate::tier::Tier;
use assay_arms::{ArmError, Lab, Program, ProgramName};
use assay_model::facts::Stack;
use assay_model::{ArmFacts, ArmKind, IdError};
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// A runtime that starts OCI bundles. Each is a constant in a file of its own
/// below `runtimes`, and a line in its table.
pub struct OciRuntime {
    /// The id of its arm on an empty image.
    pub(super) id: &'static str,
    /// The name of its program.
    pub(super) program: &'static str,
    /// The program, where this suite builds it; otherwise it is installed.
    pub(super) built: Option<ProgramName>,
    /// Whether the kernel is the host's.
    pub(super) kind: ArmKind,
    /// Its place among the arms, by how much it isolates.
    pub(super) rank: u16,
    /// The images that it is measured on.
    pub(super) tiers: &'static [Tier],
    /// Who starts the container, for the summary of the arm.
    pub(super) started_by: &'static str,
    /// Which processes are charged to a container.
    pub(super) charge_set: &'static str,
    /// What to do when it does not work.
    pub(super) remedy: fn() -> String,
    /// What it makes of a filter of system calls.
    pub(super) seccomp: Seccomp,
    /// Whether it is told where the control group of a container is. The others
    /// make one below that of the caller.
    pub(super) takes_cgroup: bool,
    /// Whether it can be told to leave a container that has ended in place, so
    /// that deleting it is a step of its own (t10 - t9).
    pub(super) keeps: bool,
    /// Whether an instance that stays is left by its front end.
    pub(super) detaches: bool,
    /// Where its command line differs.
    pub(super) words: Words,
    /// The status with which it says that no container was started, if no
    /// program of a container has the same.
    pub(super) failed: Option<i32>,
    /// Whether a process that runs the runtime's own program belongs to the
    /// container, by its command line.
    pub(super) stays: fn(&[u8]) -> bool,
}

/// Which dialect of the common command line a runtime speaks.
pub(super) enum Words {
    /// That of runc: `--root` and `--log` before the verb, with further flags.
    Runc(fn(Privileges) -> &'static [&'static str]),
    /// That of `assay-youki`: `--root` after the verb, and no log.
    Own,
}

/// The limits that every container of the comparison has: more than any workload
/// needs, so that a limit costs what setting it costs and never ends a program.
const MEMORY: u64 = 1 << 30;
const PIDS: i64 = 1024;

/// What is charged where the front end of a container is not.
pub(super) const ALL_BUT_FRONT_END: &str =
    "the container's processes; the runtime front end could detach and is not charged";

impl OciRuntime {
    /// Whether a container has a kernel of its own.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.kind == ArmKind::SandboxedContainer
    }

    /// Whether it applies a filter of system calls.
    #[must_use]
    pub fn filters(&self) -> bool {
        self.seccomp == Seccomp::Default
    }

    /// What an arm of it is, on an empty image.
    ///
    /// # Errors
    /// Never with the names that are written in the files of runtimes.
    pub(super) fn facts(&self) -> Result<ArmFacts, IdError> {
        Ok(ArmFacts {
            kind: self.kind,
            ..facts::container(self.id, Stack::Runtime, self.rank)?
        })
    }

    /// Whether its program is there, or can be built.
    pub(super) fn is_here(&self) -> bool {
        self.built.is_some() || installed(self.program).is_some()
    }

    /// Its program.
    ///
    /// # Errors
    /// When it is not installed.
    pub(super) fn find(&self, lab: &Lab) -> Result<Program, ArmError> {
        let name = self.program;
        let program = match &self.built {
            Some(_) => Some(lab.binaries.program(name)),
            None => installed(name).map(Program::native),
        };
        program.ok_or_else(|| ArmError::Runtime(format!("{name} is not installed")))
    }

    /// What every container of this runtime is made with.
    #[must_use]
    pub fn options(&self, privileges: Privileges) -> ContainerOptions {
        options(self.seccomp, privileges)
    }

    /// The words up to the verb, and those that follow it at once.
    pub(super) fn verb(
        &self,
        verb: &str,
        root: &str,
        log: Option<&str>,
        privileges: Privileges,
    ) -> Vec<String> {
        let root = ["--root", root];
        let mut words = Vec::new();
        match self.words {
            Words::Own => {
                words.push(verb);
                words.extend(root);
            }
            Words::Runc(flags) => {
                words.extend(root);
                if let Some(log) = log {
                    words.extend(["--log", log, "--log-format", "json"]);
                }
                words.extend(flags(privileges));
                words.push(verb);
            }
        }
        words.into_iter().map(str::to_owned).collect()
    }

    /// The flags of `run`.
    pub(super) fn run_flags(&self, bundle: &Path, detach: bool) -> Vec<String> {
        let mut flags = vec!["--bundle".to_owned(), text(bundle)];
        if detach {
            flags.push("--detach".to_owned());
        } else if self.keeps {
            flags.push("--keep".to_owned());
        }
        if detach || matches!(self.words, Words::Runc(_)) {
            flags.extend(["--pid-file".to_owned(), text(&pid_file(bundle))]);
        }
        flags
    }
}

impl fmt::Debug for OciRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// No process of the runtime's own program belongs to a container.
pub(super) fn none_stays(_command_line: &[u8]) -> bool {
    false
}

/// What containers are made with, wherever they are compared.
pub(crate) fn options(seccomp: Seccomp, privileges: Privileges) -> ContainerOptions {
    let limits = match privileges {
        Privileges::Root => limits(),
        Privileges::Rootless { .. } => Limits::default(),
    };
    ContainerOptions {
        privileges,
        limits,
        seccomp,
        ..ContainerOptions::default()
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
        for runtime in OciRuntime::all() {
            let options = runtime.options(Privileges::Root);
            assert_eq!(options.limits.memory, Some(MEMORY), "{runtime:?}");
            assert_eq!(options.limits.pids, Some(PIDS), "{runtime:?}");
            let rootless = runtime.options(Privileges::Rootless { uid: 1, gid: 1 });
            assert_eq!(rootless.limits, Limits::default(), "{runtime:?}");
        }
        let runc = OciRuntime::named("runc").unwrap();
        assert_eq!(runc.options(Privileges::Root).seccomp, Seccomp::Default);
    }

    /// The table is in the order of isolation, each with an id and a program of
    /// its own, on an empty image first.
    #[test]
    fn runtimes_are_told_apart() {
        let all: Vec<&OciRuntime> = OciRuntime::all().collect();
        assert!(all.is_sorted_by_key(|runtime| runtime.rank));
        for (index, runtime) in all.iter().enumerate() {
            let others = || all.iter().take(index);
            assert!(others().all(|other| other.id != runtime.id), "{runtime:?}");
            assert!(
                others().all(|other| other.program != runtime.program),
                "{runtime:?}"
            );
            assert_eq!(runtime.tiers.first(), Some(&Tier::Scratch), "{runtime:?}");
            assert!(!(runtime.remedy)().is_empty(), "{runtime:?}");
            runtime.facts().unwrap();
        }
    }

    #[test]
    fn the_front_end_is_not_charged_and_gvisors_sandbox_is() {
        let stays = |id, line: &[u8]| (OciRuntime::named(id).unwrap().stays)(line);
        assert!(stays("gvisor", b"runsc-sandbox\0boot\0"));
        assert!(stays("gvisor", b"runsc-gofer\0gofer\0"));
        assert!(!stays("gvisor", b"/usr/bin/runsc\0run\0"));
        assert!(!stays("runc", b"runc\0init\0"));
    }

    #[test]
    fn the_words_before_and_after_a_verb_are_those_of_the_runtime() {
        let verb = |id, privileges| {
            let runtime = OciRuntime::named(id).unwrap();
            runtime.verb("run", "/s", Some("/l"), privileges).join(" ")
        };
        let rootless = Privileges::Rootless { uid: 1, gid: 1 };
        assert_eq!(verb("youki", Privileges::Root), "run --root /s");
        assert_eq!(
            verb("runc", rootless),
            "--root /s --log /l --log-format json run"
        );
        assert_eq!(
            verb("crun", Privileges::Root),
            "--root /s --log /l --log-format json --cgroup-manager=cgroupfs run"
        );
        assert_eq!(
            verb("crun", rootless),
            "--root /s --log /l --log-format json --cgroup-manager=disabled run"
        );
    }
}
