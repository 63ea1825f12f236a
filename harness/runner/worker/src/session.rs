//! The conversation with the harness.

use crate::density::Held;
use crate::launch::{self, Shared, send};
use crate::wall;
use assay_engine::clock::now;
use assay_engine::command::SyncCommand;
use assay_engine::concurrent::ConcurrentCommand;
use assay_engine::proxy::{Handler, RequestStamps};
use assay_engine::{Code, ConfigName, Host, Limits};
use assay_wire::grants::Grants;
use assay_wire::worker::{Input, Loaded, Operation, Proof, Reply, Request, Stamps, World};
use assay_wire::{Channel, WireError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use wasmtime_wasi::WasiCtx;

/// Why the worker ends other than by the harness closing the connection.
pub type SessionError = Box<dyn std::error::Error>;

/// Tokio threads beside the one that runs commands: one drives timers and
/// accepts, one may wait for a guest.
const RUNTIME_THREADS: usize = 2;

/// Answers requests until the harness closes the connection. With `trace`, it
/// notes which functions of the host are called.
///
/// # Errors
/// When the engine does not start or the connection breaks.
pub fn run(config: &str, instances: &str, trace: bool) -> Result<(), SessionError> {
    if trace {
        assay_engine::trace::start()?;
    }
    // A guest that hangs must not outlive a harness that was killed.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    wall::volunteer_for_oom()?;
    let config: ConfigName = config.parse()?;
    let limits = match instances {
        "" => Limits::default(),
        number => Limits {
            instances: number.parse()?,
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .enable_all()
        .build()?;
    let _entered = runtime.enter();
    let mut session = Session {
        host: Host::new(config, limits)?,
        concurrent: None,
        config,
        limits,
        channel: Arc::new(Mutex::new(Channel::from_stdin()?)),
        loaded: Vec::new(),
        server: None,
        last_request: Arc::default(),
        held: Held::default(),
    };
    loop {
        let request = {
            let mut channel = session
                .channel
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            channel.receive()
        };
        match request {
            Ok(request) => session.answer(request)?,
            Err(WireError::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

struct Session {
    host: Host,
    /// The engine of WASI 0.3, once it is wanted.
    concurrent: Option<Host>,
    config: ConfigName,
    limits: Limits,
    channel: Shared,
    loaded: Vec<Component>,
    server: Option<JoinHandle<io::Result<()>>>,
    last_request: Arc<Mutex<Option<RequestStamps>>>,
    held: Held,
}

struct Component {
    cwasm: PathBuf,
    linked: Linked,
}

enum Linked {
    Command(SyncCommand),
    ConcurrentCommand(ConcurrentCommand),
    Handler(Handler),
}

const NO_COMMAND: &str = "this component is not a command of WASI 0.2";

/// A request that could not be carried out: told to the harness, which goes on.
type Answer = Result<Reply, String>;

fn told(error: assay_engine::Error) -> String {
    format!("{error:?}")
}

impl Session {
    fn answer(&mut self, request: Request) -> io::Result<()> {
        let answer = match request {
            Request::Run { component, input } => match self.component(component) {
                Ok(Component {
                    linked: Linked::Command(command),
                    ..
                }) => return launch::run(command, input, &self.channel),
                Ok(Component {
                    linked: Linked::ConcurrentCommand(command),
                    ..
                }) => return launch::run_concurrently(command, input, &self.channel),
                Ok(_) => Err(NO_COMMAND.to_owned()),
                Err(error) => Err(error),
            },
            Request::Describe => Ok(Reply::Described(self.host.describe())),
            Request::Compile {
                wasm,
                cwasm,
                world,
                canonical_nans,
                target,
            } => {
                let code = Code {
                    machine_nans: !canonical_nans,
                    target: target.as_deref(),
                };
                self.compile(&wasm, &cwasm, world, code)
            }
            Request::Load {
                cwasm,
                world,
                withheld,
            } => self.load(cwasm, world, &withheld),
            Request::Serve { component, grants } => self.serve(component, grants),
            Request::Trace => Ok(Reply::Traced(assay_engine::trace::take())),
            Request::LastRequest => Ok(Reply::Stamped(self.last_request())),
            Request::StopServing => {
                if let Some(server) = self.server.take() {
                    server.abort();
                }
                Ok(Reply::Done)
            }
            Request::Hold {
                component,
                until,
                input,
                proof,
            } => self.hold(component, until, &input, &proof),
            Request::Drop => {
                self.held.clear();
                Ok(Reply::Done)
            }
            Request::Repeat {
                component,
                operation,
                times,
            } => self.repeat(component, operation, times),
        };
        send(&self.channel, &answer.unwrap_or_else(Reply::Failed))
    }

    fn component(&self, Loaded(index): Loaded) -> Result<&Component, String> {
        self.loaded
            .get(index as usize)
            .ok_or_else(|| format!("component {index} is not loaded"))
    }

    fn command(&self, component: Loaded) -> Result<&SyncCommand, String> {
        match &self.component(component)?.linked {
            Linked::Command(command) => Ok(command),
            _ => Err(NO_COMMAND.to_owned()),
        }
    }

    /// The engine for a world; that for WASI 0.3 starts when it is first
    /// wanted.
    fn host(&mut self, world: World) -> Result<&Host, String> {
        if !world.is_async() {
            return Ok(&self.host);
        }
        let concurrent = match self.concurrent.take() {
            Some(host) => host,
            None => Host::concurrent(self.config, self.limits).map_err(told)?,
        };
        Ok(self.concurrent.insert(concurrent))
    }

    fn compile(&mut self, wasm: &Path, cwasm: &Path, world: World, code: Code<'_>) -> Answer {
        let named = |path: &Path| {
            let path = path.display().to_string();
            move |error: io::Error| format!("{path}: {error}")
        };
        let bytes = std::fs::read(wasm).map_err(named(wasm))?;
        let started = now();
        let code = self.host(world)?.compile(&bytes, code).map_err(told)?;
        let nanos = now() - started;
        // A reader never sees half of it.
        let partial = cwasm.with_extension(format!("partial-{}", std::process::id()));
        std::fs::write(&partial, &code).map_err(named(&partial))?;
        std::fs::rename(&partial, cwasm).map_err(named(cwasm))?;
        Ok(Reply::Compiled {
            nanos,
            bytes: code.len() as u64,
        })
    }

    fn load(&mut self, cwasm: PathBuf, world: World, withheld: &[String]) -> Answer {
        let host = self.host(world)?;
        // SAFETY: needed because machine code is what a deployer loads. The
        // harness names only files that `compile` above wrote, in a cache
        // directory of its user, keyed by content and engine config.
        let machine = unsafe { host.load(&cwasm) }.map_err(told)?;
        let linked = match world {
            World::Command => host.command(&machine, withheld).map(Linked::Command),
            World::Proxy => host.proxy(&machine, withheld).map(Linked::Handler),
            World::AsyncCommand => host
                .concurrent_command(&machine, withheld)
                .map(Linked::ConcurrentCommand),
            World::AsyncService => host.service(&machine, withheld).map(Linked::Handler),
        }
        .map_err(told)?;
        self.loaded.push(Component { cwasm, linked });
        Ok(Reply::Loaded(Loaded(self.loaded.len() as u32 - 1)))
    }

    fn serve(&mut self, component: Loaded, grants: Grants) -> Answer {
        let Linked::Handler(proxy) = &self.component(component)?.linked else {
            return Err("this component is a command, not a handler".to_owned());
        };
        if self.server.is_some() {
            return Err("a handler is being served already".to_owned());
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .and_then(|listener| Ok((listener.local_addr()?, listener)))
            .and_then(|(addr, listener)| Ok((addr, tokio::net::TcpListener::from_std(listener)?)));
        let (address, listener) = listener.map_err(|error| format!("127.0.0.1:0: {error}"))?;
        let last = Arc::clone(&self.last_request);
        let proxy = proxy.granted(grants).silent();
        self.server = Some(tokio::spawn(proxy.serve(
            listener,
            Arc::new(move |stamps| {
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamps);
            }),
        )));
        Ok(Reply::Serving(address))
    }

    fn last_request(&self) -> Option<Stamps> {
        let last = self
            .last_request
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        last.map(|RequestStamps { t0, t5 }| Stamps {
            t0,
            t4: t0,
            t5,
            sink: None,
        })
    }

    fn hold(&mut self, component: Loaded, until: u64, input: &Input, proof: &Proof) -> Answer {
        // Taken out while it grows, because the command is borrowed from self.
        let mut held = std::mem::take(&mut self.held);
        let grown = self
            .command(component)
            .map(|command| held.grow(command, until, input, proof));
        self.held = held;
        Ok(Reply::Held {
            live: self.held.live(),
            stop: grown?,
        })
    }

    fn repeat(&self, component: Loaded, operation: Operation, times: u64) -> Answer {
        let command = self.command(component)?;
        let cwasm = &self.component(component)?.cwasm;
        let started = now();
        for _ in 0..times {
            match operation {
                Operation::Instantiate => {
                    drop(command.instantiate(quiet()).map_err(told)?);
                }
                Operation::Call => {
                    command.instantiate(quiet()).map_err(told)?.run();
                }
                Operation::Load => {
                    // SAFETY: as in `load`: the same file.
                    drop(unsafe { self.host.load(cwasm) }.map_err(told)?);
                }
            }
        }
        Ok(Reply::Took(now() - started))
    }
}

fn quiet() -> WasiCtx {
    WasiCtx::builder().build()
}
