use crate::binaries::Binaries;
use crate::error::ArmError;
use crate::launcher::Launcher;
use assay_model::{Bytes, Digest, Nanos};
use assay_workloads::{Catalog, Component, FileTree, Workload, scan};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where arms work: the measured binaries, a launcher, scratch space, caches.
///
/// Everything under its scratch directory is gone when it is dropped.
pub struct Lab {
    /// The measured binaries.
    pub binaries: Binaries,
    /// Starts processes.
    pub launcher: Launcher,
    catalog: Catalog,
    scratch: TempDir,
    next: u64,
    pub(crate) compiled: HashMap<Digest, Compiled>,
}

/// Machine code of one component, which every Wasmtime arm loads: the configs
/// differ in allocation only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compiled {
    pub(crate) cwasm: PathBuf,
    pub(crate) took: Nanos,
    pub(crate) size: Bytes,
}

impl Lab {
    /// Sets up a lab.
    ///
    /// # Errors
    /// When the launcher does not start or there is no scratch space.
    pub fn new(binaries: Binaries, catalog: Catalog) -> Result<Lab, ArmError> {
        let scratch = tempfile::Builder::new()
            .prefix("assay-")
            .tempdir()
            .map_err(ArmError::file(&std::env::temp_dir()))?;
        // macOS aside, a temporary directory may be a link; mounts need the
        // real path.
        let launcher = Launcher::start(&binaries.path("assay-launcher"))?;
        Ok(Lab {
            binaries,
            launcher,
            catalog,
            scratch,
            next: 0,
            compiled: HashMap::new(),
        })
    }

    /// The catalog that workloads come from.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Scratch space of this run.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// A path in scratch space that nobody has used.
    pub fn fresh_path(&mut self, stem: &str) -> PathBuf {
        self.next += 1;
        self.scratch.path().join(format!("{stem}-{}", self.next))
    }

    /// A new directory in scratch space.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn fresh_dir(&mut self, stem: &str) -> Result<PathBuf, ArmError> {
        let path = self.fresh_path(stem);
        std::fs::create_dir(&path).map_err(ArmError::file(&path))?;
        Ok(path)
    }

    /// A new directory holding a case's files.
    ///
    /// # Errors
    /// When they cannot be laid out.
    pub fn lay_out(&mut self, files: &FileTree) -> Result<PathBuf, ArmError> {
        let dir = self.fresh_dir("work")?;
        files.write_to(&dir)?;
        Ok(dir)
    }

    /// What a program left in its directory, which is then removed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn collect(&mut self, dir: &Path) -> Result<assay_model::Tree, ArmError> {
        let tree = scan(dir)?;
        std::fs::remove_dir_all(dir).map_err(ArmError::file(dir))?;
        Ok(tree)
    }

    /// The component of a workload, unpacked and checked against its pin, and
    /// the file in scratch space that holds it.
    ///
    /// # Errors
    /// When its bytes are not the pinned ones.
    pub fn component(&mut self, workload: &Workload) -> Result<(Component, PathBuf), ArmError> {
        let component = self.catalog.component(workload)?;
        let path = self
            .scratch
            .path()
            .join(format!("{}.wasm", component.pin.sha256.short()));
        if !path.exists() {
            std::fs::write(&path, &component.wasm).map_err(ArmError::file(&path))?;
        }
        Ok((component, path))
    }

    /// Where the machine code of a component belongs. In scratch space, which
    /// only this user can write and which lives for one run: machine code is
    /// trusted when it is loaded.
    pub(crate) fn cwasm(&self, component: &Digest) -> PathBuf {
        self.scratch
            .path()
            .join(format!("{}.cwasm", component.short()))
    }
}
