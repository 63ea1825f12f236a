//! The http guests: what they answer ([`handler`]) and the two thin shells that
//! ask them, one per world.
//!
//! A handler decides from the head of a request what to answer; the shell
//! carries the bytes. A handler never sees the wire, so it is the same code in
//! a component (`wasi:http/incoming-handler`) and in a native server (hyper).

pub mod handler;
#[cfg(not(target_os = "wasi"))]
pub mod native;
#[cfg(target_os = "wasi")]
pub mod wasi;

pub use handler::{Body, Handler, Reply, RequestHead};
