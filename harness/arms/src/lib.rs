//! Everything that can run a workload is an [`Arm`].
//!
//! `detect` says whether it works here, `prepare` does what a deployer does
//! once, and a [`Prepared`] offers up to three lifecycles: run a command once,
//! serve, hold a live instance. Readers (conformance, cold start, footprint,
//! density) ask for the lifecycle they need. A host or a container runtime is
//! one more file and one more line in the table of `assay`.
//!
//! No measured work happens in this process: it asks `assay-launcher` and
//! `assay-worker` over sockets.

mod architecture;
pub mod arm;
mod binaries;
mod cargo;
mod code;
mod cross;
mod error;
mod http;
mod input;
mod lab;
mod ladder;
mod launcher;
mod make;
pub mod process;
mod program;
mod reserve;
mod wall;
pub mod wasmtime;
mod worker;

pub use architecture::Architecture;
pub use arm::{Arm, Artifact, Detected, Grown, Hold, Lack, Life, Offer, Prepared, RunOnce, Serve};
pub use binaries::{Binaries, BuildError, Built};
pub use cross::{Foreign, Missing, Toolchain, harness};
pub use error::{Absent, ArmError};
pub use http::{ask, outcome as http_outcome};
pub use input::{ProgramInput, attached, request};
pub use lab::Lab;
pub use ladder::{Ended, Ladder, Launched};
pub use launcher::{Launcher, Link};
pub use make::Make;
pub use program::{Emulator, NoEmulator, Program};
pub use worker::Worker;

use std::path::PathBuf;

/// The program that a shell would start.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|program| program.is_file())
}
