//! Processes of private daemons: starting, asking, ending.

use super::baseline::Baseline;
use super::error::{DaemonError, Say};
use super::folder::Folder;
use crate::services::{self, SYSTEM_FOLDERS};
use assay_observe::Identity;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a client may take for a question that daemons answer at once.
pub(super) const PROMPT: Duration = Duration::from_secs(10);
/// The same for something to do.
pub(super) const PATIENT: Duration = Duration::from_secs(60);
/// Within this time a daemon has to answer.
const COMES_UP: Duration = Duration::from_secs(30);
/// Within this time a daemon that is asked to end does so.
const GOES: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// An installed program as a command, or just its name, which then fails with
/// it.
pub(super) fn command(program: &str) -> Command {
    let found = services::installed(program);
    let mut command = Command::new(found.unwrap_or_else(|| PathBuf::from(program)));
    command.env("PATH", path());
    command
}

/// Where daemons look for shims and runtimes: also in what only root's PATH may
/// have.
fn path() -> OsString {
    let given = std::env::var_os("PATH").unwrap_or_default();
    let system = SYSTEM_FOLDERS.iter().map(PathBuf::from);
    let all = std::env::split_paths(&given).chain(system);
    std::env::join_paths(all).unwrap_or(given)
}

/// What a client says, if it ends well within this time.
pub(super) fn said(mut command: Command, within: Duration) -> Option<String> {
    let output = services::output(&mut command, None, within).ok()??;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(said)
}

/// Starts a daemon and waits until it answers. In a session of its own, so that
/// it stays when the terminal goes.
///
/// # Errors
/// When it cannot be started. One that does not come up is told, and `false`.
pub(super) fn spawn(
    folder: &Folder,
    one: Baseline,
    command: &Command,
    answers: impl Fn(&Folder) -> bool,
    say: Say<'_>,
) -> Result<bool, DaemonError> {
    let log = folder.log(one);
    let open = || {
        let file = OpenOptions::new().create(true).append(true).open(&log);
        file.map_err(DaemonError::io("write", &log))
    };
    // setsid executes the program in its own place: the pid stays.
    let mut session = Command::new("setsid");
    session
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(open()?)
        .stderr(open()?);
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => session.env(key, value),
            None => session.env_remove(key),
        };
    }
    let spawned = session.spawn();
    let mut child = spawned.map_err(DaemonError::io("start", Path::new("setsid")))?;
    if let Some(process) = Identity::of(child.id()) {
        folder.started(one, process)?;
    }
    let why = match comes_up(folder, &mut child, answers) {
        Up::Answers => {
            let socket = folder.socket(one);
            say(&format!(
                "{one}: running, pid {}, at {}",
                child.id(),
                socket.display()
            ));
            return Ok(true);
        }
        Up::Ended(status) => {
            folder.ended(one);
            format!("ended ({status})")
        }
        Up::Silent => format!("runs (pid {}) and does not answer", child.id()),
    };
    say(&format!("{one}: {why}; the end of {}:", log.display()));
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.len().saturating_sub(5);
    lines[end..]
        .iter()
        .for_each(|line| say(&format!("  {line}")));
    Ok(false)
}

enum Up {
    Answers,
    Ended(String),
    Silent,
}

fn comes_up(folder: &Folder, child: &mut Child, answers: impl Fn(&Folder) -> bool) -> Up {
    let begun = Instant::now();
    while begun.elapsed() < COMES_UP {
        if let Ok(Some(status)) = child.try_wait() {
            return Up::Ended(status.to_string());
        }
        if answers(folder) {
            return Up::Answers;
        }
        sleep(LOOK_AGAIN);
    }
    Up::Silent
}

/// Whether this process may do all that is needed.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Sends a signal to this process and to no later one of its number; whether it
/// was there.
pub(super) fn signal(process: Identity, signal: Signal) -> bool {
    let number = i32::try_from(process.pid()).ok().and_then(Pid::from_raw);
    let Some(Ok(handle)) = number.map(|pid| pidfd_open(pid, PidfdFlags::empty())) else {
        return false;
    };
    // What is behind the handle stays the same from here on.
    Identity::of(process.pid()) == Some(process) && pidfd_send_signal(handle, signal).is_ok()
}

/// Waits until a process has ended; whether it has.
pub(super) fn has_ended(process: Identity) -> bool {
    let begun = Instant::now();
    while process.runs() {
        if begun.elapsed() > GOES {
            return false;
        }
        sleep(LOOK_AGAIN / 2);
    }
    true
}

/// Ends a daemon, and forgets it.
pub(super) fn end(folder: &Folder, one: Baseline, say: Say<'_>) {
    match folder.running(one) {
        Ok(Some(process)) => {
            signal(process, Signal::TERM);
            if !has_ended(process) {
                say(&format!(
                    "{one}: did not end in {} s, killed",
                    GOES.as_secs()
                ));
                signal(process, Signal::KILL);
                has_ended(process);
            }
            say(&format!("{one}: stopped"));
        }
        _ => say(&format!("{one}: not running")),
    }
    folder.ended(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_meets_the_process_that_was_meant_and_no_other() {
        let mut sleeper = Command::new("sleep");
        let mut child = sleeper.arg("60").stdin(Stdio::null()).spawn().unwrap();
        let process = Identity::of(child.id()).unwrap();
        let earlier: Identity = format!("{} 1", child.id()).parse().unwrap();
        assert!(!signal(earlier, Signal::KILL));
        assert!(child.try_wait().unwrap().is_none(), "it was not meant");
        assert!(signal(process, Signal::KILL));
        assert!(has_ended(process));
        child.wait().unwrap();
        assert!(!signal(process, Signal::KILL), "it has gone");
    }

    #[test]
    fn a_daemon_that_ends_is_told_with_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder {
            dir: dir.path().canonicalize().unwrap(),
        };
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "echo no disk >&2; exit 3"]);
        let mut told = Vec::new();
        let mut say = |line: &str| told.push(line.to_owned());
        let up = spawn(&folder, Baseline::Ctr, &shell, |_| false, &mut say).unwrap();
        assert!(!up);
        assert!(told[0].contains("exit status: 3"), "{told:?}");
        assert_eq!(told[1], "  no disk");
        assert!(!folder.runs(Baseline::Ctr));
    }

    #[test]
    fn a_client_that_fails_or_hangs_says_nothing() {
        let shell = |script: &str| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]);
            command
        };
        assert_eq!(said(shell("echo yes"), PROMPT).as_deref(), Some("yes"));
        assert_eq!(said(shell("echo no; exit 1"), PROMPT), None);
        let soon = Duration::from_millis(50);
        assert_eq!(said(shell("exec sleep 60"), soon), None);
    }
}
