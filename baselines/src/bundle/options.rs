//! Everything that varies between the containers of one image.

use super::error::{BundleError, io_error};
use std::fs;
use std::path::{Path, PathBuf};

/// The container's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// The caller's: no network namespace.
    #[default]
    Host,
    /// Its own namespace, with nothing in it.
    Empty,
}

/// Whose rights the container is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privileges {
    /// Root's: no user namespace.
    #[default]
    Root,
    /// An ordinary user's: a user namespace in which this user is root.
    Rootless {
        /// The caller's effective user id.
        uid: u32,
        /// The caller's effective group id.
        gid: u32,
    },
}

impl Privileges {
    /// What the calling process can use: root only if it is root of the
    /// machine, not of some user namespace.
    ///
    /// # Errors
    /// [`BundleError::Io`] when `/proc` is not mounted.
    pub fn of_caller() -> Result<Self, BundleError> {
        let read = |path: &str| fs::read_to_string(path).map_err(io_error("read", Path::new(path)));
        let status = read("/proc/self/status")?;
        // Lines `Uid:` and `Gid:` hold real, effective, saved and file system id.
        let effective = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|ids| ids.split_whitespace().nth(1)?.parse().ok())
                .unwrap_or(u32::MAX)
        };
        let (uid, gid) = (effective("Uid:"), effective("Gid:"));
        // The first user namespace maps all 2^32 - 1 ids (user_namespaces(7)).
        if uid == 0 && read("/proc/self/uid_map")?.contains("4294967295") {
            return Ok(Self::Root);
        }
        Ok(Self::Rootless { uid, gid })
    }
}

/// Which file systems the runtime mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mounts {
    /// What `runc spec` writes: proc, dev with pts, shm and mqueue, sys, cgroup.
    #[default]
    Standard,
    /// proc and dev only: the cheapest container that can be called one. Not
    /// what engines do; label it "open".
    Minimal,
}

/// The filter of system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seccomp {
    /// None: for a runtime that cannot apply one.
    #[default]
    None,
    /// What Docker and containerd install unless they are told otherwise.
    Default,
    /// The same in the configuration, for a runtime that runs the program on a
    /// kernel of its own and leaves the filter out.
    Ignored,
}

/// Limits of the container's cgroup; none by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// Number of processes and threads.
    pub pids: Option<i64>,
    /// CPUs, as a list such as `0-1,3`. Without it the container may leave the
    /// CPU set of its caller, because its cgroup is made at the top.
    pub cpus: Option<String>,
}

/// Everything that varies between the containers of one image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerOptions {
    /// The arguments after the program's own name.
    pub args: Vec<String>,
    /// The whole environment, in this order.
    pub env: Vec<(String, String)>,
    /// A host directory, mounted read-write at `/work`, which is then the
    /// working directory; else that is `/`.
    pub work: Option<PathBuf>,
    /// The network.
    pub network: Network,
    /// Root or not.
    pub privileges: Privileges,
    /// The mounted file systems.
    pub mounts: Mounts,
    /// The filter of system calls.
    pub seccomp: Seccomp,
    /// The cgroup's limits.
    pub limits: Limits,
    /// The cgroup's path; else the runtime chooses one.
    pub cgroup: Option<String>,
    /// `oom_score_adj` of the container's processes; inherited if absent.
    pub oom_score_adj: Option<i32>,
}

/// What a result from a container with these options must be labelled with.
pub(crate) fn labels(options: &ContainerOptions) -> Vec<&'static str> {
    let mut labels = vec![match options.seccomp {
        Seccomp::None => "no-seccomp",
        Seccomp::Default => "seccomp=default",
        Seccomp::Ignored => "seccomp=own-kernel",
    }];
    labels.push(match options.network {
        Network::Host => "net=host",
        Network::Empty => "net=empty",
    });
    labels.extend(match options.privileges {
        Privileges::Root => ["root", "own-cgroup"],
        Privileges::Rootless { .. } => ["rootless", "no-own-cgroup"],
    });
    if options.limits != Limits::default() {
        labels.push("limits");
    }
    if options.mounts == Mounts::Minimal {
        labels.push("open:minimal-mounts");
    }
    labels
}
