//! `run`: create, start, and in the foreground wait and delete.

use std::fs;

use libcontainer::container::Container;
use libcontainer::container::builder::ContainerBuilder;
use libcontainer::error::LibcontainerError;
use libcontainer::syscall::syscall::SyscallType;
use nix::sys::signal::{SigHandler, Signal, signal};
use rustix::process::Pid;

use crate::args::RunOptions;
use crate::error::{Error, os};
use crate::payload::Payload;
use crate::stamps::Stamps;
use crate::supervise::{self, Role, Signals};
use crate::{identity, report, rootless};

/// Runs a container; answers with the status this program ends with.
pub fn run(options: &RunOptions, stamps: &mut Stamps) -> Result<u8, Error> {
    let target = &options.target;
    if target.dir().symlink_metadata().is_ok() {
        return Err(Error::Exists {
            id: target.id.clone(),
            root: target.root.clone(),
        });
    }
    let config = options.bundle.join("config.json");
    fs::metadata(&config).map_err(|source| Error::Bundle {
        bundle: options.bundle.clone(),
        source,
    })?;

    // SAFETY: needed because a caller may have left SIGCHLD ignored, which is
    // inherited and makes children vanish unseen; sound because SIG_DFL is no
    // handler that could run code of ours.
    unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl) }
        .map_err(os("cannot reset the action of SIGCHLD"))?;
    let signals = Signals::block()?;
    report::errors_to_stderr();
    rootless::prepare()?;

    let mut container = create(options, signals)?;
    stamps.mark("created");
    let init = match start(&mut container, options) {
        Ok(init) => init,
        Err(error) => {
            if let Some(pid) = container.pid() {
                supervise::kill_and_reap(pid);
            }
            // The first error is the one to tell.
            let _ = delete(&mut container);
            return Err(error);
        }
    };
    stamps.mark("started");
    if options.detach {
        return Ok(0);
    }

    let waited = supervise::wait(
        nix::unistd::Pid::from_raw(init.as_raw_nonzero().get()),
        Role::ContainerInit,
        &signals,
    );
    stamps.mark("exited");
    if !options.keep {
        delete(&mut container)?;
        stamps.mark("deleted");
    }
    waited
}

fn create(options: &RunOptions, signals: Signals) -> Result<Container, Error> {
    let target = &options.target;
    let payload = Payload {
        signals,
        dies_with_parent: !options.detach,
        init: options.init,
    };
    let builder = ContainerBuilder::new(target.id.clone(), SyscallType::default())
        .with_executor(payload)
        .with_root_path(&target.root)
        .and_then(ContainerBuilder::validate_id);
    let built = builder.and_then(|builder| {
        builder
            .as_init(&options.bundle)
            // cgroups directly, without a message bus: there may be no systemd,
            // and crun and runc do the same by default.
            .with_systemd(false)
            .with_detach(options.detach)
            .build()
    });
    built.map_err(|source| {
        if let LibcontainerError::InvalidID(_) = source {
            return Error::BadId(target.id.clone());
        }
        let hint = rootless::diagnose(&source);
        // libcontainer leaves the directory behind when it fails early; it was
        // not there before.
        let _ = fs::remove_dir_all(target.dir());
        Error::Container {
            doing: "create",
            id: target.id.clone(),
            hint,
            source: Box::new(source),
        }
    })
}

fn start(container: &mut Container, options: &RunOptions) -> Result<Pid, Error> {
    let failed = |source| Error::Container {
        doing: "start",
        id: options.target.id.clone(),
        hint: String::new(),
        source: Box::new(source),
    };
    let pid = container.state.pid.and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| {
        failed(LibcontainerError::Other(
            "libcontainer recorded no pid".to_owned(),
        ))
    })?;
    if let Some(file) = &options.pid_file {
        fs::write(file, pid.as_raw_nonzero().to_string())
            .map_err(os(format!("cannot write the pid to {}", file.display())))?;
    }
    // `start` saves the state, and with it this.
    identity::record(container, pid)?;
    container.start().map_err(failed)?;
    Ok(pid)
}

/// Removes cgroup and state of a container whose process 1 has been reaped.
fn delete(container: &mut Container) -> Result<(), Error> {
    // The number may belong to another process by now.
    container.state.pid = None;
    match container.delete(true) {
        Err(_) if !container.root.exists() => Ok(()), // `delete --force` was faster
        other => other.map_err(|source| Error::Container {
            doing: "delete",
            id: container.id().to_owned(),
            hint: String::new(),
            source: Box::new(source),
        }),
    }
}
