//! Programs that run as a WASI 0.2 component, as a WASI 0.3 component and as a
//! native program, from one source.
//!
//! A program ([`program`]) is an async function over what it needs of its
//! [`world`]. Three shells provide that: [`wasi03`] with the async functions
//! and streams that 0.3 has, [`wasi02`] with pollables and an executor of the
//! component's own, as 0.2 needs it, and [`native`] with Tokio on one thread.
//! What is measured between the first two is therefore the interface below an
//! identical program.
//!
//! The components are built without std: the standard library of the target
//! imports WASI 0.2, and a component of 0.3 that also imported 0.2 would
//! measure both.

#![cfg_attr(target_os = "wasi", no_std)]

extern crate alloc;

#[cfg(target_os = "wasi")]
mod bare;
#[cfg(not(target_os = "wasi"))]
pub mod native;
pub mod program;
pub mod together;
#[cfg(target_os = "wasi")]
pub mod wasi02;
#[cfg(target_os = "wasi")]
pub mod wasi03;
pub mod world;
