//! Native and container arms, their images, and the private daemons that they ask.

mod base;
pub mod bundle;
mod container;
mod containerd;
pub mod daemons;
mod docker;
mod elf;
mod facts;
pub mod image;
pub mod layout;
mod microvm;
mod native;
mod oci;
mod seccomp;
mod services;
mod tier;
mod twin;

pub use containerd::{ContainerdShim, Ctr};
pub use docker::Docker;
pub use microvm::MicroVm;
pub use native::Native;
pub use oci::{Oci, OciRuntime};
pub use tier::{Public, Tier};
