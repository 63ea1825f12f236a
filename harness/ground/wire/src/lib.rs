//! The protocol between the harness and the processes that measure for it.
//!
//! Each such process is spawned with one end of a socket pair as its standard
//! input. A frame is a little-endian `u32` length and that many bytes of
//! postcard. The harness sends a request and reads replies until the one that
//! ends it; both ends stop when the other closes.
//!
//! Both sides come from one build of this workspace, so the protocol carries
//! no version.

mod frame;
pub mod grants;
pub mod launcher;
mod memory;
pub mod stamps;
pub mod worker;

pub use frame::{Channel, WireError};
pub use memory::{MEMORY_RESERVE, memory_wall};
