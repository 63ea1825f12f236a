//! What the bench targets share: `cargo bench` through criterion.
//!
//! No measured work happens in a bench process. `instantiate`, `load` and
//! `call` ask `assay-worker` to repeat an operation and pass on the nanoseconds
//! it answers; `container` launches programs as `assay measure` does and passes
//! on their `cold_start`. So criterion adds its statistics and its history, and
//! the figures are those of the suite.
//!
//! | target | one iteration is | unit |
//! | --- | --- | --- |
//! | `instantiate` | store and WASI context created, component instantiated, all of it dropped | wall ns in the worker |
//! | `load` | compiled code mapped from its file and dropped | wall ns in the worker |
//! | `call` | `instantiate`, and `wasi:cli/run` called with its output thrown away | wall ns in the worker |
//! | `container` | a fresh process or container, from before its spawn to the read of its first byte | `cold_start`, ns |
//!
//! Before anything is timed, the program's outcome is compared with the
//! expected one. What is not available here is named on stderr with reason and
//! remedy, and has no figure.

mod engine;
mod launches;
mod setup;

pub use engine::{Resident, engine_benches};
pub use launches::{Launches, container_benches};
pub use setup::{BenchError, Setup};
