//! Wasmtime's defaults: each instance maps its memory when it starts.

use super::named::NamedConfig;

/// Default tunables, on-demand allocation.
pub(super) const CONFIG: NamedConfig = NamedConfig {
    name: "on-demand",
    pools: false,
    apply: |_, _| Ok(()),
};
