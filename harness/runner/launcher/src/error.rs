//! What can go wrong.

use rustix::io::Errno;

/// What can go wrong around a process, as opposed to in it.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The program could not be started.
    #[error("cannot start {program}: {source}")]
    Spawn {
        /// The executable.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A system call failed.
    #[error("{call} failed: {source}")]
    System {
        /// The call.
        call: &'static str,
        /// What the system said.
        source: Errno,
    },
    /// A detaching runtime left no pid.
    #[error("{path} holds no pid: {why}")]
    PidFile {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// The harness went away in the middle.
    #[error("the harness closed the connection")]
    Abandoned,
}

pub(crate) fn system(call: &'static str) -> impl FnOnce(Errno) -> ProcessError {
    move |source| ProcessError::System { call, source }
}
