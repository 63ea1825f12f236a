//! The conversation with the harness.

use crate::adopted;
use crate::completion::complete;
use crate::error::ProcessError;
use crate::process::{Process, Until};
use assay_load::clock::now;
use assay_load::{Encoded, ExchangeError, Limits, ReadinessError};
use assay_wire::launcher::{
    Handle, Holding, HttpRequest, HttpResponse, Launch, Ran, Reply, Request, Serving,
};
use assay_wire::{Channel, WireError};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::time::Duration;

/// Why a request could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Around the process.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The program ended where it should have stayed.
    #[error("{program} ended before it was ready ({exit}); stderr: {stderr}")]
    EndedEarly {
        /// The executable.
        program: String,
        /// How it ended.
        exit: String,
        /// What it said.
        stderr: String,
    },
    /// The server could not be connected to.
    #[error("the server did not accept a connection: {0}")]
    Readiness(#[from] ReadinessError),
    /// The request failed.
    #[error("the first request failed: {0}")]
    Exchange(#[from] ExchangeError),
    /// The harness asked for what is not there.
    #[error("there is no process with handle {0:?}")]
    UnknownHandle(Handle),
}

/// Period of the connect loop: half of what METHODOLOGY.md allows.
const CONNECT_PERIOD: Duration = Duration::from_micros(50);

/// How long the loop runs before it looks whether the server is still alive.
const LIVENESS_PERIOD: Duration = Duration::from_millis(100);

/// Answers requests until the harness closes the connection; whatever is alive
/// then is stopped and removed.
///
/// # Errors
/// When the connection breaks in any other way.
pub fn run() -> Result<(), WireError> {
    // Containers that a runtime leaves behind become children of this process,
    // so that their exit can be seen and reaped. Without it (old kernels) their
    // exit is still seen, but not their status.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let mut session = Session {
        channel: Channel::from_stdin()?,
        alive: HashMap::new(),
        last_handle: 0,
    };
    let result = session.serve();
    for (_, process) in session.alive.drain() {
        process.abandon();
    }
    match result {
        Err(WireError::Closed) | Ok(()) => Ok(()),
        Err(error) => Err(error),
    }
}

struct Session {
    channel: Channel,
    alive: HashMap<Handle, Process>,
    last_handle: u32,
}

impl Session {
    fn serve(&mut self) -> Result<(), WireError> {
        loop {
            let request = self.channel.receive()?;
            let reply = match self.answer(request) {
                Ok(reply) => reply,
                Err(SessionError::Process(ProcessError::Abandoned)) => return Ok(()),
                Err(error) => Reply::Failed(error.to_string()),
            };
            self.channel.send(&reply)?;
        }
    }

    fn answer(&mut self, request: Request) -> Result<Reply, SessionError> {
        match request {
            Request::Run(launch) => {
                let process = Process::spawn(launch, false)?;
                Ok(Reply::Ran(self.finish(process)?))
            }
            Request::Hold(launch) => Ok(Reply::Holding(self.hold(launch)?)),
            Request::Serve {
                launch,
                address,
                first,
            } => Ok(Reply::Serving(self.serve_http(
                launch,
                address,
                first.as_ref(),
            )?)),
            Request::CleanUp(commands) => {
                for command in &commands {
                    let _ = complete(command);
                }
                adopted::reap();
                Ok(Reply::Cleaned)
            }
            Request::Release(handle) => {
                let mut process = self
                    .alive
                    .remove(&handle)
                    .ok_or(SessionError::UnknownHandle(handle))?;
                process.renew_deadline();
                if process.t7.is_some() {
                    process.close_stdin();
                } else {
                    process.stop();
                }
                Ok(Reply::Ran(self.finish(process)?))
            }
        }
    }

    /// Waits for the exit, reaps and removes.
    fn finish(&self, mut process: Process) -> Result<Ran, SessionError> {
        if let Err(error) = process.pump(Until::Exit, self.channel.as_fd()) {
            process.abandon();
            return Err(error.into());
        }
        let exit = process.reap()?;
        let teardown_error = process.tear_down();
        let t10 = now().0;
        Ok(Ran {
            t0: process.t0,
            t7: process.t7,
            t9: process.t9.unwrap_or(t10),
            t10,
            stamps: process.stamps(),
            exit,
            stdout: std::mem::take(&mut process.out),
            stderr: std::mem::take(&mut process.err),
            teardown_error,
        })
    }

    fn keep(&mut self, process: Process) -> Handle {
        self.last_handle += 1;
        let handle = Handle(self.last_handle);
        self.alive.insert(handle, process);
        handle
    }

    fn hold(&mut self, launch: Launch) -> Result<Holding, SessionError> {
        let detaches = launch.pid_file.is_some();
        let program = launch.command.program.display().to_string();
        let mut process = Process::spawn(launch, true)?;
        let ready = self.await_line(&mut process, detaches, &program);
        if let Err(error) = ready {
            process.abandon();
            return Err(error);
        }
        let (t0, t7) = (process.t0, process.t7.unwrap_or_default());
        let line = process
            .out
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default()
            .to_vec();
        let pids = vec![process.pid()];
        Ok(Holding {
            handle: self.keep(process),
            pids,
            t0,
            t7,
            line,
        })
    }

    fn await_line(
        &self,
        process: &mut Process,
        detaches: bool,
        program: &str,
    ) -> Result<(), SessionError> {
        let harness = self.channel.as_fd();
        if detaches {
            // The runtime exits by itself; its status says whether it worked.
            process.pump(Until::Exit, harness)?;
            let exit = process.reap()?;
            if exit != assay_wire::launcher::Exit::Code(0) {
                return Err(ended_early(process, program, format!("{exit:?}")));
            }
            process.follow_pid_file()?;
        }
        process.pump(Until::Line, harness)?;
        match process.t9 {
            Some(_) => Err(ended_early(
                process,
                program,
                "before its first line".to_owned(),
            )),
            None => Ok(()),
        }
    }

    fn serve_http(
        &mut self,
        launch: Launch,
        address: SocketAddr,
        first: Option<&HttpRequest>,
    ) -> Result<Serving, SessionError> {
        let program = launch.command.program.display().to_string();
        let encoded = first
            .map(|first| assay_load::Request::from(first).encode(&address.to_string()))
            .transpose()?;
        let mut process = Process::spawn(launch, false)?;
        match first_exchange(&mut process, address, encoded.as_ref(), &program) {
            Ok((t7, attempts, response)) => {
                let t0 = process.t0;
                let t8 = response.as_ref().map(|response| response.complete_at.0);
                let pids = vec![process.pid()];
                let response = response.map(HttpResponse::from);
                Ok(Serving {
                    handle: self.keep(process),
                    pids,
                    t0,
                    t7,
                    t8,
                    attempts,
                    response,
                })
            }
            Err(error) => {
                process.abandon();
                Err(error)
            }
        }
    }
}

fn first_exchange(
    process: &mut Process,
    address: SocketAddr,
    encoded: Option<&Encoded>,
    program: &str,
) -> Result<(u64, u64, Option<assay_load::Response>), SessionError> {
    let mut attempts = 0;
    let connected = loop {
        let slice = now().after(LIVENESS_PERIOD).min(process.deadline());
        match assay_load::connect_loop(address, CONNECT_PERIOD, slice) {
            Ok(connected) => break connected,
            Err(_) if process.has_exited()? => {
                process.read_rest()?;
                return Err(ended_early(
                    process,
                    program,
                    "before it listened".to_owned(),
                ));
            }
            Err(error) if now() >= process.deadline() => return Err(error.into()),
            Err(_) => attempts += 1,
        }
    };
    let exchange = |encoded| {
        let stream = &connected.stream;
        assay_load::exchange_encoded(stream, encoded, &Limits::default(), process.deadline())
    };
    let response = encoded.map(exchange).transpose()?;
    Ok((connected.at.0, attempts + connected.attempts, response))
}

fn ended_early(process: &Process, program: &str, exit: String) -> SessionError {
    SessionError::EndedEarly {
        program: program.to_owned(),
        exit,
        stderr: String::from_utf8_lossy(&process.err).trim().to_owned(),
    }
}
