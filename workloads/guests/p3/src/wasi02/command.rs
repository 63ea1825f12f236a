//! Commands: `wasi:cli/command@0.2`.

use wasip2::cli::{stdin, stdout};

use super::streams::{Reader, Writer};
use super::{Executor, MonotonicClock};
use crate::program;
use crate::world::Broken;

/// Runs `p3/hello`.
///
/// # Errors
/// When stdout takes no more.
pub fn hello() -> Result<(), ()> {
    let executor = Executor::default();
    let mut output = Writer::new(&executor, stdout::get_stdout());
    reported(executor.block_on(program::hello(&mut output)))
}

/// Runs `p3/stream`.
///
/// # Errors
/// When a stream breaks.
pub fn stream() -> Result<(), ()> {
    let executor = Executor::default();
    let mut input = Reader::new(&executor, stdin::get_stdin());
    let mut output = Writer::new(&executor, stdout::get_stdout());
    reported(executor.block_on(program::stream(&mut input, &mut output)))
}

/// Runs `p3/timers`.
///
/// # Errors
/// Other arguments, or when stdout takes no more.
pub fn timers() -> Result<(), ()> {
    let executor = Executor::default();
    let arguments = wasip2::cli::environment::get_arguments();
    let clock = MonotonicClock(&executor);
    let mut output = Writer::new(&executor, stdout::get_stdout());
    let own = arguments.get(1..).unwrap_or_default();
    reported(executor.block_on(program::timers(own, &clock, &mut output)))
}

fn reported(result: Result<(), Broken>) -> Result<(), ()> {
    result.map_err(|Broken| ())
}
