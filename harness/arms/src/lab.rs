use crate::code::{CodeStore, Compiler};
use crate::error::ArmError;
use crate::launcher::Launcher;
use crate::reserve::Reserve;
use crate::worker::Worker;
use assay_build::Binaries;
use assay_model::{Bytes, Digest, Nanos};
use assay_workloads::{Catalog, Component, FileTree, Workload, scan};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

/// Where arms work: the measured binaries, a launcher, scratch space, caches.
///
/// A lab is for one thread; [`Lab::beside`] makes another for a second one,
/// in the same scratch space. Everything there is gone when the last of them
/// is dropped.
pub struct Lab {
    /// The measured binaries.
    pub binaries: Binaries,
    /// Starts processes.
    pub launcher: Launcher,
    catalog: Arc<Catalog>,
    /// Compilers that stay up.
    compilers: HashMap<Compiler, Worker>,
    /// Engines that stay up.
    reserve: Reserve,
    shared: Arc<Shared>,
}

/// What the labs of one run have in common.
struct Shared {
    scratch: TempDir,
    next: AtomicU64,
    compiled: Mutex<HashMap<(Digest, Compiler), CodeSlot>>,
    kept: Kept,
    verifying: AtomicBool,
}

/// Held while its component is compiled, so that a second lab waits for the
/// machine code instead of making it again.
type CodeSlot = Arc<Mutex<Option<Compiled>>>;

/// Machine code of one component, which every Wasmtime arm loads: the configs
/// differ in allocation only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compiled {
    pub(crate) cwasm: PathBuf,
    /// What compiling it took, if it was compiled in this run.
    pub(crate) took: Option<Nanos>,
    pub(crate) size: Bytes,
}

/// Machine code of earlier runs.
type Kept = HashMap<Compiler, CodeStore>;

impl Lab {
    /// Sets up a lab.
    ///
    /// # Errors
    /// When the launcher does not start or there is no scratch space.
    pub fn new(binaries: Binaries, catalog: Catalog) -> Result<Lab, ArmError> {
        let launcher = Launcher::start(&binaries.launcher())?;
        Lab::with_launcher(binaries, catalog, launcher)
    }

    /// Sets up a lab around a launcher. Where nothing asks for it, as with arms
    /// that are a test's own, any will do.
    ///
    /// # Errors
    /// When there is no scratch space.
    pub fn with_launcher(
        binaries: Binaries,
        catalog: Catalog,
        launcher: Launcher,
    ) -> Result<Lab, ArmError> {
        let scratch = tempfile::Builder::new()
            .prefix("assay-")
            .tempdir()
            .map_err(ArmError::file(&std::env::temp_dir()))?;
        let kept = Compiler::ALL.into_iter().filter_map(|compiler| {
            let (worker, stores) = compiler.store(&binaries)?;
            Some((compiler, CodeStore::open(&worker, &stores)?))
        });
        let kept: Kept = kept.collect();
        Ok(Lab {
            binaries,
            launcher,
            catalog: Arc::new(catalog),
            compilers: HashMap::new(),
            reserve: Reserve::default(),
            shared: Arc::new(Shared {
                scratch,
                next: AtomicU64::new(0),
                compiled: Mutex::default(),
                kept,
                verifying: AtomicBool::new(false),
            }),
        })
    }

    /// A lab for another thread, with a launcher of its own.
    ///
    /// # Errors
    /// When the launcher does not start.
    pub fn beside(&self) -> Result<Lab, ArmError> {
        Ok(Lab {
            binaries: self.binaries.clone(),
            launcher: self.launcher.another()?,
            catalog: Arc::clone(&self.catalog),
            compilers: HashMap::new(),
            reserve: Reserve::default(),
            shared: Arc::clone(&self.shared),
        })
    }

    /// The catalog that workloads come from. A clone of it outlives every use of
    /// the lab.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Scratch space of this run.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.shared.scratch.path()
    }

    /// A path in scratch space that nobody has used.
    pub fn fresh_path(&mut self, stem: &str) -> PathBuf {
        let next = self.shared.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.scratch().join(format!("{stem}-{next}"))
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
            .scratch()
            .join(format!("{}.wasm", component.pin.sha256.short()));
        if !path.exists() {
            // Another lab may look at this moment and must not see half of it.
            let partial = self.fresh_path("component");
            std::fs::write(&partial, &component.wasm).map_err(ArmError::file(&partial))?;
            std::fs::rename(&partial, &path).map_err(ArmError::file(&path))?;
        }
        Ok((component, path))
    }

    /// Where the machine code of a component belongs. In scratch space, which
    /// only this user can write and which lives for one run: machine code is
    /// trusted when it is loaded.
    fn cwasm(&self, component: &Digest, compiler: Compiler) -> PathBuf {
        let name = format!("{}.{}.cwasm", component.short(), compiler.as_str());
        self.scratch().join(name)
    }

    /// Whether outcomes are compared and nothing else is asked, by this lab and
    /// those beside it: machine code that an earlier run compiled will do then.
    pub fn set_verifying(&self, verifying: bool) {
        self.shared.verifying.store(verifying, Ordering::Relaxed);
    }

    /// See [`Lab::set_verifying`].
    pub(crate) fn is_verifying(&self) -> bool {
        self.shared.verifying.load(Ordering::Relaxed)
    }

    /// A compiler that was put aside, if there is one.
    pub(crate) fn take_compiler(&mut self, compiler: Compiler) -> Option<Worker> {
        self.compilers.remove(&compiler)
    }

    /// Puts a compiler aside for the next component. Only under an emulator,
    /// which translates a program while it runs it: a compiler that has run
    /// before is several times as fast, and no one asks there what it took.
    /// Elsewhere each component has a worker of its own, because the compiler
    /// leaves a large heap behind.
    pub(crate) fn keep_compiler(&mut self, compiler: Compiler, worker: Worker) {
        if compiler.is_in_place() && self.binaries.emulator().is_some() {
            self.compilers.insert(compiler, worker);
        }
    }

    /// Engines that have ended one component and take the next; only under an
    /// emulator, and while nothing but outcomes is asked.
    pub(crate) fn reserve(&self) -> Option<Reserve> {
        let slow = self.binaries.emulator().is_some();
        (slow && self.is_verifying()).then(|| self.reserve.clone())
    }

    /// The machine code of a component: what a lab of this run compiled
    /// before, else what `compile` makes of it at the path that it is given.
    pub(crate) fn compiled(
        &self,
        component: &Digest,
        compiler: Compiler,
        compile: impl FnOnce(&Path) -> Result<Compiled, ArmError>,
    ) -> Result<Compiled, ArmError> {
        let slot = {
            let slots = self.shared.compiled.lock();
            let mut slots = slots.unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry((component.clone(), compiler)).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let from_before = self.is_verifying();
        if let Some(compiled) = &*slot
            && (from_before || compiled.took.is_some())
        {
            return Ok(compiled.clone());
        }
        let cwasm = self.cwasm(component, compiler);
        let kept = self.shared.kept.get(&compiler);
        if let Some(size) = kept
            .filter(|_| from_before)
            .and_then(|kept| kept.fetch(component, &cwasm))
        {
            let took = None;
            return Ok(slot.insert(Compiled { cwasm, took, size }).clone());
        }
        let compiled = compile(&cwasm)?;
        if let Some(kept) = kept {
            kept.keep(component, &compiled.cwasm);
        }
        Ok(slot.insert(compiled).clone())
    }
}
