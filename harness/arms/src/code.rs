//! Machine code that is kept between runs, so that verifying again does not
//! compile again. Nothing that is measured comes from here.

use assay_build::{Binaries, ProgramName};
use assay_model::{Bytes, Digest};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Who makes machine code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Compiler {
    /// A worker like the one that loads it: emulated where that is.
    InPlace,
    /// A worker of this machine, for whichever it is that loads it.
    OfThisMachine,
    /// Winch, in a worker like the one that loads it.
    Winch,
    /// Cranelift for the portable interpreter, in a worker of this machine.
    Pulley,
}

impl Compiler {
    pub(crate) const ALL: [Compiler; 4] = [
        Compiler::InPlace,
        Compiler::OfThisMachine,
        Compiler::Winch,
        Compiler::Pulley,
    ];

    /// Whether it runs where the code does.
    pub(crate) fn is_in_place(self) -> bool {
        matches!(self, Compiler::InPlace | Compiler::Winch)
    }

    /// Tells its code from that of the others.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Compiler::InPlace => "code",
            Compiler::OfThisMachine => "code-ahead",
            Compiler::Winch => "code-winch",
            Compiler::Pulley => "code-pulley",
        }
    }

    /// The worker that it is part of, and the directory for what it compiled: a
    /// worker's code is kept by its build, and each directory is for one worker
    /// and one target. None where there is no such worker, or where another
    /// compiler's is the same.
    pub(crate) fn store(self, binaries: &Binaries) -> Option<(PathBuf, PathBuf)> {
        let foreign = binaries.beside();
        let beside = match foreign {
            None => binaries.dir().parent().unwrap_or(binaries.dir()),
            Some(_) => binaries.dir(),
        };
        let worker = match (self, foreign) {
            (Compiler::InPlace, _) => binaries.path(ProgramName::Worker.file()),
            (Compiler::OfThisMachine, foreign) => foreign?.compiler(),
            (Compiler::Winch, _) | (Compiler::Pulley, None) => binaries.back_ends()?.to_owned(),
            (Compiler::Pulley, Some(foreign)) => foreign.compiler(),
        };
        Some((worker, beside.join(self.as_str())))
    }
}

/// A directory of machine code that one build of the worker made.
///
/// Loading machine code is running it, so the directory is only used if it is
/// this user's and nobody else can write there, and each file is held to the
/// SHA-256 that was taken when it was kept. The directory's name is the
/// SHA-256 of the worker: another build never sees it.
#[derive(Debug)]
pub(crate) struct CodeStore {
    dir: PathBuf,
}

/// Others may not write.
const PRIVATE: u32 = 0o700;
const OTHERS_WRITE: u32 = 0o022;

impl CodeStore {
    /// The store of a worker in a directory of stores; `None` where that is not
    /// this user's to write. Stores of other builds are removed: no program is
    /// left that could load what they hold.
    pub(crate) fn open(worker: &Path, stores: &Path) -> Option<CodeStore> {
        let digest = Digest::of(&fs::read(worker).ok()?);
        let dir = stores.join(digest.to_string());
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(PRIVATE);
        builder.create(&dir).ok()?;
        let own = |path: &Path| {
            let found = fs::symlink_metadata(path).ok()?;
            let private = found.mode() & OTHERS_WRITE == 0;
            let mine = found.uid() == rustix::process::geteuid().as_raw();
            (found.is_dir() && private && mine).then_some(())
        };
        own(stores)?;
        own(&dir)?;
        for other in fs::read_dir(stores).ok()?.flatten() {
            if other.path() != dir {
                let _ = fs::remove_dir_all(other.path());
            }
        }
        Some(CodeStore { dir })
    }

    fn code(&self, component: &Digest) -> PathBuf {
        self.dir.join(format!("{component}.cwasm"))
    }

    fn sum(&self, component: &Digest) -> PathBuf {
        self.dir.join(format!("{component}.sha256"))
    }

    /// Puts the machine code of a component at `to`, if it is kept whole.
    pub(crate) fn fetch(&self, component: &Digest, to: &Path) -> Option<Bytes> {
        let kept = self.code(component);
        let sum = fs::read_to_string(self.sum(component)).ok()?;
        let code = fs::read(&kept).ok()?;
        if Digest::of(&code).to_string() != sum {
            return None;
        }
        link(&kept, to).ok()?;
        Some(Bytes(code.len() as u64))
    }

    /// Keeps machine code. That it cannot be kept costs time and nothing else.
    pub(crate) fn keep(&self, component: &Digest, code: &Path) {
        let _ = self.try_keep(component, code);
    }

    fn try_keep(&self, component: &Digest, code: &Path) -> io::Result<()> {
        let sum = Digest::of(&fs::read(code)?);
        // A reader that sees one file of the two, or an old one, compiles.
        let partial = self
            .dir
            .join(format!(".{component}-{}", std::process::id()));
        let _ = fs::remove_file(&partial);
        link(code, &partial)?;
        fs::rename(&partial, self.code(component))?;
        fs::write(&partial, sum.to_string())?;
        fs::rename(&partial, self.sum(component))
    }
}

/// A second name for a file, or a copy where that is another file system.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::copy(from, to).map(|_| ())
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture {
        _dir: tempfile::TempDir,
        worker: PathBuf,
        stores: PathBuf,
        code: PathBuf,
        fetched: PathBuf,
    }

    fn fixture() -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        let binaries = dir.path().join("bin");
        fs::create_dir(&binaries).unwrap();
        let worker = binaries.join("assay-worker");
        fs::write(&worker, "one build").unwrap();
        let code = dir.path().join("made.cwasm");
        fs::write(&code, "machine code").unwrap();
        Fixture {
            worker,
            stores: dir.path().join("code"),
            code,
            fetched: dir.path().join("fetched.cwasm"),
            _dir: dir,
        }
    }

    #[test]
    fn what_was_kept_comes_back() {
        let fixture = fixture();
        let component = Digest::of(b"component");
        let store = CodeStore::open(&fixture.worker, &fixture.stores).unwrap();
        assert_eq!(store.fetch(&component, &fixture.fetched), None);
        store.keep(&component, &fixture.code);
        assert_eq!(store.fetch(&component, &fixture.fetched), Some(Bytes(12)));
        assert_eq!(fs::read(&fixture.fetched).unwrap(), b"machine code");
    }

    #[test]
    fn what_was_changed_does_not() {
        let fixture = fixture();
        let component = Digest::of(b"component");
        let store = CodeStore::open(&fixture.worker, &fixture.stores).unwrap();
        store.keep(&component, &fixture.code);
        fs::write(store.code(&component), "other code").unwrap();
        assert_eq!(store.fetch(&component, &fixture.fetched), None);
    }

    #[test]
    fn another_build_starts_with_nothing() {
        let fixture = fixture();
        let component = Digest::of(b"component");
        let old = CodeStore::open(&fixture.worker, &fixture.stores).unwrap();
        old.keep(&component, &fixture.code);
        fs::write(&fixture.worker, "another build").unwrap();
        let new = CodeStore::open(&fixture.worker, &fixture.stores).unwrap();
        assert_eq!(new.fetch(&component, &fixture.fetched), None);
        assert!(!old.dir.exists());
    }

    #[test]
    fn a_directory_that_others_can_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let fixture = fixture();
        let store = CodeStore::open(&fixture.worker, &fixture.stores).unwrap();
        fs::set_permissions(&store.dir, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(CodeStore::open(&fixture.worker, &fixture.stores).is_none());
    }
}
