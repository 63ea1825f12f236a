//! Embeds Wasmtime the way a careful platform does, and stamps what it does.
//!
//! Nothing here knows plans or reports: a measured process picks a [`config`],
//! builds a [`Host`], prepares a component once and starts instances of it.

#[cfg(feature = "http")]
mod body;
#[cfg(feature = "http")]
mod call;
pub mod clock;
pub mod command;
#[cfg(feature = "p3")]
pub mod concurrent;
pub mod config;
mod grants;
mod host;
mod link;
#[cfg(feature = "http")]
mod outgoing;
#[cfg(feature = "http")]
pub mod proxy;
#[cfg(feature = "p3")]
mod service;
pub mod stdio;
#[cfg(feature = "trace")]
pub mod trace;

#[cfg(feature = "compiler")]
pub use config::Code;
pub use config::{ConfigName, Limits};
pub use grants::grant;
pub use host::{Ctx, Host, Machine};

pub use wasmtime::{Error, Result};
