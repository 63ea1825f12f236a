//! What is left where a daemon died before its containers did.
//!
//! Only what is below a process that names the folder, or in a control group that
//! its containers were given.

use super::error::{DaemonError, Say};
use super::folder::{Folder, LINKS_BEFORE};
use super::process::{has_ended, signal};
use assay_arms::remove_group;
use assay_observe::{Identity, cgroup, process};
use rustix::mount::{UnmountFlags, unmount};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// Folders that runtimes make at fixed places, which no flag moves; the inner ones
/// first.
const FIXED_PLACES: [&str; 8] = [
    "/run/containerd/s",
    "/run/containerd/fifo",
    "/run/containerd/runc",
    "/run/containerd/assay",
    "/run/containerd",
    "/run/docker/plugins",
    "/run/docker",
    "/run/crun",
];
/// Those of them in which runtimes leave folders: one for each namespace of
/// containerd, and one for each container that was killed together with what
/// watched it.
const WITH_FOLDERS: [&str; 3] = ["/run/containerd/runc", "/run/containerd/assay", "/run/crun"];
/// Sockets of shims.
const SHIM_SOCKETS: &str = "/run/containerd/s";

const ABSENT_BEFORE: &str = "absent.before";

/// Notes what there was before the first start: there has to be no more after the
/// end.
pub(super) fn note_what_is_there(folder: &Folder) -> Result<(), DaemonError> {
    let absent = FIXED_PLACES.into_iter();
    let absent: Vec<&str> = absent.filter(|at| !Path::new(at).exists()).collect();
    let links: Vec<String> = links().into_iter().collect();
    let notes = [
        (LINKS_BEFORE, links.join("\n")),
        (ABSENT_BEFORE, absent.join("\n")),
    ];
    for (name, text) in notes {
        let path = folder.file(name);
        if !path.exists() {
            fs::write(&path, text).map_err(DaemonError::io("write", &path))?;
        }
    }
    Ok(())
}

/// Names of the machine's network interfaces.
fn links() -> BTreeSet<String> {
    let entries = entries(Path::new("/sys/class/net")).into_iter();
    let names = entries.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    names.collect()
}

/// The fixed places that were not there before, the inner ones first.
fn absent_before(folder: &Folder) -> Vec<PathBuf> {
    let text = fs::read_to_string(folder.file(ABSENT_BEFORE)).unwrap_or_default();
    text.lines().map(PathBuf::from).collect()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Folders of tasks in containerd's state: `NAMESPACE/ID`.
fn tasks(folder: &Folder) -> Vec<PathBuf> {
    let all = folder.file("containerd/state/io.containerd.runtime.v2.task");
    let namespaces = entries(&all).into_iter();
    namespaces.flat_map(|one| entries(&one)).collect()
}

/// Whether this is a program of an engine, by its file: daemons, shims, and what
/// they start beside containers. crun runs a sealed copy of itself, which has no
/// path.
fn is_of_an_engine(exe: &Path) -> bool {
    const NAMES: [&str; 7] = [
        "containerd",
        "dockerd",
        "runc",
        "docker-proxy",
        "podman",
        "conmon",
        "crun",
    ];
    let text = exe.to_string_lossy();
    let name = text.rsplit('/').next().unwrap_or_default();
    // A package that was upgraded meanwhile.
    let name = name.trim_end_matches(" (deleted)");
    NAMES.contains(&name) || name.starts_with("containerd-shim") || text.starts_with("/memfd:")
}

/// Processes of engines that name the folder. A container's own process is a child
/// of one.
fn heads(folder: &Folder) -> BTreeSet<u32> {
    let of_an_engine = |pid: u32| {
        let exe = fs::read_link(format!("/proc/{pid}/exe"));
        exe.is_ok_and(|exe| is_of_an_engine(&exe))
    };
    let all = process::all().unwrap_or_default().into_iter();
    all.filter(|&pid| of_an_engine(pid) && folder.is_named_by(pid))
        .collect()
}

/// The control groups of these processes, as paths in a hierarchy.
fn groups_of(pids: impl IntoIterator<Item = u32>) -> BTreeSet<PathBuf> {
    let memberships = pids
        .into_iter()
        .filter_map(|pid| cgroup::of_process(pid).ok());
    let paths = memberships.flatten().map(|membership| membership.path);
    paths.filter(|path| is_a_containers(path)).collect()
}

/// Whether a container may have been given this group: not what lies outside of this
/// namespace, everybody's, or systemd's.
fn is_a_containers(path: &Path) -> bool {
    let mut parts = path.components();
    let ends = ["slice", "scope", "service"];
    parts.next() == Some(Component::RootDir)
        && path.parent().is_some()
        && parts.all(|part| matches!(part, Component::Normal(_)))
        && !path
            .extension()
            .is_some_and(|end| ends.iter().any(|one| end == *one))
}

/// The groups that containers were given, as their bundles say: a container that has
/// ended has no process any more, but still a group if nobody deleted it.
fn groups_of_bundles(folder: &Folder) -> BTreeSet<PathBuf> {
    let podman = entries(&folder.file("podman/root/overlay-containers"));
    let podman = podman.into_iter().map(|one| one.join("userdata"));
    let bundles = tasks(folder).into_iter().chain(podman);
    let texts = bundles.filter_map(|bundle| fs::read(bundle.join("config.json")).ok());
    let paths = texts.filter_map(|text| {
        let config: Value = serde_json::from_slice(&text).ok()?;
        Some(PathBuf::from(config["linux"]["cgroupsPath"].as_str()?))
    });
    paths.filter(|path| is_a_containers(path)).collect()
}

/// Processes that were stopped where they were, and groups of containers.
#[derive(Debug)]
pub(super) struct Leftovers {
    held: BTreeSet<Identity>,
    /// Paths in a hierarchy.
    groups: BTreeSet<PathBuf>,
}

impl Leftovers {
    /// Stops daemons, shims and the containers below them, all before one of them is
    /// ended: what has ended no longer leads to its children, and what runs may start
    /// more.
    pub(super) fn hold(folder: &Folder) -> Leftovers {
        let mut held = BTreeSet::new();
        let mut of_heads = BTreeSet::new();
        loop {
            let heads = heads(folder);
            of_heads.extend(groups_of(heads.iter().copied()));
            let below = heads
                .iter()
                .filter_map(|&pid| process::descendants(pid).ok());
            let all: BTreeSet<u32> = below.flatten().chain(heads.iter().copied()).collect();
            let found = all.into_iter().filter_map(Identity::of);
            let new: Vec<Identity> = found.filter(|one| !held.contains(one)).collect();
            if new.is_empty() {
                break;
            }
            for one in new {
                signal(one, Signal::STOP);
                held.insert(one);
            }
        }
        let mut groups = groups_of(held.iter().map(|one| one.pid()));
        // The group of a shim is that of whoever started its daemon.
        groups.retain(|path| !of_heads.contains(path));
        groups.extend(groups_of_bundles(folder));
        groups.insert(Path::new("/").join(folder.group()));
        Leftovers { held, groups }
    }

    /// Ends them, removes the groups, and what runtimes noted of containers that they
    /// never got to delete.
    pub(super) fn end(&self, folder: &Folder, say: Say<'_>) {
        for one in self.held.iter().filter(|one| one.runs()) {
            let line = process::cmdline(one.pid()).unwrap_or_default().join(" ");
            say(&format!(
                "ending what was left behind: {} {line}",
                one.pid()
            ));
            signal(*one, Signal::KILL);
        }
        for group in self.folders() {
            // A runtime that was ended here may have frozen a group, and what is frozen
            // in one of version 1 does not end.
            let _ = fs::write(group.join("freezer.state"), "THAWED");
        }
        self.held.iter().for_each(|one| {
            has_ended(*one);
        });
        // The last thread may leave a group later than its process seems to have ended.
        for _ in 0..20 {
            let folders = self.folders();
            if folders.is_empty() {
                break;
            }
            folders.iter().for_each(|group| remove_group(group));
            sleep(Duration::from_millis(100));
        }
        for task in tasks(folder) {
            let mut parts = task.components().rev();
            if let (Some(id), Some(namespace)) = (parts.next(), parts.next()) {
                let noted = Path::new(namespace.as_os_str()).join(id);
                for runtime in ["runc", "assay"] {
                    let _ =
                        fs::remove_dir_all(Path::new("/run/containerd").join(runtime).join(&noted));
                }
            }
        }
    }

    /// The groups that are there, in all hierarchies.
    fn folders(&self) -> Vec<PathBuf> {
        let hierarchies = cgroup::detect().unwrap_or_default().hierarchies;
        let below = |path: &Path| path.strip_prefix("/").unwrap_or(path).to_owned();
        let folders = hierarchies.iter().flat_map(|hierarchy| {
            let groups = self.groups.iter().map(|path| below(path));
            groups.map(|path| hierarchy.mount_point.join(path))
        });
        folders.filter(|folder| folder.is_dir()).collect()
    }

    /// What is still there, in words.
    pub(super) fn look(&self, folder: &Folder) -> Vec<String> {
        let mut found = Vec::new();
        let mut pids: BTreeSet<u32> = heads(folder);
        pids.extend(
            self.held
                .iter()
                .filter(|one| one.runs())
                .map(|one| one.pid()),
        );
        found.extend(pids.iter().map(|pid| format!("process {pid}")));
        let shown = |kind: &str, path: &Path| format!("{kind} {}", path.display());
        found.extend(mounts(&folder.dir).iter().map(|at| shown("mount", at)));
        found.extend(self.folders().iter().map(|at| shown("control group", at)));
        let places = absent_before(folder).into_iter().filter(|at| at.exists());
        found.extend(places.map(|at| shown("or in use by another:", &at)));
        let before = fs::read_to_string(folder.file(LINKS_BEFORE)).unwrap_or_default();
        let before: BTreeSet<&str> = before.lines().collect();
        let links = links();
        let links = links.iter().filter(|link| !before.contains(link.as_str()));
        found.extend(links.map(|link| format!("or made by another: network interface {link}")));
        found
    }
}

/// Mounts below a folder, the inner ones first.
fn mounts(dir: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let points = text.lines().filter_map(|line| line.split(' ').nth(4));
    let points = points.map(|point| PathBuf::from(point.replace("\\040", " ")));
    let mut inside: Vec<PathBuf> = points
        .filter(|point| point != dir && point.starts_with(dir))
        .collect();
    inside.sort();
    inside.reverse();
    inside
}

/// Removes mounts, and what runtimes leave at fixed places that were not there
/// before.
pub(super) fn tidy(folder: &Folder) {
    // The sockets that shims listened on are named in their state.
    for task in tasks(folder) {
        let address = fs::read_to_string(task.join("address")).unwrap_or_default();
        let socket = address.trim().strip_prefix("unix://").map(Path::new);
        if let Some(socket) = socket.filter(|at| at.parent() == Some(Path::new(SHIM_SOCKETS))) {
            let _ = fs::remove_file(socket);
        }
    }
    for at in mounts(&folder.dir) {
        if unmount(&at, UnmountFlags::empty()).is_err() {
            let _ = unmount(&at, UnmountFlags::DETACH);
        }
    }
    let absent = absent_before(folder);
    let was_absent = |at: &str| absent.iter().any(|one| one == Path::new(at));
    // A shim that was killed leaves its socket; where the folder is ours alone, those
    // that nobody listens on go.
    if was_absent(SHIM_SOCKETS) {
        let listening = fs::read_to_string("/proc/net/unix").unwrap_or_default();
        for socket in entries(Path::new(SHIM_SOCKETS)) {
            if !listening
                .lines()
                .any(|line| line.ends_with(&*socket.to_string_lossy()))
            {
                let _ = fs::remove_file(socket);
            }
        }
    }
    for at in WITH_FOLDERS.into_iter().filter(|at| was_absent(at)) {
        entries(Path::new(at))
            .iter()
            .for_each(|dir| remove_empty(dir));
    }
    // Only what is empty goes.
    for at in &absent {
        let _ = fs::remove_dir(at);
    }
}

/// Removes a folder with nothing but empty folders in it.
fn remove_empty(dir: &Path) {
    let is_folder = |path: &&PathBuf| path.is_dir() && !path.is_symlink();
    entries(dir)
        .iter()
        .filter(is_folder)
        .for_each(|one| remove_empty(one));
    let _ = fs::remove_dir(dir);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_are_known_by_their_files() {
        for known in [
            "/usr/bin/containerd",
            "/usr/bin/containerd-shim-runc-v2",
            "/usr/sbin/dockerd (deleted)",
            "/memfd:crun (deleted)",
        ] {
            assert!(is_of_an_engine(Path::new(known)), "{known}");
        }
        for other in [
            "/usr/bin/tail",
            "/usr/bin/containerd-stress",
            "/bin/podmaner",
        ] {
            assert!(!is_of_an_engine(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn groups_of_the_machine_are_no_containers() {
        for containers in ["/assay-1-c2", "/assay-baselines-0/abc", "/default/a.b"] {
            assert!(is_a_containers(Path::new(containers)), "{containers}");
        }
        for other in [
            "/",
            "/../x",
            "relative",
            "/system.slice/docker.service",
            "/init.scope",
            "",
        ] {
            assert!(!is_a_containers(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn an_inner_place_is_removed_before_the_one_around_it() {
        for (index, outer) in FIXED_PLACES.iter().enumerate() {
            let later = FIXED_PLACES.iter().skip(index);
            let inside = |at: &&&str| at.starts_with(&format!("{outer}/"));
            assert_eq!(later.filter(inside).count(), 0, "{outer}");
        }
    }

    #[test]
    fn what_is_absent_before_is_noted_once_and_in_that_order() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder {
            dir: dir.path().canonicalize().unwrap(),
        };
        note_what_is_there(&folder).unwrap();
        let absent = absent_before(&folder);
        let all = FIXED_PLACES.into_iter().map(PathBuf::from);
        let expected: Vec<PathBuf> = all.filter(|at| absent.contains(at)).collect();
        assert_eq!(absent, expected);
        fs::write(folder.file(ABSENT_BEFORE), "/nowhere").unwrap();
        note_what_is_there(&folder).unwrap();
        assert_eq!(absent_before(&folder), [Path::new("/nowhere")]);
    }

    #[test]
    fn only_folders_without_a_file_go() {
        let dir = tempfile::tempdir().unwrap();
        let (empty, full) = (dir.path().join("a/b"), dir.path().join("c/d"));
        fs::create_dir_all(&empty).unwrap();
        fs::create_dir_all(&full).unwrap();
        fs::write(full.join("state"), "").unwrap();
        entries(dir.path()).iter().for_each(|one| remove_empty(one));
        assert!(!dir.path().join("a").exists());
        assert!(full.join("state").exists());
    }

    #[test]
    fn a_bundle_says_which_group_its_container_has() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder {
            dir: dir.path().canonicalize().unwrap(),
        };
        let bundles = [
            (
                "containerd/state/io.containerd.runtime.v2.task/ns/one",
                "/one",
            ),
            ("containerd/state/io.containerd.runtime.v2.task/ns/two", "/"),
            ("podman/root/overlay-containers/three/userdata", "/three/x"),
        ];
        for (bundle, group) in bundles {
            let bundle = folder.file(bundle);
            fs::create_dir_all(&bundle).unwrap();
            let config = serde_json::json!({ "linux": { "cgroupsPath": group } });
            fs::write(bundle.join("config.json"), config.to_string()).unwrap();
        }
        let found: Vec<PathBuf> = groups_of_bundles(&folder).into_iter().collect();
        assert_eq!(found, [Path::new("/one"), Path::new("/three/x")]);
    }
}
