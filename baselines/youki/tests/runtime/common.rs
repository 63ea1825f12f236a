//! One container per test, and a look at what it leaves behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use assay_baselines::bundle::{Bundle, ContainerOptions, Privileges, Rootfs};

/// Why there can be no container here, asked of util-linux and not of the
/// program under test; `None` when there can.
pub fn refused() -> Option<String> {
    let flags: &[&str] = match Privileges::of_caller().unwrap() {
        Privileges::Root => &["--mount", "--pid", "--ipc", "--uts", "--fork"],
        Privileges::Rootless { .. } => &["--user", "--map-root-user", "--mount", "--pid", "--fork"],
    };
    let tried = Command::new("unshare").args(flags).arg("true").output();
    let output = tried.expect("these tests need `unshare` of util-linux");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Ends a test early where the kernel refuses namespaces, and says so.
macro_rules! need_namespaces {
    () => {
        if let Some(reason) = $crate::common::refused() {
            eprintln!("SKIPPED: namespaces are refused here: {}", reason.trim());
            return;
        }
    };
}

/// The payload as a static executable, compiled once per test program.
pub fn payload() -> &'static Path {
    static PAYLOAD: OnceLock<PathBuf> = OnceLock::new();
    PAYLOAD.get_or_init(|| {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(std::process::id().to_string());
        fs::create_dir_all(&dir).unwrap();
        let out = dir.join("payload");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtime/payload.rs");
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let compiled = Command::new(rustc)
            .args([
                "--edition=2024",
                "-Cpanic=abort",
                "-Ctarget-feature=+crt-static",
            ])
            .arg(source)
            .arg("-o")
            .arg(&out)
            .status();
        assert!(compiled.unwrap().success(), "the payload does not compile");
        out
    })
}

pub(crate) use need_namespaces;

/// A bundle with its state directory and a container id nobody else has.
pub struct Case {
    pub dir: tempfile::TempDir,
    pub bundle: Bundle,
    pub id: String,
}

impl Case {
    /// A container that runs the payload with `args`.
    pub fn new(args: &[&str]) -> Self {
        Self::with(args, ContainerOptions::default())
    }

    /// The same with options; its arguments are replaced.
    pub fn with(args: &[&str], options: ContainerOptions) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let id = format!("assay-test-{}-{number}", std::process::id());
        let dir = tempfile::tempdir().unwrap();
        let rootfs = Rootfs::create(payload(), &dir.path().join("rootfs")).unwrap();
        let mut args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        // So that the process can be found from outside.
        args.push(id.clone());
        let privileges = match options.privileges {
            Privileges::Root => Privileges::of_caller().unwrap(),
            rootless => rootless,
        };
        let options = ContainerOptions {
            args,
            privileges,
            ..options
        };
        let bundle = Bundle::write(&dir.path().join("bundle"), &rootfs, &options).unwrap();
        Self { dir, bundle, id }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// A command with the verb and the state directory.
    pub fn verb(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay-youki"));
        command.arg(verb).arg("--root").arg(self.root());
        command
    }

    /// A foreground `run`, with extra flags.
    pub fn run_command(&self, flags: &[&str]) -> Command {
        let mut command = self.verb("run");
        command.arg("--bundle").arg(self.bundle.dir()).args(flags);
        command.arg(&self.id).stdin(Stdio::null());
        command
    }

    pub fn run(&self, flags: &[&str]) -> Output {
        self.run_command(flags).output().unwrap()
    }

    /// What is left of the container: state, cgroups, mounts, processes.
    pub fn leftovers(&self) -> Vec<String> {
        let mut left = Vec::new();
        let state = self.root().join(&self.id);
        if state.exists() {
            left.push(state.display().to_string());
        }
        find_cgroups(Path::new("/sys/fs/cgroup"), &self.id, 3, &mut left);
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let below = self.dir.path().to_str().unwrap();
        left.extend(
            mounts
                .lines()
                .filter(|line| line.contains(below))
                .map(str::to_owned),
        );
        left.extend(self.processes());
        left
    }

    /// Command lines of live processes that carry the container's id.
    pub fn processes(&self) -> Vec<String> {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .filter(|line| line.contains(&self.id))
            .collect()
    }
}

impl Drop for Case {
    /// A test that failed half-way must not leave its container running.
    fn drop(&mut self) {
        let _ = self.verb("delete").args(["--force", &self.id]).output();
    }
}

fn find_cgroups(dir: &Path, id: &str, depth: u32, left: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if entry.file_name().to_string_lossy().contains(id) {
            left.push(entry.path().display().to_string());
        }
        if depth > 1 {
            find_cgroups(&entry.path(), id, depth - 1, left);
        }
    }
}

/// Waits for something that happens soon.
pub fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !happened() {
        assert!(Instant::now() < deadline, "{what} did not happen in 20 s");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
