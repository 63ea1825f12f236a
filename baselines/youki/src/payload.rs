//! Becoming the payload: the last steps inside the container.
//!
//! libcontainer's own executor clears and refills the environment, adds `HOME`
//! and refuses a spec without `PATH`. The same program must see the same
//! environment on every arm, so this one passes exactly what the spec says.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use libcontainer::oci_spec::runtime::{Process, Spec};
use libcontainer::workload::{
    Executor, ExecutorError, ExecutorSetEnvsError, ExecutorValidationError,
};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{AccessFlags, access, execve};

use crate::init;
use crate::supervise::Signals;

/// What is carried through the clone into the container.
#[derive(Debug, Clone, Copy)]
pub struct Payload {
    /// The mask to give back before exec.
    pub signals: Signals,
    /// End with the supervisor: foreground runs only.
    pub dies_with_parent: bool,
    /// Stay as process 1 and run the payload below.
    pub init: bool,
}

impl Executor for Payload {
    /// Runs in the container before it is reported as created, so what is
    /// found here is reported as a failure of `create`.
    fn validate(&self, spec: &Spec) -> Result<(), ExecutorValidationError> {
        let problem = |text: String| ExecutorValidationError::ArgValidationError(text);
        let process = spec
            .process()
            .as_ref()
            .ok_or_else(|| problem("the spec has no process".to_owned()))?;
        program(process).map_err(problem)?;
        if self.dies_with_parent {
            // A supervisor killed with SIGKILL cannot clean up; then the kernel
            // ends the container. Set after the last change of credentials,
            // which would clear it (prctl(2)). A supervisor that is gone by now
            // is noticed by libcontainer: its end of the channel is closed.
            prctl::set_pdeathsig(Signal::SIGKILL).map_err(|errno| {
                problem(format!(
                    "cannot tie the container to its supervisor: {errno}"
                ))
            })?;
        }
        Ok(())
    }

    fn setup_envs(
        &self,
        _: std::collections::HashMap<String, String>,
    ) -> Result<(), ExecutorSetEnvsError> {
        // execve gets the environment of the spec; see above.
        Ok(())
    }

    fn exec(&self, spec: &Spec) -> Result<(), ExecutorError> {
        let process = spec.process().as_ref().ok_or(ExecutorError::InvalidArg)?;
        if self.init {
            init::split(&self.signals)?;
        }
        // The create step is over and its channel closed, so stderr is the only
        // way left to tell, and 126 or 127 (as a shell has it) the only status.
        let (path, problem) = match program(process) {
            Ok(path) => {
                let problem = become_program(&path, process, &self.signals);
                (path, problem)
            }
            Err(text) => {
                eprintln!("assay-youki: {text}");
                std::process::exit(127)
            }
        };
        eprintln!("assay-youki: cannot execute {}: {problem}", path.display());
        std::process::exit(if problem == Errno::ENOENT { 127 } else { 126 })
    }
}

/// Only returns when the kernel refused.
fn become_program(path: &Path, process: &Process, signals: &Signals) -> Errno {
    // Rust's runtime ignores SIGPIPE, and what is ignored stays so over exec:
    // a payload started by crun or from a shell has the default.
    // SAFETY: needed because signal(2) has no safe wrapper; sound because
    // SIG_DFL is no handler that could run code of ours.
    if let Err(errno) = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) } {
        return errno;
    }
    if let Err(errno) = signals.restore() {
        return errno;
    }
    let strings = |list: &Option<Vec<String>>| -> Result<Vec<CString>, Errno> {
        list.iter()
            .flatten()
            .map(|text| CString::new(text.as_str()).map_err(|_| Errno::EINVAL))
            .collect()
    };
    let path = CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| Errno::EINVAL);
    match (path, strings(process.args()), strings(process.env())) {
        (Ok(path), Ok(args), Ok(env)) => match execve(&path, &args, &env) {
            Ok(never) => match never {},
            Err(errno) => errno,
        },
        _ => Errno::EINVAL,
    }
}

/// The program to execute: the first argument, searched in the spec's `PATH`
/// when it holds no slash.
fn program(process: &Process) -> Result<PathBuf, String> {
    let name = process
        .args()
        .as_ref()
        .and_then(|args| args.first())
        .ok_or("the spec's process has no arguments")?;
    if name.contains('/') {
        let path = PathBuf::from(name);
        return access(&path, AccessFlags::X_OK)
            .map(|()| path)
            .map_err(|errno| format!("cannot execute {name} in the container: {errno}"));
    }
    let path = process.env().iter().flatten();
    path.filter_map(|pair| pair.strip_prefix("PATH="))
        .flat_map(|path| path.split(':'))
        .map(|dir| Path::new(dir).join(name))
        .find(|path| access(path, AccessFlags::X_OK).is_ok())
        .ok_or_else(|| format!("`{name}` is in no directory of the container's PATH"))
}
