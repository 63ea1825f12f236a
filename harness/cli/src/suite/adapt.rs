//! Preview 1 on a host of components: the module unchanged, within the adapter
//! that Wasmtime publishes for that.

use crate::binary::PREVIEW_1;
use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER as ADAPTER;
use wit_component::ComponentEncoder;

/// The component around a core module.
///
/// # Errors
/// When the module is no preview 1 command, or imports what is not in it.
pub fn component(module: &[u8]) -> Result<Vec<u8>, String> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|encoder| encoder.adapter(PREVIEW_1, ADAPTER))
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("it cannot be adapted from preview 1: {error:#}"))
}
