//! The harness's side of `assay-launcher`.

use crate::error::ArmError;
use assay_observe::process::descendants;
use assay_wire::launcher::{Handle, Holding, HttpRequest, Launch, Ran, Reply, Request, Serving};
use assay_wire::{Channel, WireError};
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const NAME: &str = "assay-launcher";

/// Time the launcher may take beyond a program's own deadline: to stop it and to
/// run its teardown, each of which it ends after 20 s, and to answer.
const SLACK: Duration = Duration::from_secs(50);

/// What carries requests to a launcher and brings its answers.
pub trait Link: Send {
    /// Asks for something that has `program` to be done in.
    ///
    /// # Errors
    /// When no answer comes.
    fn ask(&mut self, request: &Request, program: Duration) -> Result<Reply, ArmError>;

    /// The same to another launcher, for another thread.
    ///
    /// # Errors
    /// When it does not start.
    fn another(&self) -> Result<Box<dyn Link>, ArmError>;
}

/// A launcher, by what it can be asked.
pub struct Launcher(Box<dyn Link>);

impl Launcher {
    /// Starts the launcher.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(program: &Path) -> Result<Launcher, ArmError> {
        Ok(Launcher(Box::new(LauncherProcess::start(program)?)))
    }

    /// A launcher at the other end of a link.
    #[must_use]
    pub fn over(link: Box<dyn Link>) -> Launcher {
        Launcher(link)
    }

    /// Another one, for another thread.
    ///
    /// # Errors
    /// When it does not start.
    pub fn another(&self) -> Result<Launcher, ArmError> {
        Ok(Launcher(self.0.another()?))
    }

    fn ask(&mut self, request: &Request, program: Duration) -> Result<Reply, ArmError> {
        match self.0.ask(request, program)? {
            Reply::Failed(why) => Err(ArmError::Runtime(why)),
            reply => Ok(reply),
        }
    }

    /// Runs a program to its end.
    ///
    /// # Errors
    /// When it could not be started or the launcher broke.
    pub fn run(&mut self, launch: Launch) -> Result<Ran, ArmError> {
        let deadline = Duration::from_millis(launch.deadline_ms);
        match self.ask(&Request::Run(launch), deadline)? {
            Reply::Ran(ran) => Ok(ran),
            other => Err(unexpected(&other)),
        }
    }

    /// Starts a server and exchanges a first request.
    ///
    /// # Errors
    /// When it could not be started or does not answer.
    pub fn serve(
        &mut self,
        launch: Launch,
        address: SocketAddr,
        first: Option<HttpRequest>,
    ) -> Result<Serving, ArmError> {
        let deadline = Duration::from_millis(launch.deadline_ms);
        match self.ask(
            &Request::Serve {
                launch,
                address,
                first,
            },
            deadline,
        )? {
            Reply::Serving(serving) => Ok(serving),
            other => Err(unexpected(&other)),
        }
    }

    /// Starts an instance that stays.
    ///
    /// # Errors
    /// When it could not be started or says nothing.
    pub fn hold(&mut self, launch: Launch) -> Result<Holding, ArmError> {
        let deadline = Duration::from_millis(launch.deadline_ms);
        match self.ask(&Request::Hold(launch), deadline)? {
            Reply::Holding(holding) => Ok(holding),
            other => Err(unexpected(&other)),
        }
    }

    /// Runs commands that remove what a runtime has left, by the process that
    /// such things are left to. Where there is nothing they fail, which is no
    /// error.
    ///
    /// # Errors
    /// When the launcher broke.
    pub fn clean_up(
        &mut self,
        commands: Vec<assay_wire::launcher::Command>,
    ) -> Result<(), ArmError> {
        match self.ask(&Request::CleanUp(commands), CLEANING)? {
            Reply::Cleaned => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Ends a server or an instance.
    ///
    /// # Errors
    /// When the launcher broke.
    pub fn release(&mut self, handle: Handle, deadline: Duration) -> Result<Ran, ArmError> {
        match self.ask(&Request::Release(handle), deadline)? {
            Reply::Ran(ran) => Ok(ran),
            other => Err(unexpected(&other)),
        }
    }
}

/// Time for commands that clean up; the launcher ends each after 20 s.
const CLEANING: Duration = Duration::from_secs(60);

/// A running launcher. When it is dropped, it stops what is still alive.
struct LauncherProcess {
    program: PathBuf,
    child: Child,
    channel: Option<Channel>,
}

impl LauncherProcess {
    fn start(program: &Path) -> Result<LauncherProcess, ArmError> {
        let (child, channel) = spawn(program)?;
        Ok(LauncherProcess {
            program: program.to_owned(),
            child,
            channel: Some(channel),
        })
    }

    /// Ends a launcher that does not answer, with all that it started, and puts
    /// a new one in its place: an answer that comes late would be taken for that
    /// to another question.
    fn replace(&mut self) -> Result<(), ArmError> {
        self.channel = None;
        for pid in descendants(self.child.id()).unwrap_or_default() {
            let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
            let _ = pid.map(|pid| kill_process(pid, Signal::KILL));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let (child, channel) = spawn(&self.program)?;
        (self.child, self.channel) = (child, Some(channel));
        Ok(())
    }

    fn exchange(&mut self, request: &Request, program: Duration) -> Result<Reply, WireError> {
        let channel = self.channel.as_mut().ok_or(WireError::Closed)?;
        channel.set_deadline(Some(program + SLACK))?;
        channel.send(request)?;
        channel.receive()
    }
}

impl Link for LauncherProcess {
    fn ask(&mut self, request: &Request, program: Duration) -> Result<Reply, ArmError> {
        let reply = self.exchange(request, program);
        if reply.is_err() {
            self.replace()?;
        }
        reply.map_err(ArmError::wire(NAME))
    }

    fn another(&self) -> Result<Box<dyn Link>, ArmError> {
        Ok(Box::new(LauncherProcess::start(&self.program)?))
    }
}

fn spawn(program: &Path) -> Result<(Child, Channel), ArmError> {
    let (channel, theirs) = Channel::pair().map_err(ArmError::file(program))?;
    let child = Command::new(program)
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::null())
        .env_clear()
        // Ctrl-C is for the harness, which ends things in order.
        .process_group(0)
        .spawn()
        .map_err(ArmError::file(program))?;
    Ok((child, channel))
}

fn unexpected(reply: &Reply) -> ArmError {
    ArmError::Unexpected {
        process: NAME,
        answer: format!("{reply:?}"),
    }
}

/// Time in which a launcher stops all that is alive when it is told to end:
/// hundreds of containers take a minute.
const FAREWELL: Duration = Duration::from_secs(600);

impl Drop for LauncherProcess {
    fn drop(&mut self) {
        // Closing the connection makes it stop what is alive and exit.
        self.channel = None;
        let deadline = Instant::now() + FAREWELL;
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > deadline {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_does_not_answer_is_replaced() {
        let mut launcher = LauncherProcess::start(Path::new("/bin/true")).unwrap();
        let first = launcher.child.id();
        let broken = launcher.ask(&Request::Release(Handle(1)), Duration::ZERO);
        assert!(matches!(broken, Err(ArmError::Wire { .. })), "{broken:?}");
        assert_ne!(launcher.child.id(), first);
    }
}
