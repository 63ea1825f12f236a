//! One measured process: spawned, fed, read and reaped, with a stamp at each.

use crate::adopted;
use crate::command::prepare;
use crate::completion::complete;
use crate::error::{ProcessError, system};
use crate::streams::{Ours, drain, open, pipe, pipes};
use assay_load::clock::{Nanos, now};
use assay_wire::launcher::{Exit, Launch, STAMP_FD_VARIABLE};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions};
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd};
use std::time::Duration;

/// How long a killed process may take to disappear.
const GRACE: Duration = Duration::from_secs(5);

/// Pipe reads: as much as a pipe holds.
const READ: usize = 64 << 10;

/// What ends a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The process has exited and its pipes are drained.
    Exit,
    /// A whole line has come on stdout, or the process has exited.
    Line,
}

/// A process under observation.
#[derive(Debug)]
pub struct Process {
    launch: Launch,
    /// The process that is waited for; replaced by the one a detaching runtime
    /// leaves behind.
    pid: Pid,
    pidfd: OwnedFd,
    stdin: Option<OwnedFd>,
    unsent: Vec<u8>,
    sent: usize,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    stamps: Option<OwnedFd>,
    /// Before the spawn.
    pub t0: u64,
    /// First byte of stdout read.
    pub t7: Option<u64>,
    /// Exit seen.
    pub t9: Option<u64>,
    /// Bytes of stdout so far.
    pub out: Vec<u8>,
    /// Bytes of stderr so far.
    pub err: Vec<u8>,
    stamp_text: Vec<u8>,
    /// Where pipes are read into: made before t0, so that a read costs no
    /// allocation and no zeroing in the measured span.
    scratch: Box<[u8]>,
    deadline: Nanos,
    deadline_passed: bool,
}

impl Process {
    /// Spawns. With `hold_stdin`, stdin stays open until [`Process::close_stdin`].
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(mut launch: Launch, hold_stdin: bool) -> Result<Process, ProcessError> {
        let (theirs, ours) = match launch.attached.take() {
            Some(attached) => (open(&attached)?, Ours::default()),
            None => pipes(hold_stdin || launch.stdin.is_some())?,
        };
        let (stamps, stamps_theirs) = match launch.stamps {
            true => pipe().map(|(ours, theirs)| (Some(ours), Some(theirs)))?,
            false => (None, None),
        };
        let unsent = launch.stdin.take().unwrap_or_default();
        for fd in [
            ours.stdin.as_ref(),
            ours.stdout.as_ref(),
            ours.stderr.as_ref(),
            stamps.as_ref(),
        ]
        .into_iter()
        .flatten()
        {
            rustix::io::ioctl_fionbio(fd, true).map_err(system("ioctl(FIONBIO)"))?;
        }
        let mut command = prepare(&launch.command)?;
        command
            .stdin(theirs.stdin)
            .stdout(theirs.stdout)
            .stderr(theirs.stderr);
        if let Some(fd) = &stamps_theirs {
            // The one descriptor a child inherits beyond stdio. This process is
            // single-threaded, so no other spawn can slip in between.
            rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::empty()).map_err(system("fcntl"))?;
            command.env(STAMP_FD_VARIABLE, fd.as_raw_fd().to_string());
        }
        let scratch = vec![0; READ].into_boxed_slice();
        let t0 = now();
        let child = command.spawn().map_err(|source| ProcessError::Spawn {
            program: launch.command.program.display().to_string(),
            source,
        })?;
        let pid = Pid::from_child(&child);
        let pidfd =
            rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(system("pidfd_open"))?;
        drop((stamps_theirs, command));
        adopted::await_own(pid);
        if let Some(path) = &launch.tell_pid {
            // Nobody may be listening any more; then nobody needs it.
            let _ = std::fs::write(path, format!("{}\n", child.id()));
        }
        let deadline = t0.after(Duration::from_millis(launch.deadline_ms));
        let mut process = Process {
            launch,
            pid,
            pidfd,
            stdin: ours.stdin,
            unsent,
            sent: 0,
            stdout: ours.stdout,
            stderr: ours.stderr,
            stamps,
            t0: t0.0,
            t7: None,
            t9: None,
            out: Vec::new(),
            err: Vec::new(),
            stamp_text: Vec::new(),
            scratch,
            deadline,
            deadline_passed: false,
        };
        if !hold_stdin {
            process.feed()?;
        }
        Ok(process)
    }

    /// The processes that are this instance, as far as the launcher knows.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// When the program will be killed.
    #[must_use]
    pub fn deadline(&self) -> Nanos {
        self.deadline
    }

    /// Gives the program as much time again, counted from now.
    pub fn renew_deadline(&mut self) {
        self.deadline = now().after(Duration::from_millis(self.launch.deadline_ms));
    }

    /// Ends the program's input.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Whether it has exited, without waiting.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn has_exited(&self) -> Result<bool, ProcessError> {
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        let ready = poll(
            &mut fds,
            Some(&Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            }),
        );
        Ok(ready.map_err(system("poll"))? > 0)
    }

    /// Feeds and reads until the condition holds or the deadline passes; past
    /// the deadline the program is stopped.
    ///
    /// # Errors
    /// [`ProcessError::Abandoned`] when `harness` hangs up.
    pub fn pump(&mut self, until: Until, harness: BorrowedFd<'_>) -> Result<(), ProcessError> {
        while !self.is_done(until) {
            let exited = self.wait(harness)?;
            self.feed()?;
            self.read()?;
            if exited && self.t9.is_none() {
                self.t9 = Some(now().0);
                // What was written before the exit is in the pipes already. A
                // process left behind may hold them open, so no end of file is
                // waited for; its stdin stays open for the same reason.
                self.read()?;
            }
            if self.t9.is_none() && now() >= self.deadline {
                if self.deadline_passed {
                    self.kill();
                } else {
                    self.deadline_passed = true;
                    self.stop();
                }
                self.deadline = now().after(GRACE);
            }
        }
        Ok(())
    }

    fn is_done(&self, until: Until) -> bool {
        self.t9.is_some() || (until == Until::Line && self.out.contains(&b'\n'))
    }

    /// Waits for anything to happen; tells whether the process has exited.
    fn wait(&self, harness: BorrowedFd<'_>) -> Result<bool, ProcessError> {
        let nothing = PollFlags::empty();
        let mut fds = vec![
            PollFd::new(&self.pidfd, PollFlags::IN),
            // Without events, only a hang-up is reported.
            PollFd::from_borrowed_fd(harness, nothing),
        ];
        let readers = [&self.stdout, &self.stderr, &self.stamps];
        fds.extend(
            readers
                .into_iter()
                .flatten()
                .map(|fd| PollFd::new(fd, PollFlags::IN)),
        );
        if let Some(stdin) = self
            .stdin
            .as_ref()
            .filter(|_| self.sent < self.unsent.len())
        {
            fds.push(PollFd::new(stdin, PollFlags::OUT));
        }
        let left = self.deadline.left();
        let timeout = Timespec {
            tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        loop {
            match poll(&mut fds, Some(&timeout)) {
                Ok(_) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(system("poll")(error)),
            }
        }
        if fds
            .get(1)
            .is_some_and(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR))
        {
            return Err(ProcessError::Abandoned);
        }
        Ok(fds
            .first()
            .is_some_and(|fd| fd.revents().contains(PollFlags::IN)))
    }

    fn feed(&mut self) -> Result<(), ProcessError> {
        let Some(stdin) = self.stdin.as_ref().filter(|_| self.t9.is_none()) else {
            return Ok(());
        };
        if self.unsent.is_empty() {
            return Ok(());
        }
        while let Some(rest) = self.unsent.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match rustix::io::write(stdin, rest) {
                Ok(count) => self.sent += count,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => {}
                // A program may leave before it has read everything.
                Err(Errno::PIPE) => break,
                Err(error) => return Err(system("write")(error)),
            }
        }
        self.stdin = None;
        Ok(())
    }

    /// Reads what has come so far, for an error message.
    ///
    /// # Errors
    /// When a pipe breaks.
    pub fn read_rest(&mut self) -> Result<(), ProcessError> {
        self.read()
    }

    fn read(&mut self) -> Result<(), ProcessError> {
        drain(&mut self.stdout, &mut self.scratch, &mut self.out, || {
            if self.t7.is_none() {
                self.t7 = Some(now().0);
            }
        })?;
        drain(&mut self.stderr, &mut self.scratch, &mut self.err, || {})?;
        drain(
            &mut self.stamps,
            &mut self.scratch,
            &mut self.stamp_text,
            || {},
        )
    }

    /// From now on the instance is the process whose pid a detaching runtime
    /// has written; the runtime itself has exited.
    ///
    /// # Errors
    /// When there is no such file or process.
    pub fn follow_pid_file(&mut self) -> Result<(), ProcessError> {
        let Some(path) = self.launch.pid_file.clone() else {
            return Ok(());
        };
        let failed = |why: String| ProcessError::PidFile {
            path: path.display().to_string(),
            why,
        };
        let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
        let pid = text.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| failed(format!("it holds {text:?}")))?;
        self.pidfd =
            rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(system("pidfd_open"))?;
        adopted::await_own(pid);
        self.pid = pid;
        self.t9 = None;
        Ok(())
    }

    /// Ends the program by its stop command, else by SIGKILL.
    pub fn stop(&mut self) {
        match self.launch.stop.clone() {
            // If it fails, the grace period ends with SIGKILL.
            Some(stop) => drop(complete(&stop)),
            None => self.kill(),
        }
    }

    fn kill(&mut self) {
        // The group, because a program may have children; a process that is
        // gone already is what was wanted.
        let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Reaps the process, which has exited.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn reap(&mut self) -> Result<Exit, ProcessError> {
        let status = loop {
            match rustix::process::waitpid(Some(self.pid), WaitOptions::empty()) {
                Ok(status) => break status,
                Err(Errno::INTR) => {}
                // Left behind by a runtime whose parent is somebody else.
                Err(Errno::CHILD) => return Ok(Exit::Unknown),
                Err(error) => return Err(system("waitpid")(error)),
            }
        };
        adopted::forget(self.pid);
        let status = status.map(|(_, status)| status);
        Ok(match status {
            _ if self.deadline_passed => Exit::DeadlinePassed,
            Some(status) => match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Exit::Code(code),
                (None, Some(signal)) => Exit::Signal(signal),
                (None, None) => Exit::Unknown,
            },
            None => Exit::Unknown,
        })
    }

    /// Removes what is left; `None` when that worked or there is nothing.
    #[must_use]
    pub fn tear_down(&self) -> Option<String> {
        complete(self.launch.teardown.as_ref()?).err()
    }

    /// What the program stamped itself.
    #[must_use]
    pub fn stamps(&self) -> Vec<(String, u64)> {
        assay_wire::stamps::parse(&String::from_utf8_lossy(&self.stamp_text))
    }

    /// Stops, reaps and removes, whatever state it is in.
    pub fn abandon(mut self) {
        self.stop();
        self.kill();
        let _ = self.reap();
        let _ = self.tear_down();
    }
}
