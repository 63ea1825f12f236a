//! OCI bundles from scratch: one static executable and a configuration.
//!
//! The same bundle runs under every runtime that reads
//! [OCI bundles](https://github.com/opencontainers/runtime-spec): `assay-youki`,
//! crun, runc, gVisor. So what a runtime is charged for is the same work.
//!
//! # What the container is
//! The image holds the program as `/app` and empty directories to mount on. It
//! has its own pid, mount, ipc, uts and cgroup namespace, the mounts, masked and
//! read-only paths that `runc spec` writes, a read-only root, no capability, and
//! `no_new_privs`. With [`Network::Host`] it shares the network of its caller;
//! with [`Network::Empty`] it has a network namespace with nothing in it but a
//! loopback device that is down.
//!
//! The program is process 1 of its pid namespace, as in any container without
//! an init: the kernel shields it from signals it does not handle, and its
//! `abort()` shows as 139 instead of 134 (see `assay-youki run --init`).
//!
//! Nothing is added to its environment here. crun and runc add `HOME`;
//! `assay-youki` passes exactly what the configuration says.
//!
//! # The system call filter
//! With [`Seccomp::Default`] the bundle carries the profile that engines install
//! unless they are told otherwise (`seccomp.rs`). `assay-youki` cannot apply one,
//! because libcontainer needs the C library libseccomp for that and is built
//! without it, so that no C library has to be installed; it is given
//! [`Seccomp::None`]. **Bias: that favours it**: compiling and loading a filter
//! costs time at every start, and running under one costs time at every system
//! call. It is less isolated too. [`Bundle::labels`] says so, and a chart must.
//!
//! # Without root
//! [`Privileges::Rootless`] adds a user namespace that maps the caller to
//! root of the container. Such a container has **no cgroup of its own** (no
//! limits, no accounting), because the directories belong to root; `/sys` is the
//! host's, mounted in, because the kernel lets only the owner of a network
//! namespace mount a new one. [`Bundle::labels`] says so, and a chart must.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::elf::{Linkage, linkage};
use crate::spec;

/// Where the program lies in the container.
pub const PROGRAM: &str = "/app";
/// Where the optional host directory is mounted.
pub const WORK: &str = "/work";
/// Directories of the image besides the program: empty, there to be mounted on.
pub const MOUNT_POINTS: [&str; 5] = ["dev", "proc", "sys", "tmp", "work"];

/// What can go wrong while a bundle is written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The program needs a loader that the image does not have.
    #[error("{path} is dynamically linked and cannot run on an image from scratch: build it with `-C target-feature=+crt-static`", path = .0.display())]
    Dynamic(PathBuf),
    /// The program is no executable of the supported kind.
    #[error("{path} is no 64-bit ELF executable: build the native twin for this machine", path = .0.display())]
    NotElf(PathBuf),
    /// Limits need a cgroup, which needs root.
    #[error(
        "limits need a cgroup, and a container without root has none: run as root or drop the limits"
    )]
    LimitsNeedRoot,
    /// A path that JSON cannot hold.
    #[error("{0:?} is not valid UTF-8, which config.json requires: choose another directory")]
    NotUtf8(PathBuf),
    /// The configuration could not be put together.
    #[error("cannot build config.json")]
    Spec(#[from] oci_spec::OciSpecError),
    /// The file system refused.
    #[error("cannot {doing} {path}", path = .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

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

/// An unpacked image. Many bundles can share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rootfs {
    path: PathBuf,
    /// What is mounted at [`PROGRAM`], where the image itself is shared by
    /// several programs.
    mounted: Option<PathBuf>,
    entry: Vec<String>,
}

impl Rootfs {
    /// Writes the image of a static `program` into `dir`, which is created.
    ///
    /// # Errors
    /// [`BundleError::Dynamic`] and [`BundleError::NotElf`] when the program
    /// could not run there; [`BundleError::Io`] when the file system refuses.
    pub fn create(program: &Path, dir: &Path) -> Result<Self, BundleError> {
        let bytes = fs::read(program).map_err(io_error("read", program))?;
        match linkage(&bytes) {
            Linkage::Static => {}
            Linkage::Dynamic => return Err(BundleError::Dynamic(program.to_owned())),
            Linkage::NotElf => return Err(BundleError::NotElf(program.to_owned())),
        }
        for name in MOUNT_POINTS {
            let path = dir.join(name);
            fs::create_dir_all(&path).map_err(io_error("create", &path))?;
        }
        let app = dir.join(PROGRAM.trim_start_matches('/'));
        fs::write(&app, bytes).map_err(io_error("write", &app))?;
        // The payload has no capability, so root needs the bits like anyone.
        fs::set_permissions(&app, fs::Permissions::from_mode(0o755))
            .map_err(io_error("make executable", &app))?;
        Self::open(dir)
    }

    /// Takes a directory that holds an image already, with a static program as
    /// `/app`.
    ///
    /// # Errors
    /// [`BundleError::Io`] when it is not there.
    pub fn open(dir: &Path) -> Result<Self, BundleError> {
        let path = fs::canonicalize(dir).map_err(io_error("resolve", dir))?;
        Ok(Self {
            path,
            mounted: None,
            entry: vec![PROGRAM.to_owned()],
        })
    }

    /// Takes an image that several programs share: `app` (a file or a folder) is
    /// mounted into it at `/app`, read-only, and `entry` starts the program. For
    /// a runtime that starts bundles this is what a layer above another is for
    /// an engine that has images.
    ///
    /// # Errors
    /// [`BundleError::Io`] when one of them is not there.
    pub fn shared(dir: &Path, app: &Path, entry: Vec<String>) -> Result<Self, BundleError> {
        let app = fs::canonicalize(app).map_err(io_error("resolve", app))?;
        Ok(Self {
            mounted: Some(app),
            entry,
            ..Self::open(dir)?
        })
    }

    /// The absolute path of the image.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same for an engine that has put the program into the image itself.
    #[must_use]
    pub(crate) fn layered(self) -> Self {
        Self {
            mounted: None,
            ..self
        }
    }

    /// What is mounted at [`PROGRAM`].
    #[must_use]
    pub fn mounted(&self) -> Option<&Path> {
        self.mounted.as_deref()
    }

    /// The words that start the program.
    #[must_use]
    pub fn entry(&self) -> &[String] {
        &self.entry
    }
}

/// A bundle on disk: a directory with `config.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    dir: PathBuf,
    labels: Vec<&'static str>,
}

impl Bundle {
    /// Writes `config.json` into `dir`, which is created. The image stays where
    /// it is; any number of containers can be started from one bundle.
    ///
    /// # Errors
    /// [`BundleError::LimitsNeedRoot`], [`BundleError::NotUtf8`], and
    /// [`BundleError::Io`] when the file system refuses.
    pub fn write(
        dir: &Path,
        rootfs: &Rootfs,
        options: &ContainerOptions,
    ) -> Result<Self, BundleError> {
        let spec = spec::build(rootfs, options)?;
        fs::create_dir_all(dir).map_err(io_error("create", dir))?;
        let file = dir.join("config.json");
        let json = serde_json::to_vec(&spec)
            .map_err(|error| io_error("encode", &file)(io::Error::other(error)))?;
        fs::write(&file, json).map_err(io_error("write", &file))?;
        Ok(Self {
            dir: fs::canonicalize(dir).map_err(io_error("resolve", dir))?,
            labels: labels(options),
        })
    }

    /// The directory to hand to a runtime's `--bundle`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What a result from this bundle must be labelled with.
    #[must_use]
    pub fn labels(&self) -> &[&'static str] {
        &self.labels
    }
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

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BundleError {
    let path = path.to_owned();
    move |source| BundleError::Io {
        doing,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_needs_a_loader_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        let refused = Rootfs::create(&script, &dir.path().join("rootfs"));
        assert!(matches!(refused, Err(BundleError::NotElf(path)) if path == script));
    }

    #[test]
    fn limits_without_root_are_refused_before_anything_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let rootfs = Rootfs::open(dir.path()).unwrap();
        let bundle = dir.path().join("bundle");
        let options = ContainerOptions {
            privileges: Privileges::Rootless { uid: 7, gid: 7 },
            limits: Limits {
                pids: Some(3),
                ..Limits::default()
            },
            ..ContainerOptions::default()
        };
        let refused = Bundle::write(&bundle, &rootfs, &options);
        assert!(matches!(refused, Err(BundleError::LimitsNeedRoot)));
        assert!(!bundle.exists());
    }

    #[test]
    fn labels_say_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let rootfs = Rootfs::open(dir.path()).unwrap();
        let options = ContainerOptions {
            privileges: Privileges::Rootless { uid: 7, gid: 7 },
            network: Network::Empty,
            ..ContainerOptions::default()
        };
        let bundle = Bundle::write(&dir.path().join("b"), &rootfs, &options).unwrap();
        for label in ["no-seccomp", "net=empty", "rootless", "no-own-cgroup"] {
            assert!(bundle.labels().contains(&label), "{label} is missing");
        }
        assert!(bundle.dir().join("config.json").is_file());
    }
}
