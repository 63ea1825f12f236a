//! Stopping, and looking whether anything is left.

use super::baseline::Baseline;
use super::error::{DaemonError, Say, names};
use super::folder::Folder;
use super::leftovers::{self, Leftovers};
use super::process::{self, is_root};
use super::{crun, docker, podman};
use std::fs;

/// Stops the named engines, all if none is named. Where all are stopped, containers
/// whose daemon has died are ended too, and the folder is removed.
///
/// # Errors
/// [`DaemonError::Leftovers`] when a process, mount, control group or network interface
/// of theirs is still there; the folder then stays, for another try.
pub fn stop(named: &[Baseline], say: Say<'_>) -> Result<(), DaemonError> {
    let folder = Folder::configured();
    if folder.is_unused() {
        say(&format!("nothing was started in {}", folder.dir.display()));
        return Ok(());
    }
    if !is_root() {
        return Err(DaemonError::NeedsRoot { verb: "stop" });
    }
    let _lock = folder.lock()?;
    let whole = named.is_empty();
    // dockerd's containers are tasks of that containerd, so the two end together.
    let with_ctr = |one| one == Baseline::Docker && named.contains(&Baseline::Ctr);
    let is_named = |one: Baseline| whole || named.contains(&one) || with_ctr(one);
    if is_named(Baseline::Docker) {
        docker::end_containers(&folder);
        process::end(&folder, Baseline::Docker, say);
        docker::remove_bridge(&folder, say);
    }
    if is_named(Baseline::Podman) {
        podman::end_containers(&folder);
        process::end(&folder, Baseline::Podman, say);
    }
    if is_named(Baseline::Ctr) {
        docker::end_tasks(&folder);
        process::end(&folder, Baseline::Ctr, say);
    }
    if !whole {
        if is_named(Baseline::Crun) {
            crun::end(&folder);
        }
        let stopped: Vec<Baseline> = Baseline::ALL
            .into_iter()
            .filter(|&one| is_named(one))
            .collect();
        say(&format!(
            "stopped {}; what the others may share stays until all are stopped",
            names(&stopped)
        ));
        return Ok(());
    }
    let left = Leftovers::hold(&folder);
    left.end(&folder, say);
    // After their groups: those have folders there too.
    crun::end(&folder);
    leftovers::tidy(&folder);
    let found = left.look(&folder);
    if !found.is_empty() {
        found.iter().for_each(|what| say(&format!("left: {what}")));
        return Err(DaemonError::Leftovers { count: found.len() });
    }
    fs::remove_dir_all(&folder.dir).map_err(DaemonError::io("remove", &folder.dir))?;
    say(&format!(
        "no process, mount, control group or network interface is left; removed {}",
        folder.dir.display()
    ));
    Ok(())
}
