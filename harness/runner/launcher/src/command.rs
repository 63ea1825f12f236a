//! What every program here is started with.

use crate::error::ProcessError;
use assay_wire::launcher::Command;
use std::os::unix::process::CommandExt as _;

pub(crate) fn prepare(command: &Command) -> Result<std::process::Command, ProcessError> {
    // The working directory is set in this process: with one in the command,
    // the standard library may have to fork instead of `posix_spawn`.
    std::env::set_current_dir(&command.cwd).map_err(|source| ProcessError::Spawn {
        program: format!("a program in {}", command.cwd.display()),
        source,
    })?;
    let mut prepared = std::process::Command::new(&command.program);
    prepared
        .args(&command.args)
        .env_clear()
        .envs(command.env.iter().map(|(name, value)| (name, value)))
        // A group of its own: Ctrl-C in a terminal goes to the harness, which
        // ends things in order.
        .process_group(0);
    Ok(prepared)
}
