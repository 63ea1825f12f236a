//! A lab, the arms that work here, and a look at what they leave behind.

use assay_arms::{Arm, Binaries, Lab};
use assay_baselines::{Ctr, Docker, Oci, OciRuntime, Tier};
use assay_build::Programs;
use assay_model::Availability;
use assay_workloads::{Catalog, Workload};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

fn binaries() -> &'static Binaries {
    static FOUND: OnceLock<Binaries> = OnceLock::new();
    FOUND.get_or_init(|| {
        let tell = &mut |what: &str| eprintln!("{what}");
        let catalog = Catalog::load(Catalog::default_directory()).expect("the catalog loads");
        let used = ["cli/hello", "cli/hold", "clock/sleep"];
        let used = used.map(|id| catalog.workload(id).expect("the fixed set has it"));
        let here = all();
        let needs = here.iter().flat_map(|here| here.arm.needs(&used));
        let found = Binaries::find_or_build(&catalog, &Programs::of(needs), tell);
        found.expect("the measured binaries are here").0
    })
}

pub fn lab() -> Lab {
    let catalog = Catalog::load(Catalog::default_directory()).unwrap();
    Lab::new(binaries().clone(), catalog).unwrap()
}

pub fn workload(lab: &Lab, id: &str) -> Workload {
    let found = lab
        .catalog()
        .workloads()
        .iter()
        .find(|workload| workload.id.as_str() == id);
    found.expect("the fixed set has it").clone()
}

/// Tests of this program take turns: each looks at the whole machine for what
/// the others would have running.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An arm that works here; those of daemons have no runtime of ours behind them.
pub struct Here {
    pub arm: Box<dyn Arm>,
    pub runtime: Option<&'static OciRuntime>,
}

fn all() -> Vec<Here> {
    let oci = |runtime| Here {
        arm: Box::new(Oci::new(runtime, Tier::Scratch).unwrap()),
        runtime: Some(runtime),
    };
    let mut all: Vec<Here> = OciRuntime::all().map(oci).collect();
    all.push(Here {
        arm: Box::new(Ctr::new(Tier::Scratch).unwrap()),
        runtime: None,
    });
    let bridged = |tier| Docker::api(tier).and_then(Docker::bridged);
    for docker in [
        Docker::api,
        Docker::cli,
        Docker::podman,
        Docker::podman_cli,
        bridged,
    ] {
        all.push(Here {
            arm: Box::new(docker(Tier::Scratch).unwrap()),
            runtime: None,
        });
    }
    all
}

/// The arms whose runtime works here; the others are named, and fail the test
/// if they are required.
pub fn working(lab: &mut Lab) -> Vec<Here> {
    let required = std::env::var("ASSAY_REQUIRE").unwrap_or_default();
    let mut working = Vec::new();
    for here in all() {
        match here.arm.detect(lab).availability {
            Availability::Available { version } => {
                eprintln!("{}: {version}", here.arm.id());
                working.push(here);
            }
            Availability::Unavailable { reason, remedy } => {
                let id = here.arm.id().as_str();
                assert!(
                    !required.split(',').any(|name| name == id),
                    "{id} is required: {reason}; {remedy}"
                );
                eprintln!("SKIPPED {id}: {reason}; {remedy}");
            }
        }
    }
    working
}

pub fn is_root() -> bool {
    use assay_baselines::bundle::Privileges;
    Privileges::of_caller().unwrap() == Privileges::Root
}

/// Marks of this test program: its containers have ids that begin so, and its
/// files are in scratch space of labs.
fn id_prefix() -> String {
    format!("assay-{}-", std::process::id())
}

/// Control groups of containers of this program.
fn cgroups() -> Vec<PathBuf> {
    let mut found = Vec::new();
    find(Path::new("/sys/fs/cgroup"), &id_prefix(), 4, &mut found);
    found
}

fn find(dir: &Path, part: &str, depth: u32, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_symlink() || !path.is_dir() {
            continue;
        }
        if path.file_name().unwrap().to_string_lossy().contains(part) {
            found.push(path.clone());
        }
        if depth > 0 {
            find(&path, part, depth - 1, found);
        }
    }
}

/// Hundredths of a second since the machine started, as the kernel dates
/// processes.
pub fn ticks() -> u64 {
    let text = fs::read_to_string("/proc/uptime").unwrap();
    let seconds = text.split_whitespace().next().unwrap();
    seconds.replace('.', "").parse().unwrap()
}

/// When a process started.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Fields after the name, which may hold anything: the 20th of them.
    stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

/// What is left of containers, in words: mounts of this lab's files, control
/// groups, processes that name either, and whoever has been in one of
/// `namespaces` since before `until`: their numbers are used again.
pub fn leftovers(lab: &Lab, namespaces: &BTreeSet<String>, until: u64) -> Vec<String> {
    let scratch = lab.scratch().to_str().unwrap().to_owned();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let pinned = |line: &&str| {
        line.contains(&scratch) || namespaces.iter().any(|namespace| line.contains(namespace))
    };
    let mut left: Vec<String> = mounts
        .lines()
        .filter(pinned)
        .map(|line| format!("mount {line}"))
        .collect();
    left.extend(
        cgroups()
            .iter()
            .map(|path| format!("cgroup {}", path.display())),
    );
    left.extend(in_docker());
    left.extend(in_containerd());
    for pid in pids() {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(&scratch) || line.contains(&id_prefix()) {
            left.push(format!("process {pid}: {line}"));
        }
        if started(pid).is_none_or(|at| at > until) {
            continue;
        }
        for namespace in namespaces_of(pid).intersection(namespaces) {
            left.push(format!("process {pid} in {namespace}: {line}"));
        }
    }
    left
}

/// A socket of a private daemon.
fn socket(name: &str) -> Option<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::var_os("ASSAY_BASELINES").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| checkout.join("target/baselines"));
    folder.join(name).canonicalize().ok()
}

/// What containerd's own client says to a question, a line each.
fn ctr(words: &[&str]) -> Vec<String> {
    let Some(socket) = socket("containerd.sock") else {
        return Vec::new();
    };
    let asked = std::process::Command::new("ctr")
        .arg("--address")
        .arg(socket)
        .args(words)
        .output();
    let said = asked.map(|output| output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    said.lines().map(str::to_owned).collect()
}

/// Namespaces of containerd that belong to this program: one for each image.
pub fn containerd_namespaces() -> Vec<String> {
    let mut all = ctr(&["namespaces", "list", "--quiet"]);
    all.retain(|name| name.starts_with(&id_prefix()));
    all
}

/// Tasks, containers, leases and snapshots of containers of this program in the
/// private containerd, if one runs.
fn in_containerd() -> Vec<String> {
    let mut left = Vec::new();
    for namespace in containerd_namespaces() {
        for kind in ["tasks", "containers", "leases"] {
            let found = ctr(&["--namespace", &namespace, kind, "list", "--quiet"]);
            left.extend(found.iter().map(|id| format!("{kind} of containerd: {id}")));
        }
        let snapshots = ctr(&["--namespace", &namespace, "snapshots", "list"]);
        // The image's own is committed, a container's is not.
        let active = snapshots.iter().filter(|line| line.ends_with("Active"));
        left.extend(active.map(|line| format!("snapshot {line}")));
    }
    left
}

/// Containers of this program in the store of the private dockerd, if one runs.
fn in_docker() -> Vec<String> {
    let Some(host) = std::env::var("ASSAY_DOCKER_HOST")
        .ok()
        .or_else(|| Some(format!("unix://{}", socket("docker.sock")?.display())))
    else {
        return Vec::new();
    };
    let asked = std::process::Command::new("docker")
        .args(["--host", &host, "ps", "--all", "--quiet", "--filter"])
        .arg(format!("name={}", id_prefix()))
        .output();
    let said = asked.map(|output| output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    said.lines().map(|id| format!("container {id}")).collect()
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// `mnt:[4026531841]` and so on.
pub fn namespaces_of(pid: u32) -> BTreeSet<String> {
    ["mnt", "pid", "ipc", "uts", "net", "cgroup", "user"]
        .iter()
        .filter_map(|kind| fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok())
        .map(|link| link.display().to_string())
        .collect()
}

/// The namespaces that a process has to itself.
pub fn own_namespaces(pid: u32) -> BTreeSet<String> {
    let ours = namespaces_of(std::process::id());
    namespaces_of(pid).difference(&ours).cloned().collect()
}

/// Ends of pairs of network interfaces on this side: one for each container on a
/// bridge.
pub fn veths() -> BTreeSet<String> {
    let entries = fs::read_dir("/sys/class/net").unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("veth")).collect()
}

/// A field of `/proc/PID/status`.
pub fn status(pid: u32, field: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.expect("the kernel has this field")
        .trim_matches([':', '\t', ' '])
        .to_owned()
}
