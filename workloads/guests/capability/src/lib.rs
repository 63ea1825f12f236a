//! What the guests of the capability grid share.
//!
//! A guest is given orders, each the use of one function of one interface, and
//! carries them out in turn. It writes the order before it calls and the
//! answer behind it, so where a call is a trap the report ends with the order.
//! The guest that tries to get out has ways instead, and a native twin.

pub mod escape;
#[cfg(target_os = "wasi")]
pub mod wasi;
