//! Images for a containerd, from layers on this machine.

use super::daemon::{Daemon, Image};
use crate::layout::{Layer, Layout};
use crate::tier::failed;
use assay_arms::{ArmError, Lab};
use std::path::Path;

/// Hands an image of these layers to the daemon.
pub(super) fn import(
    lab: &mut Lab,
    daemon: &Daemon,
    layers: &[Layer<'_>],
    entry: &[String],
) -> Result<Image, ArmError> {
    let place = lab.fresh_path("layout");
    let imported = import_from(&place, daemon, layers, entry);
    // The daemon has it, or nobody wants it: a copy of the base with every image
    // would fill the disk.
    let _ = std::fs::remove_dir_all(&place);
    imported
}

fn import_from(
    place: &Path,
    daemon: &Daemon,
    layers: &[Layer<'_>],
    entry: &[String],
) -> Result<Image, ArmError> {
    let layout = Layout::write(place, layers, entry).map_err(failed)?;
    // All users of a daemon share the names of its namespaces.
    let number = place.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("assay-{}-{number}", std::process::id());
    Image::import(daemon, &layout, name)
}
