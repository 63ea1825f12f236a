//! The folder of the private daemons, and what is named after it.

use super::baseline::Baseline;
use super::error::{DaemonError, FOLDER_VARIABLE, LONGEST};
use assay_model::Digest;
use assay_observe::{Identity, process};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Network interfaces before the first start. Its file says that a folder is that of
/// private daemons, and may be removed.
pub(super) const LINKS_BEFORE: &str = "links.before";
const LOCK: &str = "lock";

/// Where private daemons keep everything: below the build directory of this
/// checkout, unless another folder is named.
pub(crate) fn folder_path() -> PathBuf {
    let named = std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| crate::services::target().join("baselines"));
    // Their command lines and mounts show it in one form only.
    let resolved = folder.canonicalize();
    resolved.unwrap_or_else(|_| std::path::absolute(&folder).unwrap_or(folder))
}

/// Where a private daemon listens; the folder, if there is no such daemon.
pub(crate) fn socket_of(one: Baseline) -> PathBuf {
    Folder::configured().socket(one)
}

/// The folder, and names that are taken from its path: unique on a machine.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) dir: PathBuf,
}

impl Folder {
    /// The folder that is named, whether or not it is there.
    pub(super) fn configured() -> Folder {
        Folder { dir: folder_path() }
    }

    /// The folder, made if it is not there: root's alone.
    ///
    /// # Errors
    /// When its path is too long, or it cannot be made.
    pub(super) fn create() -> Result<Folder, DaemonError> {
        let dir = folder_path();
        if dir.as_os_str().len() > LONGEST {
            return Err(DaemonError::TooLong(dir));
        }
        fs::create_dir_all(&dir).map_err(DaemonError::io("create", &dir))?;
        // Links in the path are resolved now that it is there.
        let folder = Folder::configured();
        let dir = folder.dir.clone();
        // `stop` removes the folder with all that is in it.
        if folder.is_unused() && folder.has_files()? {
            return Err(DaemonError::NotOurs(dir));
        }
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(&dir, mode).map_err(DaemonError::io("protect", &dir))?;
        Ok(folder)
    }

    /// Keeps others from starting and stopping here as long as the lock lives.
    ///
    /// # Errors
    /// [`DaemonError::Busy`] when somebody does already.
    pub(super) fn lock(&self) -> Result<File, DaemonError> {
        let path = self.file(LOCK);
        let file = File::create(&path).map_err(DaemonError::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(DaemonError::Busy(self.dir.clone())),
            Err(TryLockError::Error(error)) => Err(DaemonError::io("lock", &path)(error)),
        }
    }

    /// Whether nothing was ever started here; not if only root can tell.
    pub(super) fn is_unused(&self) -> bool {
        !self.file(LINKS_BEFORE).try_exists().unwrap_or(true)
    }

    /// Whether there is something in the folder that a start did not make.
    fn has_files(&self) -> Result<bool, DaemonError> {
        let entries = fs::read_dir(&self.dir).map_err(DaemonError::io("read", &self.dir))?;
        let mut names = entries.flatten().map(|entry| entry.file_name());
        Ok(names.any(|name| name != LOCK))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Where a daemon listens.
    pub(super) fn socket(&self, one: Baseline) -> PathBuf {
        self.file(one.socket_name().unwrap_or_default())
    }

    /// The same as clients of Docker's API take it.
    pub(super) fn endpoint(&self, one: Baseline) -> String {
        format!("unix://{}", self.socket(one).display())
    }

    /// What a daemon writes to stdout and stderr.
    pub(super) fn log(&self, one: Baseline) -> PathBuf {
        self.file(&format!("{one}.log"))
    }

    /// Which process a daemon is.
    fn note(&self, one: Baseline) -> PathBuf {
        self.file(&format!("{one}.pid"))
    }

    /// Notes which process a daemon is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn started(&self, one: Baseline, process: Identity) -> Result<(), DaemonError> {
        let path = self.note(one);
        fs::write(&path, format!("{process}\n")).map_err(DaemonError::io("write", &path))
    }

    /// Forgets a daemon that has ended, with its socket.
    pub(super) fn ended(&self, one: Baseline) {
        for path in [self.note(one), self.socket(one)] {
            let _ = fs::remove_file(path);
        }
    }

    /// The process of a daemon, if it runs.
    ///
    /// # Errors
    /// When the note cannot be read: it is root's.
    pub(super) fn running(&self, one: Baseline) -> io::Result<Option<Identity>> {
        let text = match fs::read_to_string(self.note(one)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let noted: Option<Identity> = text.parse().ok();
        Ok(noted.filter(|process| process.runs()))
    }

    /// Whether a daemon runs.
    pub(super) fn runs(&self, one: Baseline) -> bool {
        self.running(one).is_ok_and(|process| process.is_some())
    }

    /// Whether a process names this folder, or something in it, in its command
    /// line.
    pub(super) fn is_named_by(&self, pid: u32) -> bool {
        let inside = format!("{}/", self.dir.display());
        let words = process::cmdline(pid).unwrap_or_default();
        words.iter().any(|word| word.contains(&inside))
    }

    /// The control group of dockerd's containers.
    pub(super) fn group(&self) -> String {
        format!("assay-baselines-{}", self.tag())
    }

    /// The interface of Docker's bridge: at most 15 characters (`IFNAMSIZ`).
    pub(super) fn bridge(&self) -> String {
        format!("as{}", self.tag())
    }

    /// What tells names of this folder from those of another.
    fn tag(&self) -> String {
        let digest = Digest::of(self.dir.as_os_str().as_bytes()).to_string();
        digest.chars().take(8).collect()
    }
}

/// A path as a string of TOML and JSON: what JSON escapes, TOML reads the same.
pub(super) fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap();
        (dir, Folder { dir: path })
    }

    #[test]
    fn a_daemon_runs_if_its_process_is_the_one_that_was_noted() {
        let (_kept, folder) = folder();
        let one = Baseline::Docker;
        assert_eq!(folder.running(one).unwrap(), None);
        let own = Identity::of(std::process::id()).unwrap();
        folder.started(one, own).unwrap();
        assert_eq!(folder.running(one).unwrap(), Some(own));
        // The same number, and another process.
        fs::write(folder.note(one), format!("{} 1\n", own.pid())).unwrap();
        assert!(!folder.runs(one));
        // What names no start is nobody's.
        fs::write(folder.note(one), format!("{}\n", own.pid())).unwrap();
        assert!(!folder.runs(one));
        folder.ended(one);
        assert!(!folder.note(one).exists());
    }

    #[test]
    fn a_folder_with_files_of_others_is_known() {
        let (_kept, folder) = folder();
        assert!(folder.is_unused());
        drop(folder.lock().unwrap());
        assert!(!folder.has_files().unwrap(), "the lock is its own");
        fs::write(folder.file("thesis.tex"), "").unwrap();
        assert!(folder.has_files().unwrap());
        fs::write(folder.file(LINKS_BEFORE), "").unwrap();
        assert!(!folder.is_unused());
    }

    #[test]
    fn two_do_not_work_in_one_folder() {
        let (_kept, folder) = folder();
        let first = folder.lock().unwrap();
        assert!(matches!(folder.lock(), Err(DaemonError::Busy(dir)) if dir == folder.dir));
        drop(first);
        folder.lock().unwrap();
    }

    #[test]
    fn names_differ_by_folder_and_fit() {
        let (_one, one) = folder();
        let (_other, other) = folder();
        assert_ne!(one.group(), other.group());
        assert!(one.bridge().len() <= 15, "{}", one.bridge());
    }
}
