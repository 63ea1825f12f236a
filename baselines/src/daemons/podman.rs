//! A Podman with nothing of the user's: neither settings nor storage.

use super::baseline::Baseline;
use super::error::{DaemonError, Say};
use super::folder::{Folder, folder_path, quoted};
use super::process::{PATIENT, PROMPT, command, said, spawn};
use rustix::process::{Resource, getrlimit};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The settings of the private Podman.
pub(crate) fn settings() -> PathBuf {
    settings_in(&folder_path())
}

fn settings_in(dir: &Path) -> PathBuf {
    dir.join("containers.conf")
}

/// Where the private Podman keeps everything, as words of its command line.
/// Not as settings: flags are what a service hands on to the process that cleans
/// up after each container.
pub(crate) fn places() -> Vec<String> {
    places_in(&folder_path())
}

fn places_in(dir: &Path) -> Vec<String> {
    let place = |flag: &str, name: &str| {
        let at = dir.join("podman").join(name);
        format!("--{flag}={}", at.display())
    };
    vec![
        place("root", "root"),
        place("runroot", "run"),
        place("tmpdir", "tmp"),
        "--storage-driver=overlay".to_owned(),
    ]
}

/// Podman with the private settings.
fn podman(folder: &Folder) -> Command {
    let mut podman = command("podman");
    podman.env("CONTAINERS_CONF", settings_in(&folder.dir));
    podman
}

pub(super) fn answers(folder: &Folder) -> bool {
    let mut asked = podman(folder);
    let endpoint = folder.endpoint(Baseline::Podman);
    asked.args(["--remote", "--url", &endpoint, "version"]);
    said(asked, PROMPT).is_some()
}

pub(super) fn start(folder: &Folder, say: Say<'_>) -> Result<bool, DaemonError> {
    let home = folder.file("podman");
    fs::create_dir_all(&home).map_err(DaemonError::io("create", &home))?;
    let path = settings_in(&folder.dir);
    let networks = quoted(&home.join("networks"));
    // It shares its locks with every other Podman of root, unless they are files.
    let text = format!(
        "[containers]\n\
         default_ulimits = [{}]\n\
         cgroupns = \"private\"\n\
         [engine]\n\
         cgroup_manager = \"cgroupfs\"\n\
         events_logger = \"none\"\n\
         lock_type = \"file\"\n\
         runtime = \"crun\"\n\
         [network]\n\
         network_config_dir = {networks}\n",
        limits(),
    );
    fs::write(&path, text).map_err(DaemonError::io("write", &path))?;
    let mut service = podman(folder);
    service.args(places_in(&folder.dir)).args([
        "--log-level=warn",
        "system",
        "service",
        "--time=0",
        &folder.endpoint(Baseline::Podman),
    ]);
    spawn(folder, Baseline::Podman, &service, answers, say)
}

/// Root's Podman raises the limits of its containers beyond what it has itself,
/// which fails where the machine allows no more. What it has are those of this
/// process, and as many processes as there are pids.
fn limits() -> String {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let files = getrlimit(Resource::Nofile).maximum;
    let files = files.or_else(|| number("/proc/sys/fs/nr_open"));
    let pids = number("/proc/sys/kernel/pid_max");
    let processes = getrlimit(Resource::Nproc).maximum;
    let processes = processes.into_iter().chain(pids).min();
    let limit =
        |name: &str, most: Option<u64>| most.map(|most| format!("\"{name}={most}:{most}\""));
    let limits = [limit("nofile", files), limit("nproc", processes)];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    limits.join(", ")
}

/// Containers outlive the service: conmon keeps them.
pub(super) fn end_containers(folder: &Folder) {
    if !settings_in(&folder.dir).exists() {
        return;
    }
    let mut removal = podman(folder);
    removal
        .args(places_in(&folder.dir))
        .args(["rm", "--all", "--force", "--time", "0"]);
    said(removal, PATIENT);
}
