//! One launch of a command in the resident engine.

use assay_engine::clock::now;
use assay_engine::command::{Exit, SyncCommand};
use assay_engine::concurrent::ConcurrentCommand;
use assay_engine::stdio::{Output, Sink};
use assay_engine::{Result, grant};
use assay_wire::Channel;
use assay_wire::grants::Attached;
use assay_wire::worker::{GuestExit, Input, Reply, Stamps};
use bytes::Bytes;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime_wasi::cli::AsyncStdinStream;
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};

/// The socket to the harness; guests write to it from within a launch.
pub type Shared = Arc<Mutex<Channel>>;

/// Sends one message.
///
/// # Errors
/// When the harness is gone.
pub fn send(channel: &Shared, reply: &Reply) -> io::Result<()> {
    let mut channel = channel.lock().unwrap_or_else(PoisonError::into_inner);
    channel
        .send(reply)
        .map_err(|error| io::Error::new(io::ErrorKind::BrokenPipe, error))
}

/// Runs a command in a fresh instance and reports everything it does.
///
/// # Errors
/// When the harness is gone.
pub fn run(command: &SyncCommand, input: Input, channel: &Shared) -> io::Result<()> {
    let first = Arc::new(AtomicU64::new(0));
    let t0 = now();
    // The linked component is there; what follows is the work per instance.
    let t4 = t0;
    let started = reported(input, channel, &first).and_then(|wasi| command.instantiate(wasi));
    let mut stamps = Stamps {
        t0,
        t4,
        t5: now(),
        sink: None,
    };
    let (exit, live) = match started {
        Ok(mut live) => {
            stamps.t5 = live.instantiated;
            (guest_exit(live.run()), Some(live))
        }
        Err(error) => (GuestExit::Host(format!("{error:?}")), None),
    };
    stamps.sink = Some(first.load(Ordering::Relaxed)).filter(|&at| at != 0);
    send(channel, &Reply::Exited { exit, stamps })?;
    drop(live);
    send(channel, &Reply::Gone)
}

/// The same for a command of WASI 0.3, whose instance is gone when it has run.
///
/// # Errors
/// When the harness is gone.
pub fn run_concurrently(
    command: &ConcurrentCommand,
    input: Input,
    channel: &Shared,
) -> io::Result<()> {
    let first = Arc::new(AtomicU64::new(0));
    let t0 = now();
    let mut stamps = Stamps {
        t0,
        t4: t0,
        t5: now(),
        sink: None,
    };
    let ran = reported(input, channel, &first).and_then(|wasi| {
        let instantiated = || stamps.t5 = now();
        tokio::runtime::Handle::current().block_on(command.run(wasi, instantiated))
    });
    let exit = match ran {
        Ok(exit) => guest_exit(exit),
        Err(error) => GuestExit::Host(format!("{error:?}")),
    };
    stamps.sink = Some(first.load(Ordering::Relaxed)).filter(|&at| at != 0);
    send(channel, &Reply::Exited { exit, stamps })?;
    send(channel, &Reply::Gone)
}

/// Pipes of the harness as the guest's streams. What is written blocks while
/// the reader is slow, which is what a process has too.
fn attach(wasi: &mut WasiCtxBuilder, attached: &Attached) -> Result<()> {
    let write = |path: &Path| -> io::Result<Sink<File>> {
        Ok(Sink::new(File(OpenOptions::new().write(true).open(path)?)))
    };
    let stdin = tokio::net::unix::pipe::OpenOptions::new().open_receiver(&attached.stdin)?;
    wasi.stdin(AsyncStdinStream::new(stdin))
        .stdout(write(&attached.stdout)?)
        .stderr(write(&attached.stderr)?);
    Ok(())
}

/// A pipe that was opened for the guest.
struct File(std::fs::File);

impl Output for File {
    fn take(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.0).write_all(bytes)
    }
}

fn guest_exit(exit: Exit) -> GuestExit {
    match exit {
        Exit::Ok => GuestExit::Ok,
        Exit::Err => GuestExit::Err,
        Exit::Trap(error) => GuestExit::Trap(format!("{error:?}")),
    }
}

/// The context of a launch whose output goes to the harness as it comes.
fn reported(mut input: Input, channel: &Shared, first: &Arc<AtomicU64>) -> Result<WasiCtx> {
    let (out, err) = (Arc::clone(channel), Arc::clone(channel));
    let first = Arc::clone(first);
    let stdout = Sink::new(move |bytes: &[u8]| {
        if first.load(Ordering::Relaxed) == 0 {
            first.store(now(), Ordering::Relaxed);
        }
        send(&out, &Reply::Stdout(bytes.to_vec()))
    });
    let stderr = Sink::new(move |bytes: &[u8]| send(&err, &Reply::Stderr(bytes.to_vec())));
    let stdin = Bytes::from(std::mem::take(&mut input.stdin));
    context(&input, &input.args, stdin, stdout, stderr)
}

/// The context of an instance; where pipes are attached, they come before the
/// streams that are given here.
///
/// # Errors
/// When something that is granted is not there.
pub fn context<Out: Output, Err: Output>(
    input: &Input,
    args: &[String],
    stdin: Bytes,
    stdout: Sink<Out>,
    stderr: Sink<Err>,
) -> Result<WasiCtx> {
    let mut wasi = WasiCtx::builder();
    wasi.args(args)
        .envs(&input.env)
        .stdout(stdout)
        .stderr(stderr)
        .allow_blocking_current_thread(true);
    if !stdin.is_empty() {
        wasi.stdin(MemoryInputPipe::new(stdin));
    }
    if let Some(attached) = &input.attached {
        attach(&mut wasi, attached)?;
    }
    grant(&input.grants, &mut wasi)?;
    Ok(wasi.build())
}
