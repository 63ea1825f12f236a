//! The harness's side of `assay-launcher`.

use crate::error::ArmError;
use assay_wire::Channel;
use assay_wire::launcher::{Handle, Holding, HttpRequest, Launch, Ran, Reply, Request, Serving};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const NAME: &str = "assay-launcher";

/// Time the launcher may take beyond a program's own deadline: to stop it, to
/// run its teardown, to answer.
const SLACK: Duration = Duration::from_secs(20);

/// A running launcher. When it is dropped, it stops what is still alive.
#[derive(Debug)]
pub struct Launcher {
    child: Child,
    channel: Option<Channel>,
}

impl Launcher {
    /// Starts the launcher.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(program: &Path) -> Result<Launcher, ArmError> {
        let (channel, theirs) = Channel::pair().map_err(ArmError::file(program))?;
        let child = Command::new(program)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .env_clear()
            // Ctrl-C is for the harness, which ends things in order.
            .process_group(0)
            .spawn()
            .map_err(ArmError::file(program))?;
        Ok(Launcher {
            child,
            channel: Some(channel),
        })
    }

    fn ask(&mut self, request: &Request, program: Duration) -> Result<Reply, ArmError> {
        let channel = self
            .channel
            .as_mut()
            .ok_or_else(|| ArmError::wire(NAME)(assay_wire::WireError::Closed))?;
        channel
            .set_deadline(Some(program + SLACK))
            .map_err(|error| ArmError::wire(NAME)(error.into()))?;
        channel.send(request).map_err(ArmError::wire(NAME))?;
        match channel.receive().map_err(ArmError::wire(NAME))? {
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

fn unexpected(reply: &Reply) -> ArmError {
    ArmError::Unexpected {
        process: NAME,
        answer: format!("{reply:?}"),
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        // Closing the connection makes it stop what is alive and exit.
        self.channel = None;
        let _ = self.child.wait();
    }
}
