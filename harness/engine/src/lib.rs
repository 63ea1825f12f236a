//! Embeds Wasmtime: named configs, worlds, capability grants, phase stamps.
