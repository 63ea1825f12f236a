//! What the guests that call `wasi:http` themselves have in common. Nothing
//! native can be the same program, so everything here is for WASI alone.

#[cfg(target_os = "wasi")]
pub mod names;
#[cfg(target_os = "wasi")]
pub mod wire;
