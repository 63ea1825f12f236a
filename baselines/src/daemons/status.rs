//! What is installed, and what runs.

use super::baseline::Baseline;
use super::crun;
use super::driver::Driver;
use super::folder::Folder;
use super::process::{PROMPT, command, said};
use crate::services::installed;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// How it is with an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// One of its programs is not installed.
    Missing(&'static str),
    /// There is nothing to start.
    Installed,
    /// It does not work before it is started.
    NotStarted,
    /// Its daemon answers.
    Running,
    /// Its daemon runs and does not answer.
    Silent,
    /// Only root can tell.
    Unknown,
}

impl State {
    /// Whether containers can be started with it, as far as can be told without
    /// starting one.
    #[must_use]
    pub fn is_ready(self) -> bool {
        matches!(self, State::Installed | State::Running)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Missing(program) => write!(f, "not installed: no {program}"),
            State::Installed => f.write_str("installed"),
            State::NotStarted => f.write_str("not running"),
            State::Running => f.write_str("running"),
            State::Silent => f.write_str("does not answer"),
            State::Unknown => f.write_str("unknown: ask as root"),
        }
    }
}

/// An engine as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Which.
    pub baseline: Baseline,
    /// How it is.
    pub state: State,
    /// The process of its daemon.
    pub pid: Option<u32>,
    /// Where its daemon listens, or would.
    pub socket: Option<PathBuf>,
    /// What its program says of itself.
    pub version: Option<String>,
    /// What to type if it is not ready.
    pub remedy: Option<String>,
}

/// How it is with the named engines; with all, if none is named.
#[must_use]
pub fn status(named: &[Baseline]) -> Vec<Status> {
    let folder = Folder::configured();
    let all = Baseline::ALL.into_iter();
    all.filter(|one| named.is_empty() || named.contains(one))
        .map(|one| look(&folder, one))
        .collect()
}

fn look(folder: &Folder, one: Baseline) -> Status {
    let (state, pid) = match one.missing() {
        Some(program) => (State::Missing(program), None),
        None => state_of(folder, one),
    };
    let start = format!("sudo assay baselines start {one}");
    let remedy = match state {
        State::Installed | State::Running => None,
        State::Missing(_) => Some(one.install()),
        State::NotStarted => Some(start),
        State::Silent => Some(format!("sudo assay baselines stop {one} && {start}")),
        State::Unknown => Some(format!("sudo assay baselines status {one}")),
    };
    Status {
        baseline: one,
        state,
        pid,
        socket: one.socket_name().map(|_| folder.socket(one)),
        version: version(one),
        remedy,
    }
}

fn state_of(folder: &Folder, one: Baseline) -> (State, Option<u32>) {
    let Some(driver) = Driver::of(one) else {
        let waits = one == Baseline::Crun && crun::needs_start();
        let state = match waits {
            true => State::NotStarted,
            false => State::Installed,
        };
        return (state, None);
    };
    match folder.running(one) {
        Ok(Some(process)) if (driver.answers)(folder) => (State::Running, Some(process.pid())),
        Ok(Some(process)) => (State::Silent, Some(process.pid())),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => (State::Unknown, None),
        Ok(None) | Err(_) => (State::NotStarted, None),
    }
}

/// The first line that its program says of itself.
fn version(one: Baseline) -> Option<String> {
    let program = one.programs().first()?;
    installed(program)?;
    let mut asked = command(program);
    asked.arg("--version");
    let said = said(asked, PROMPT)?;
    Some(said.lines().next()?.to_owned())
}
