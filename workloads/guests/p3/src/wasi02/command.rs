//! Commands: `wasi:cli/command@0.2`.

use alloc::string::String;
use alloc::vec::Vec;

use wasip2::cli::{environment, stdin, stdout};

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
/// Other arguments, or when a stream breaks.
pub fn stream() -> Result<(), ()> {
    let executor = Executor::default();
    let mut input = Reader::new(&executor, stdin::get_stdin());
    let mut output = Writer::new(&executor, stdout::get_stdout());
    let arguments = arguments();
    reported(executor.block_on(program::stream(&arguments, &mut input, &mut output)))
}

/// Runs `p3/timers`.
///
/// # Errors
/// Other arguments, or when stdout takes no more.
pub fn timers() -> Result<(), ()> {
    let executor = Executor::default();
    let arguments = arguments();
    let clock = MonotonicClock(&executor);
    let mut output = Writer::new(&executor, stdout::get_stdout());
    reported(executor.block_on(program::timers(&arguments, &clock, &mut output)))
}

/// The arguments, without the program's name.
fn arguments() -> Vec<String> {
    let mut arguments = environment::get_arguments();
    if !arguments.is_empty() {
        arguments.remove(0);
    }
    arguments
}

fn reported(result: Result<(), Broken>) -> Result<(), ()> {
    result.map_err(|Broken| ())
}
