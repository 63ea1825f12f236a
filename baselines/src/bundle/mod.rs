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

mod error;
mod options;
mod rootfs;
mod spec;
mod write;

pub use error::BundleError;
pub(crate) use options::labels;
pub use options::{ContainerOptions, Limits, Mounts, Network, Privileges, Seccomp};
pub use rootfs::{MOUNT_POINTS, PROGRAM, Rootfs, WORK};
pub(crate) use spec::build as spec;
pub use write::Bundle;
