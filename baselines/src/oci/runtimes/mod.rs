//! The runtimes, a file each.

mod crun;
mod gvisor;
mod runc;
mod youki;

use super::runtime::OciRuntime;

/// All of them, least isolated first. A new one is a file and a line here.
static ALL: [OciRuntime; 4] = [
    youki::RUNTIME,
    crun::RUNTIME,
    runc::RUNTIME,
    gvisor::RUNTIME,
];

impl OciRuntime {
    /// All of them, least isolated first.
    pub fn all() -> impl Iterator<Item = &'static OciRuntime> {
        ALL.iter()
    }

    /// The runtime whose arm has this id.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static OciRuntime> {
        OciRuntime::all().find(|runtime| runtime.id == id)
    }
}
