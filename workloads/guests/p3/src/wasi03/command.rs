//! Commands: `wasi:cli/command@0.3`.

use alloc::string::String;
use alloc::vec::Vec;

use wasip3::cli::{environment, stdin, stdout};
use wasip3::wit_stream;

use super::{MonotonicClock, Reader, Told, Writer};
use crate::program;
use crate::world::Broken;

/// Runs `p3/hello`.
///
/// # Errors
/// When stdout takes no more.
pub async fn hello() -> Result<(), ()> {
    with_stdout(async |output| program::hello(output).await).await
}

/// Runs `p3/stream`.
///
/// # Errors
/// Other arguments, or when a stream breaks.
pub async fn stream() -> Result<(), ()> {
    let (reader, end) = stdin::read_via_stream();
    let mut input = Told {
        reader: Reader(reader),
        end: Some(end),
    };
    let arguments = arguments();
    with_stdout(async |output| program::stream(&arguments, &mut input, output).await).await
}

/// Runs `p3/timers`.
///
/// # Errors
/// Other arguments, or when stdout takes no more.
pub async fn timers() -> Result<(), ()> {
    let arguments = arguments();
    with_stdout(async |output| program::timers(&arguments, &MonotonicClock, output).await).await
}

/// The arguments, without the program's name.
fn arguments() -> Vec<String> {
    let mut arguments = environment::get_arguments();
    if !arguments.is_empty() {
        arguments.remove(0);
    }
    arguments
}

/// Lends the standard output to a program, and waits until the host has
/// written all of it.
async fn with_stdout(
    program: impl AsyncFnOnce(&mut Writer) -> Result<(), Broken>,
) -> Result<(), ()> {
    let (writer, reader) = wit_stream::new();
    let written = stdout::write_via_stream(reader);
    let mut output = Writer(writer);
    let done = program(&mut output).await;
    // The end of the stream is what the host waits for.
    drop(output);
    let written = written.await;
    done.map_err(|Broken| ())?;
    written.map_err(|_| ())
}
