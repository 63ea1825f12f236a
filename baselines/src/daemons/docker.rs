//! The private containerd, and the private dockerd above it.

use super::baseline::Baseline;
use super::error::{DaemonError, Say};
use super::folder::{Folder, quoted};
use super::process::{PATIENT, PROMPT, command, said, spawn};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Docker's network for containers with an address of their own.
pub(crate) const NETWORK: &str = "assay";
/// Its addresses.
pub(crate) const SUBNET: &str = "10.213.0.0/16";
/// Those that the daemon gives out; `assay` gives out the other half.
pub(crate) const ADDRESSES: &str = "10.213.0.0/17";
/// How often the kernel asks for an address on it that nobody has yet.
pub(crate) const ASK_AGAIN_MS: u32 = 10;

/// containerd's own client.
fn ctr(folder: &Folder, words: &[&str]) -> Command {
    let mut ctr = command("ctr");
    ctr.arg("--address")
        .arg(folder.socket(Baseline::Ctr))
        .args(words);
    ctr
}

/// Docker's client as if the user had no settings for it.
fn docker(folder: &Folder, words: &[&str]) -> Command {
    let mut docker = command("docker");
    docker
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_TLS_VERIFY")
        .env("DOCKER_CONFIG", folder.file("none"))
        .args(["-H", &folder.endpoint(Baseline::Docker)])
        .args(words);
    docker
}

pub(super) fn containerd_answers(folder: &Folder) -> bool {
    said(ctr(folder, &["version"]), PROMPT).is_some()
}

pub(super) fn dockerd_answers(folder: &Folder) -> bool {
    said(docker(folder, &["version"]), PROMPT).is_some()
}

pub(super) fn start_containerd(folder: &Folder, say: Say<'_>) -> Result<bool, DaemonError> {
    let path = folder.file("containerd.toml");
    let at = |name: &str| quoted(&folder.dir.join("containerd").join(name));
    let text = format!(
        "version = 2\n\
         root = {}\n\
         state = {}\n\
         disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
         [grpc]\n\
         address = {}\n\
         [plugins.\"io.containerd.internal.v1.opt\"]\n\
         path = {}\n",
        at("root"),
        at("state"),
        quoted(&folder.socket(Baseline::Ctr)),
        at("opt"),
    );
    fs::write(&path, text).map_err(DaemonError::io("write", &path))?;
    let mut containerd = command("containerd");
    containerd
        .arg("--config")
        .arg(&path)
        .args(["--log-level", "warn"]);
    spawn(folder, Baseline::Ctr, &containerd, containerd_answers, say)
}

pub(super) fn start_dockerd(folder: &Folder, say: Say<'_>) -> Result<bool, DaemonError> {
    if !folder.runs(Baseline::Ctr) && !start_containerd(folder, say)? {
        return Ok(false);
    }
    let path = folder.file("docker.json");
    fs::write(&path, "{}\n").map_err(DaemonError::io("write", &path))?;
    let home = folder.file("docker");
    // Neither a bridge nor a rule of a packet filter: those are the machine's.
    // A control group of its own; the driver that works with and without systemd.
    let mut dockerd = command("dockerd");
    dockerd
        .arg("--config-file")
        .arg(&path)
        .args(["-H", &folder.endpoint(Baseline::Docker)])
        .arg("--data-root")
        .arg(home.join("data"))
        .arg("--exec-root")
        .arg(home.join("exec"))
        .arg("--pidfile")
        .arg(home.join("pid"))
        .arg("--containerd")
        .arg(folder.socket(Baseline::Ctr))
        .args(["--bridge=none", "--iptables=false"])
        .args(ip6tables())
        .args(["--ip-forward=false", "--ip-masq=false", "--group=root"])
        .arg(format!("--cgroup-parent=/{}", folder.group()))
        .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
        .args(["--log-level", "warn"]);
    let up = spawn(folder, Baseline::Docker, &dockerd, dockerd_answers, say)?;
    if up {
        make_network(folder, say);
    }
    Ok(up)
}

/// From 27 on dockerd writes rules for IPv6 too unless it is told; before 20.10 it
/// does not know the flag.
fn ip6tables() -> Option<&'static str> {
    let mut asked = command("dockerd");
    asked.arg("--help");
    let help = said(asked, PROMPT)?;
    help.contains("--ip6tables").then_some("--ip6tables=false")
}

/// A bridge for containers with an address of their own. The machine reaches
/// them, and they nobody else: there is no rule that would let them out.
fn make_network(folder: &Folder, say: Say<'_>) {
    let is_there = docker(folder, &["network", "inspect", NETWORK]);
    let bridge = folder.bridge();
    let name = format!("com.docker.network.bridge.name={bridge}");
    let words = [
        "network",
        "create",
        "--driver",
        "bridge",
        "--subnet",
        SUBNET,
        "--ip-range",
        ADDRESSES,
        "--opt",
        &name,
        NETWORK,
    ];
    if said(is_there, PROMPT).is_none() && said(docker(folder, &words), PATIENT).is_none() {
        say("docker: no bridge could be made: its arm will not work");
    }
    // A client that is there before the container makes the kernel ask for an
    // address that nobody has yet. It would ask again after a second only, and the
    // first response of a container that is up long before would be as late.
    let again = Path::new("/proc/sys/net/ipv4/neigh").join(bridge);
    let again = again.join("retrans_time_ms");
    if again.exists()
        && let Err(error) = fs::write(&again, ASK_AGAIN_MS.to_string())
    {
        say(&format!(
            "docker: cannot write {}: {error}",
            again.display()
        ));
    }
}

/// dockerd gives each container ten seconds to end by itself; nobody waits here.
pub(super) fn end_containers(folder: &Folder) {
    if !folder.runs(Baseline::Docker) {
        return;
    }
    let listed = said(docker(folder, &["ps", "--all", "--quiet"]), PATIENT).unwrap_or_default();
    let containers: Vec<&str> = listed.lines().collect();
    if !containers.is_empty() {
        let words = [&["rm", "--force"], containers.as_slice()].concat();
        said(docker(folder, &words), PATIENT);
    }
    said(docker(folder, &["network", "rm", NETWORK]), PATIENT);
}

/// The bridge of a dockerd that died and did not take it away.
pub(super) fn remove_bridge(folder: &Folder, say: Say<'_>) {
    let bridge = folder.bridge();
    if !Path::new("/sys/class/net").join(&bridge).exists() {
        return;
    }
    let mut removal = command("ip");
    removal.args(["link", "delete", &bridge]);
    if said(removal, PROMPT).is_none() {
        say(&format!(
            "docker: cannot remove its bridge: ip link delete {bridge}"
        ));
    }
}

/// Tasks survive their containerd: their shims are meant to. So they go first.
pub(super) fn end_tasks(folder: &Folder) {
    if !folder.runs(Baseline::Ctr) {
        return;
    }
    let list = |words: &[&str]| said(ctr(folder, words), PROMPT).unwrap_or_default();
    for namespace in list(&["namespaces", "list", "-q"]).lines() {
        for task in list(&["-n", namespace, "tasks", "list", "-q"]).lines() {
            let words = ["-n", namespace, "tasks", "delete", "--force", task];
            said(ctr(folder, &words), Duration::from_secs(20));
        }
    }
}
