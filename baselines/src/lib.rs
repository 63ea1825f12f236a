//! Native and OCI arms, and their image recipes.

pub mod bundle;
mod elf;
pub mod image;
mod spec;
