//! Control groups of both versions (cgroups(7)): which hierarchies are mounted,
//! where a process is in them, and what its group uses.

mod layout;
mod memory;

pub use layout::{Cgroups, Hierarchy, Layout, Membership, Version};
pub(crate) use memory::stat_field;
pub use memory::{CgroupMemory, read_memory};

use crate::error::ObserveError;
use std::fs;
use std::path::{Path, PathBuf};

const MOUNTINFO: &str = "/proc/self/mountinfo";

/// The hierarchies that this process sees: `/proc/self/mountinfo`.
///
/// # Errors
/// When the file cannot be read. No hierarchy at all is no error:
/// [`Layout::None`].
pub fn detect() -> Result<Cgroups, ObserveError> {
    let path = Path::new(MOUNTINFO);
    let text = fs::read_to_string(path).map_err(|e| ObserveError::of_machine(path, e))?;
    Ok(Cgroups::parse(&text))
}

/// The groups of a process, one per hierarchy: `/proc/PID/cgroup`.
///
/// # Errors
/// [`ObserveError::Gone`] and the like; a line that is not
/// `hierarchy:controllers:path`.
pub fn of_process(pid: u32) -> Result<Vec<Membership>, ObserveError> {
    let path = Path::new("/proc").join(pid.to_string()).join("cgroup");
    let text = fs::read_to_string(&path).map_err(|e| ObserveError::of_process(pid, &path, e))?;
    layout::parse_memberships(&text).map_err(|what| ObserveError::Malformed {
        pid: Some(pid),
        file: path,
        what,
    })
}

/// The directory of a process's group in the hierarchy that has `controller`
/// (`memory`, `cpu`, `pids`, …), and the version of that hierarchy. In the
/// hybrid layout that is the v1 hierarchy, as long as it holds the controller.
///
/// # Errors
/// [`ObserveError::Missing`] when no mounted hierarchy has the controller, or
/// the group lies outside of what is mounted here (another cgroup namespace).
pub fn directory_of(pid: u32, controller: &str) -> Result<(Version, PathBuf), ObserveError> {
    let cgroups = detect()?;
    let memberships = of_process(pid)?;
    cgroups
        .directory(&memberships, controller)
        .ok_or_else(|| ObserveError::Missing {
            pid: Some(pid),
            file: MOUNTINFO.into(),
            what: format!("control group hierarchy with the controller {controller:?} around it"),
        })
}

/// What the control group of a process uses; see [`read_memory`]. Mind that a
/// group holds other processes too, and that the root group of v2 has no
/// figures.
///
/// # Errors
/// As [`directory_of`] and [`read_memory`].
pub fn memory_of(pid: u32) -> Result<CgroupMemory, ObserveError> {
    let (version, directory) = directory_of(pid, "memory")?;
    read_memory(version, &directory)
}
