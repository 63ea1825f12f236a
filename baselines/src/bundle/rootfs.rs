//! An image, unpacked.

use super::error::{BundleError, io_error};
use crate::elf::{Linkage, linkage};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Where the program lies in the container.
pub const PROGRAM: &str = "/app";
/// Where the optional host directory is mounted.
pub const WORK: &str = "/work";
/// Directories of the image besides the program: empty, there to be mounted on.
pub const MOUNT_POINTS: [&str; 5] = ["dev", "proc", "sys", "tmp", "work"];

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
}
