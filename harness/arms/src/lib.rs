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

pub mod arm;
mod code;
mod error;
mod http;
mod input;
mod lab;
mod ladder;
mod launcher;
pub mod process;
mod reserve;
mod sweep;
mod wall;
pub mod wasmtime;
mod worker;

pub use arm::{Arm, Artifact, Detected, Grown, Hold, Lack, Life, Offer, Prepared, RunOnce, Serve};
/// What arms start, from `assay-build`.
pub use assay_build::{
    Architecture, Binaries, BuildError, Built, Emulator, Foreign, Program, ProgramName, on_path,
};
pub use error::{Absent, ArmError};
pub use http::{ask, outcome as http_outcome};
pub use input::{ProgramInput, attached, request};
pub use lab::Lab;
pub use ladder::{Ended, Ladder, Launched};
pub use launcher::{Launcher, Link};
pub use sweep::remove_group;
pub use worker::Worker;
