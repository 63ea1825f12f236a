//! The harness's side of an interactive case.
//!
//! Some behaviour shows only when somebody is at the other end: a server that
//! resets a connection, a reader that is slow, a client that connects. Here is
//! that somebody, in two forms:
//!
//! - [`Peers`] are loopback servers that follow a script while the guest runs,
//!   and keep what they received;
//! - [`perform`] carries out the steps of a case beside a running guest: feeds
//!   its standard input, reads its output, connects to it.
//!
//! This crate knows sockets and pipes. What is on the other side (a process, a
//! container, a component) and what becomes of the bytes is not its concern.
//! Its input, [`script`], is plain data without I/O.

mod error;
mod limit;
mod peers;
mod perform;
mod pipes;
mod placeholder;
pub mod script;

pub use error::{StageError, UnknownPlaceholder};
pub use peers::{Finished, Peers};
pub use perform::{Control, Performed, perform};
pub use pipes::{GuestPaths, Stdio, StdioGuest, pipes};
pub use placeholder::{Placeholders, free_ports, substitute};
