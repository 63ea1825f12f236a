//! A fresh process around one component: load, link, run, and stamp each.
//!
//! There is no argument parser and no configuration here, because all of it
//! would be in the measured span.

pub mod command;
mod operands;
#[cfg(feature = "http")]
pub mod serve;

pub use operands::Operands;

use assay_engine::{ConfigName, Host, Machine, Result};
use std::path::Path;

/// The engine config of fresh processes.
pub const CONFIG: ConfigName = match cfg!(feature = "emulated") {
    false => ConfigName::ON_DEMAND,
    true => ConfigName::EMULATED,
};

/// How a process gets from a file to machine code.
pub type Load = fn(&Host, &Path) -> Result<Machine>;

/// Loads what was compiled ahead of time.
///
/// # Errors
/// When the file is missing or was compiled for another engine.
pub fn precompiled(host: &Host, cwasm: &Path) -> Result<Machine> {
    // SAFETY: needed because starting from machine code is what is measured.
    // The harness passes files that this suite compiled itself, in a cache
    // directory that only its user can write, keyed by content and engine.
    unsafe { host.load(cwasm) }
}

/// Exit statuses beyond those of the guest.
pub mod status {
    /// The guest trapped: what a shell shows for SIGABRT (128 + 6), which is
    /// how the native twin ends.
    pub const TRAP: u8 = 134;
    /// The runner itself failed; no program of the fixed set uses it.
    pub const RUNNER: u8 = 125;
}
