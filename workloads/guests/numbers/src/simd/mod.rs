//! Vector operations on 16 bytes: as v128 instructions in the component, lane
//! by lane in plain Rust on other targets. Both have the same names.

/// Two vectors to one. Operations on one vector ignore the second.
pub type Operation = (&'static str, fn(&Bytes, &Bytes) -> Bytes);

/// A vector as it is in memory: lane 0 first, each lane little-endian.
pub type Bytes = [u8; 16];

#[cfg(not(target_family = "wasm"))]
mod scalar;
#[cfg(target_family = "wasm")]
mod vector;

#[cfg(not(target_family = "wasm"))]
pub use scalar::{FLOATS, INTEGERS, LANES};
#[cfg(target_family = "wasm")]
pub use vector::{FLOATS, INTEGERS, LANES};
