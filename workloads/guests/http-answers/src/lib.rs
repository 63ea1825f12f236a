//! One guest with many answers: what it answers ([`handler`]) and the two
//! shells that ask it, one per world. One program for many workloads, because
//! a twin is an HTTP server of its own, and one is enough to build.

pub mod handler;
pub mod keystream;
#[cfg(not(target_os = "wasi"))]
pub mod native;
pub mod tally;
#[cfg(target_os = "wasi")]
pub mod wasi;
