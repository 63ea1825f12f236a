//! The Arm trait and the Wasmtime arms.
