//! A bundle on disk.

use super::error::{BundleError, io_error};
use super::options::{ContainerOptions, labels};
use super::rootfs::Rootfs;
use super::spec;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{Limits, Network, Privileges};

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
