//! The shell of the native twins: Tokio on one thread, because a component
//! instance has one.

pub mod http;

use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::world::{Broken, Clock, Input, Output};

/// As much as one read of the components may bring.
const CHUNK: usize = 64 * 1024;

/// Runs a program to its end.
///
/// # Errors
/// When there is no runtime to be had.
pub fn run(program: impl Future<Output = Result<(), Broken>>) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    Ok(match runtime.block_on(program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Broken) => ExitCode::FAILURE,
    })
}

/// The arguments, without the program's name.
#[must_use]
pub fn arguments() -> Vec<String> {
    std::env::args().skip(1).collect()
}

/// The standard input. Reading blocks: the programs that use it have nothing
/// else to do meanwhile.
#[derive(Debug, Default)]
pub struct Stdin;

impl Input for Stdin {
    async fn read(&mut self) -> Result<Vec<u8>, Broken> {
        let mut bytes = vec![0; CHUNK];
        loop {
            match io::stdin().lock().read(&mut bytes) {
                Ok(count) => {
                    bytes.truncate(count);
                    return Ok(bytes);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Broken),
            }
        }
    }
}

/// The standard output, without a buffer.
#[derive(Debug, Default)]
pub struct Stdout;

impl Output for Stdout {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Broken> {
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(&bytes)
            .and_then(|()| stdout.flush())
            .map_err(|_| Broken)
    }
}

/// The clock of the system.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    async fn sleep(&self, nanoseconds: u64) {
        tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
    }
}
