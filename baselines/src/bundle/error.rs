//! What keeps a bundle from being written.

use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong while a bundle is written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The program needs a loader that the image does not have.
    #[error("{path} is dynamically linked and cannot run on an image from scratch: build it with `-C target-feature=+crt-static`", path = .0.display())]
    Dynamic(PathBuf),
    /// The program is no executable of the supported kind.
    #[error("{path} is not a valid 64-bit ELF executable: build the native twin for this machine", path = .0.display())]
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

pub(super) fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BundleError {
    let path = path.to_owned();
    move |source| BundleError::Io {
        doing,
        path,
        source,
    }
}
