//! Embeds Wasmtime the way a careful platform does, and stamps what it does.
//!
//! Nothing here knows plans or reports: a measured process picks a [`config`],
//! builds a [`Host`], prepares a component once and starts instances of it.

pub mod clock;
pub mod command;
pub mod config;
mod grants;
mod host;
mod link;
#[cfg(feature = "http")]
pub mod proxy;
pub mod stdio;
#[cfg(feature = "trace")]
pub mod trace;

pub use config::{ConfigName, Limits};
pub use grants::grant;
pub use host::{Ctx, Host, Machine};

pub use wasmtime::{Error, Result};
