//! Looks at the machine: processes, memory, control groups, and the
//! environment fingerprint that every record carries.
//!
//! Everything is read from Linux's `/proc` and `/sys`; each function names its
//! file. What cannot be read is an error that names process and file, or `None`
//! in the fingerprint; nothing is estimated.

pub mod cgroup;
pub mod error;
pub mod fingerprint;
pub mod host;
pub mod process;

mod identity;
mod smaps;
mod tree;

pub use error::ObserveError;
pub use identity::{Identity, NoIdentity};
pub use smaps::ProcessMemory;
