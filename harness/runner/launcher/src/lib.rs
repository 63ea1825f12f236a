//! The launcher: small and single-threaded, because spawning from a large or
//! threaded parent is slow and noisy (a 512 MiB parent that forks takes tens of
//! milliseconds, `posix_spawn` well below one).

mod adopted;
mod command;
mod completion;
pub mod error;
pub mod process;
pub mod session;
mod streams;
