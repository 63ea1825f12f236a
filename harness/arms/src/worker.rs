//! The harness's side of `assay-worker`.

use crate::error::ArmError;
use assay_build::{Binaries, Foreign, Program};
use assay_load::clock::now;
use assay_model::Bytes;
use assay_wire::grants::Grants;
use assay_wire::worker::{
    GuestExit, Input, Loaded, Operation, Proof, Reply, Request, Stamps, Stop, World,
};
use assay_wire::{Channel, WireError};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

const NAME: &str = "assay-worker";

/// Engine configs of further back ends, which only some workers have.
pub(crate) const WINCH: &str = "winch";
pub(crate) const PULLEY: &str = "pulley";

/// How long a request that is no launch may take on a machine of its own.
const PATIENCE: Duration = Duration::from_secs(120);

/// A resident engine in a process of its own; killed when dropped.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    channel: Channel,
    /// How long a request that is no launch may take here.
    patience: Duration,
}

/// A launch as the harness saw it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heard {
    /// All of stdout.
    pub stdout: Vec<u8>,
    /// All of stderr.
    pub stderr: Vec<u8>,
    /// The first stdout frame was read.
    pub t7: Option<u64>,
    /// The end was read.
    pub t9: u64,
    /// The store is gone.
    pub t10: u64,
    /// The worker's own stamps.
    pub stamps: Stamps,
}

impl Worker {
    /// Starts an engine.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(binaries: &Binaries, config: &str, instances: u32) -> Result<Worker, ArmError> {
        Worker::start_with(binaries, &[config, &instances.to_string()])
    }

    /// Starts an engine whose calls of the host are noted. It is not one to be
    /// timed.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start_traced(binaries: &Binaries, config: &str) -> Result<Worker, ArmError> {
        Worker::start_with(binaries, &[config, "", "trace"])
    }

    fn start_with(binaries: &Binaries, args: &[&str]) -> Result<Worker, ArmError> {
        let further = args
            .first()
            .is_some_and(|config| [WINCH, PULLEY].contains(config));
        let program = match (further, binaries.back_ends()) {
            (false, _) => binaries.program(NAME),
            (true, Some(worker)) => Program::under(worker.to_owned(), binaries.emulator()),
            (true, None) => {
                return Err(ArmError::Runtime(
                    "there is no worker with further back ends".to_owned(),
                ));
            }
        };
        Worker::start_program(&program, args, binaries.patience(PATIENCE))
    }

    /// Starts a worker of this machine that compiles for another: the config
    /// is that of the worker which will load the code.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub(crate) fn start_compiler(
        binaries: &Binaries,
        foreign: &Foreign,
        config: &str,
    ) -> Result<Worker, ArmError> {
        let program = Program::native(foreign.compiler());
        Worker::start_program(&program, &[config, "1"], binaries.patience(PATIENCE))
    }

    fn start_program(
        program: &Program,
        args: &[&str],
        patience: Duration,
    ) -> Result<Worker, ArmError> {
        let path = program.path();
        let (channel, theirs) = Channel::pair().map_err(ArmError::file(path))?;
        let child = program
            .command(args)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .env_clear()
            .process_group(0)
            .spawn()
            .map_err(ArmError::file(path))?;
        Ok(Worker {
            child,
            channel,
            patience,
        })
    }

    /// A worker whose other end a test speaks for.
    #[cfg(test)]
    pub(crate) fn scripted(child: Child, channel: Channel) -> Worker {
        Worker {
            child,
            channel,
            patience: PATIENCE,
        }
    }

    /// The worker's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn send(&mut self, request: &Request, patience: Duration) -> Result<(), ArmError> {
        self.channel
            .set_deadline(Some(patience))
            .map_err(|error| ArmError::wire(NAME)(error.into()))?;
        self.channel.send(request).map_err(ArmError::wire(NAME))
    }

    fn receive(&mut self) -> Result<Reply, ArmError> {
        match self.channel.receive().map_err(ArmError::wire(NAME))? {
            Reply::Failed(why) => Err(ArmError::Runtime(why)),
            reply => Ok(reply),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, ArmError> {
        self.send(request, self.patience)?;
        self.receive()
    }

    /// What engine this is.
    ///
    /// # Errors
    /// When the worker broke.
    pub fn describe(&mut self) -> Result<BTreeMap<String, String>, ArmError> {
        match self.ask(&Request::Describe)? {
            Reply::Described(settings) => Ok(settings.into_iter().collect()),
            other => Err(unexpected(&other)),
        }
    }

    /// Compiles ahead of time, for another machine if a target is named; tells
    /// nanoseconds and size.
    ///
    /// # Errors
    /// When the component does not compile.
    pub fn compile(
        &mut self,
        wasm: &Path,
        cwasm: &Path,
        world: World,
        canonical_nans: bool,
        target: Option<&str>,
    ) -> Result<(u64, Bytes), ArmError> {
        let request = Request::Compile {
            wasm: wasm.to_owned(),
            cwasm: cwasm.to_owned(),
            world,
            canonical_nans,
            target: target.map(str::to_owned),
        };
        match self.ask(&request)? {
            Reply::Compiled { nanos, bytes } => Ok((nanos, Bytes(bytes))),
            other => Err(unexpected(&other)),
        }
    }

    /// Loads machine code.
    ///
    /// # Errors
    /// When it was compiled for another engine.
    pub fn load(
        &mut self,
        cwasm: &Path,
        world: World,
        withheld: Vec<String>,
    ) -> Result<Loaded, ArmError> {
        match self.ask(&Request::Load {
            cwasm: cwasm.to_owned(),
            world,
            withheld,
        })? {
            Reply::Loaded(loaded) => Ok(loaded),
            other => Err(unexpected(&other)),
        }
    }

    /// Runs a command. `Ok(None)` means that its deadline passed: the worker
    /// is then of no further use.
    ///
    /// # Errors
    /// When the worker broke.
    pub fn run(
        &mut self,
        component: Loaded,
        input: Input,
        deadline: Duration,
    ) -> Result<Option<(Heard, GuestExit)>, ArmError> {
        self.send(&Request::Run { component, input }, deadline)?;
        let mut heard = Heard::default();
        let mut ended = None;
        loop {
            let reply = match self.channel.receive() {
                Ok(Reply::Failed(why)) => return Err(ArmError::Runtime(why)),
                Ok(reply) => reply,
                Err(WireError::TimedOut(_)) => return Ok(None),
                Err(error) => return Err(ArmError::wire(NAME)(error)),
            };
            let at = now().0;
            match reply {
                Reply::Stdout(bytes) => {
                    heard.t7.get_or_insert(at);
                    heard.stdout.extend_from_slice(&bytes);
                }
                Reply::Stderr(bytes) => heard.stderr.extend_from_slice(&bytes),
                Reply::Exited { exit, stamps } => {
                    heard.t9 = at;
                    heard.stamps = stamps;
                    ended = Some(exit);
                }
                Reply::Gone => {
                    heard.t10 = at;
                    let exit = ended.take().ok_or_else(|| unexpected(&Reply::Gone))?;
                    return Ok(Some((heard, exit)));
                }
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// Serves a handler on a loopback port.
    ///
    /// # Errors
    /// When no port is free.
    pub fn serve(&mut self, component: Loaded, grants: Grants) -> Result<SocketAddr, ArmError> {
        match self.ask(&Request::Serve { component, grants })? {
            Reply::Serving(address) => Ok(address),
            other => Err(unexpected(&other)),
        }
    }

    /// The worker's stamps of the last request served.
    ///
    /// # Errors
    /// When the worker broke.
    pub fn last_request(&mut self) -> Result<Option<Stamps>, ArmError> {
        match self.ask(&Request::LastRequest)? {
            Reply::Stamped(stamps) => Ok(stamps),
            other => Err(unexpected(&other)),
        }
    }

    /// Which functions of the host were called since the last time; nothing
    /// unless the worker traces them.
    ///
    /// # Errors
    /// When the worker broke.
    pub fn trace(&mut self) -> Result<Vec<String>, ArmError> {
        match self.ask(&Request::Trace)? {
            Reply::Traced(calls) => Ok(calls),
            other => Err(unexpected(&other)),
        }
    }

    /// Stops serving.
    ///
    /// # Errors
    /// When the worker broke.
    pub fn stop_serving(&mut self) -> Result<(), ArmError> {
        self.done(&Request::StopServing)
    }

    /// Grows the number of live instances; tells how many there are and what
    /// kept it from more.
    ///
    /// # Errors
    /// When the worker broke.
    pub fn hold(
        &mut self,
        component: Loaded,
        until: u64,
        input: Input,
        proof: Proof,
    ) -> Result<(u64, Option<Stop>), ArmError> {
        match self.ask(&Request::Hold {
            component,
            until,
            input,
            proof,
        })? {
            Reply::Held { live, stop } => Ok((live, stop)),
            other => Err(unexpected(&other)),
        }
    }

    /// Ends all live instances.
    ///
    /// # Errors
    /// When the worker broke.
    pub fn drop_all(&mut self) -> Result<(), ArmError> {
        self.done(&Request::Drop)
    }

    /// Repeats an operation; tells the wall time of all repetitions, in
    /// nanoseconds.
    ///
    /// # Errors
    /// When the operation fails.
    pub fn repeat(
        &mut self,
        component: Loaded,
        operation: Operation,
        times: u64,
    ) -> Result<u64, ArmError> {
        match self.ask(&Request::Repeat {
            component,
            operation,
            times,
        })? {
            Reply::Took(nanos) => Ok(nanos),
            other => Err(unexpected(&other)),
        }
    }

    fn done(&mut self, request: &Request) -> Result<(), ArmError> {
        match self.ask(request)? {
            Reply::Done => Ok(()),
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

impl Drop for Worker {
    fn drop(&mut self) {
        // A guest may be running: closing the connection would not end it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
