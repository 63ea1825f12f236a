//! Commands around a program: what stops it, what removes what is left.

use crate::adopted;
use crate::command::prepare;
use crate::error::ProcessError;
use crate::streams::drain;
use assay_wire::launcher::Command;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Time that such a command may take. gVisor's takes ten seconds at worst; a
/// daemon that hangs would keep everybody else waiting.
const PATIENCE: Duration = Duration::from_secs(20);

/// Time after which adopted processes are looked at while a command takes long.
const LOOK: Duration = Duration::from_millis(50);

/// Runs a command until it ends; the error is its stderr, or that it was ended.
pub(crate) fn complete(command: &Command) -> Result<(), String> {
    within(command, PATIENCE)
}

fn within(command: &Command, patience: Duration) -> Result<(), String> {
    let program = command.program.display();
    let mut child = prepare(command)
        .map_err(|error| error.to_string())?
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    let pid = Pid::from_child(&child);
    adopted::await_own(pid);
    let said = listen(&mut child, patience);
    if said.is_err() {
        // Its group, because it may have children.
        let _ = rustix::process::kill_process_group(pid, Signal::KILL);
    }
    let status = child.wait();
    adopted::forget(pid);
    let said = said.and_then(|said| match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!(
            "{status}: {}",
            String::from_utf8_lossy(&said).trim()
        )),
        Err(error) => Err(error.to_string()),
    });
    said.map_err(|why| format!("{program} {}: {why}", command.args.join(" ")))
}

/// Reads what a command writes to stderr until it has ended. What it leaves in
/// the background may keep the pipe open and is not waited for.
fn listen(child: &mut Child, patience: Duration) -> Result<Vec<u8>, String> {
    let system = |call| move |source| ProcessError::System { call, source }.to_string();
    let ended = rustix::process::pidfd_open(Pid::from_child(child), PidfdFlags::empty())
        .map_err(system("pidfd_open"))?;
    let mut stderr = child.stderr.take().map(OwnedFd::from);
    if let Some(pipe) = &stderr {
        rustix::io::ioctl_fionbio(pipe, true).map_err(system("ioctl"))?;
    }
    let deadline = Instant::now() + patience;
    let (mut said, mut scratch) = (Vec::new(), [0; 4096]);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left.min(LOOK)).map_err(|error| error.to_string())?;
        let mut events = vec![PollFd::new(&ended, PollFlags::IN)];
        events.extend(stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        match poll(&mut events, Some(&timeout)) {
            Ok(0) if left.is_zero() => {
                return Err(format!("ended after {} s", patience.as_secs()));
            }
            // It may wait for a process that was left to us.
            Ok(0) => adopted::reap(),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(system("poll")(error)),
        }
        let over = events
            .first()
            .is_some_and(|event| !event.revents().is_empty());
        drain(&mut stderr, &mut scratch, &mut said, || {}).map_err(|error| error.to_string())?;
        if over {
            return Ok(said);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn shell(script: &str) -> Command {
        Command {
            program: "/bin/sh".into(),
            args: vec!["-c".to_owned(), script.to_owned()],
            env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            cwd: "/".into(),
        }
    }

    #[test]
    fn a_failure_says_what_the_command_said() {
        assert_eq!(complete(&shell("exit 0")), Ok(()));
        let error = complete(&shell("echo gone >&2; exit 3")).unwrap_err();
        assert!(error.ends_with("exit status: 3: gone"), "{error}");
    }

    /// A script that starts a child, which lives for ten minutes unless it is
    /// ended, and writes its pid to the file.
    fn with_child(file: &Path, then: &str) -> Command {
        shell(&format!("sleep 600 & echo $! >{}; {then}", file.display()))
    }

    fn child(file: &Path) -> Option<Pid> {
        let text = std::fs::read_to_string(file).ok()?;
        Pid::from_raw(text.strip_suffix('\n')?.parse().ok()?)
    }

    fn lives(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        // Nobody may have reaped it yet.
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[test]
    fn a_command_that_hangs_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let mut patience = Duration::from_millis(100);
        // On a busy machine it may be ended before it has started its child.
        let child = loop {
            let error = within(&with_child(&file, "wait"), patience).unwrap_err();
            assert!(error.contains("ended after "), "{error}");
            match child(&file) {
                Some(child) => break child,
                None => patience *= 2,
            }
            assert!(patience < PATIENCE, "it never started a child");
        };
        // SIGKILL has been sent; the kernel may take a moment.
        let begun = Instant::now();
        while lives(child) {
            assert!(begun.elapsed() < PATIENCE, "{child:?} lives on");
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_it_leaves_in_the_background_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        // Its child holds the pipe of stderr open. If that were waited for, the
        // command would be ended, which is an error.
        assert_eq!(complete(&with_child(&file, "exit 0")), Ok(()));
        let child = child(&file).unwrap();
        assert!(lives(child));
        rustix::process::kill_process(child, Signal::KILL).unwrap();
    }
}
