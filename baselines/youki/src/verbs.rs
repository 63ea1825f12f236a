//! `delete`, `kill` and `state`: the verbs on a container that exists.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use libcontainer::container::{Container, ContainerStatus, State};
use nix::sys::signal::Signal;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::pidfd_send_signal;

use crate::args::Target;
use crate::error::{Error, os};
use crate::identity;

/// Removes a container; with `force`, kills it first and waits for its end.
pub fn delete(target: &Target, force: bool) -> Result<u8, Error> {
    require(target)?;
    let mut container = match load(target) {
        // Its supervisor died while writing the state. The configuration beside
        // it still names the cgroup, and removing that ends whoever is in it.
        Err(_) if force => Container {
            state: State::new(&target.id, ContainerStatus::Stopped, None, PathBuf::new()),
            root: target.dir(),
        },
        loaded => loaded?,
    };
    if let Some(init) = identity::open(&container)? {
        // A zombie counts as gone: the pidfd is readable.
        if !ended(&init, 0)? {
            if !force {
                return Err(Error::Running(target.id.clone()));
            }
            send(&init, Signal::SIGKILL, &target.id)?;
            ended(&init, -1)?;
        }
    }
    // Nothing lives; what remains must not be signalled by number.
    container.state.pid = None;
    match container.delete(true) {
        Err(_) if !target.dir().exists() => {} // its supervisor was faster
        other => other.map_err(|source| Error::Container {
            doing: "delete",
            id: target.id.clone(),
            hint: String::new(),
            source: Box::new(source),
        })?,
    }
    Ok(0)
}

/// Sends a signal to the container's process 1.
pub fn kill(target: &Target, signal: Signal) -> Result<u8, Error> {
    require(target)?;
    let container = load(target)?;
    match identity::open(&container)? {
        Some(init) if !ended(&init, 0)? => send(&init, signal, &target.id)?,
        _ => return Err(Error::NotRunning(target.id.clone())),
    }
    Ok(0)
}

/// The state as JSON: `status`, `pid` (absent when it has ended), `bundle`, …
pub fn state(target: &Target) -> Result<String, Error> {
    require(target)?;
    let mut container = load(target)?;
    let alive = match identity::open(&container)? {
        Some(init) => !ended(&init, 0)?,
        None => false,
    };
    if !alive {
        container.state.pid = None;
        container.set_status(ContainerStatus::Stopped);
    }
    serde_json::to_string_pretty(&container.state).map_err(Error::Json)
}

fn require(target: &Target) -> Result<(), Error> {
    let name_ok = !target.id.is_empty() && !target.id.contains('/') && !target.id.starts_with("..");
    if !name_ok {
        return Err(Error::BadId(target.id.clone()));
    }
    match fs::metadata(target.dir()) {
        Ok(meta) if meta.is_dir() => Ok(()),
        _ => Err(Error::Unknown {
            id: target.id.clone(),
            root: target.root.clone(),
        }),
    }
}

/// Reads the state as it was recorded. `Container::load` also looks at the
/// process behind the pid and fails when that vanishes meanwhile.
fn load(target: &Target) -> Result<Container, Error> {
    match State::load(&target.dir()) {
        Ok(state) => Ok(Container {
            state,
            root: target.dir(),
        }),
        Err(source) => Err(Error::State {
            id: target.id.clone(),
            source: Box::new(source.into()),
        }),
    }
}

fn send(init: &OwnedFd, signal: Signal, id: &str) -> Result<(), Error> {
    let raw = rustix::process::Signal::from_named_raw(signal as i32);
    let raw = raw.ok_or_else(|| Error::NotRunning(id.to_owned()))?;
    match pidfd_send_signal(init, raw) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(os(format!("cannot send {signal} to container `{id}`"))(
            error,
        )),
    }
}

/// Whether the process behind a pidfd has ended, waiting for it without limit
/// when `timeout_ms` is negative, not at all when it is 0.
fn ended(init: &OwnedFd, timeout_ms: i32) -> Result<bool, Error> {
    let zero = rustix::time::Timespec::default();
    let timeout = (timeout_ms >= 0).then_some(&zero);
    loop {
        let mut fds = [PollFd::new(init, PollFlags::IN)];
        match poll(&mut fds, timeout) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(os("cannot wait for a process")(error)),
        }
    }
}
