//! What the guests of wasi:filesystem share: how a case is chosen, how an
//! operation becomes a line, and the few steps that many cases begin with.
//!
//! They call the interface directly, without the C library between, so what
//! they print is what the host answered: the name of its error code, or the
//! value. There is no native program that could do the same.

#[cfg(not(target_os = "wasi"))]
mod host;
#[cfg(target_os = "wasi")]
pub mod wasi;

#[cfg(not(target_os = "wasi"))]
pub use host::component_only;
