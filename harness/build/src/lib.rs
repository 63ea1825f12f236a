//! The programs that the harness starts: found, or built from this checkout.
//!
//! They are built apart from the harness, one `cargo build` per group, so that
//! features do not unify across groups and no compiler creeps into the runner;
//! statically linked, so that the same file runs in an empty root file system.
//! A run says which of them it needs ([`Programs`]), and no other is built.

mod architecture;
mod binaries;
mod cargo;
mod cross;
mod error;
mod folder;
mod group;
mod here;
mod manifest;
mod profile;
mod program;
mod queue;
mod selection;
mod toolchain;

pub use architecture::Architecture;
pub use binaries::{Binaries, Built, Foreign};
pub use cross::harness;
pub use error::BuildError;
pub use profile::{BuildProfile, UnknownProfile};
pub use program::{Emulator, NoEmulator, Program, on_path, strip_emulator_message};
pub use queue::Watch;
pub use selection::{ProgramName, Programs};
pub use toolchain::{Missing, Toolchain};
