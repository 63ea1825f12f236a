//! What each config file defines.

use wasmtime::{Config, Result};

/// A config: its name, and what it changes of the settings that all share.
pub(super) struct NamedConfig {
    /// The name in records and on command lines.
    pub(super) name: &'static str,
    /// Whether it reserves slots for instances when the engine starts.
    pub(super) pools: bool,
    pub(super) apply: fn(&mut Config, Limits) -> Result<()>,
}

/// How many instances a pool has room for; ignored on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Live component instances.
    pub instances: u32,
}

impl Default for Limits {
    /// Wasmtime's own default for every `total_*` of its pool.
    fn default() -> Self {
        Limits { instances: 1000 }
    }
}
