//! What crun 1.8 asks of control groups.
//!
//! It refuses a hybrid hierarchy whose version 2 holds a controller ("drop all
//! controllers from cgroupv2"). A controller that is mounted as version 1 leaves
//! version 2.

use super::error::{DaemonError, Say};
use super::folder::Folder;
use assay_observe::cgroup::{self, Layout, Version};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::ffi::CString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Version 2 of a machine that has both versions, if it holds a controller.
fn unified() -> Option<(PathBuf, Vec<String>)> {
    let groups = cgroup::detect().ok()?;
    if groups.layout() != Layout::Hybrid {
        return None;
    }
    let mut hierarchies = groups.hierarchies.into_iter();
    let unified = hierarchies.find(|one| one.version == Version::V2)?;
    let held = controllers(&unified.mount_point);
    (!held.is_empty()).then_some((unified.mount_point, held))
}

fn controllers(group: &Path) -> Vec<String> {
    let text = fs::read_to_string(group.join("cgroup.controllers")).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Whether there is something to move.
pub(super) fn needs_start() -> bool {
    unified().is_some()
}

/// Moves controllers to version 1, where version 2 is not in use.
pub(super) fn start(folder: &Folder, say: Say<'_>) -> Result<(), DaemonError> {
    let Some((unified, held)) = unified() else {
        say("crun: nothing to start");
        return Ok(());
    };
    for controller in &held {
        if is_in_use(&unified) {
            say(&format!(
                "crun: control groups of version 2 are in use: {controller} stays there, and crun may refuse"
            ));
            return Ok(());
        }
        // One that no group below has been given is not there to take away.
        let _ = fs::write(
            unified.join("cgroup.subtree_control"),
            format!("-{controller}"),
        );
        let at = folder.file("cgroup").join(controller);
        fs::create_dir_all(&at).map_err(DaemonError::io("create", &at))?;
        match mount_controller(controller, &at) {
            Ok(()) => say(&format!(
                "crun: moved {controller} to version 1, at {}",
                at.display()
            )),
            Err(error) => {
                say(&format!(
                    "crun: cannot mount {controller} as version 1: {error}"
                ));
                let _ = fs::remove_dir(&at);
            }
        }
    }
    let left = controllers(&unified).join(" ");
    say(&match left.is_empty() {
        true => format!("crun: no controller is left in {}", unified.display()),
        false => format!(
            "crun: left in {}, and crun may refuse: {left}",
            unified.display()
        ),
    });
    Ok(())
}

/// Whether a process is in a group below this one.
fn is_in_use(unified: &Path) -> bool {
    let below = fs::read_dir(unified).into_iter().flatten().flatten();
    let events =
        below.filter_map(|entry| fs::read_to_string(entry.path().join("cgroup.events")).ok());
    events.into_iter().any(|text| text.contains("populated 1"))
}

fn mount_controller(controller: &str, at: &Path) -> io::Result<()> {
    let data = CString::new(controller)?;
    let source = format!("assay-{controller}");
    mount(
        source,
        at,
        "cgroup",
        MountFlags::empty(),
        Some(data.as_c_str()),
    )?;
    Ok(())
}

/// Gives controllers back.
pub(super) fn end(folder: &Folder) {
    for entry in fs::read_dir(folder.file("cgroup"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let at = entry.path();
        let _ = unmount(&at, UnmountFlags::empty());
        // Of one that is still mounted it fails, and `stop` says so.
        let _ = fs::remove_dir(&at);
    }
}
