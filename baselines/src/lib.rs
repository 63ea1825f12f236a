//! Native and OCI arms, and their image recipes.

pub mod bundle;
mod elf;
pub mod image;
mod native;
mod spec;
mod twin;
mod youki;

pub use native::Native;
pub use youki::Youki;
