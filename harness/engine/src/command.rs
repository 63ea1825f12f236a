//! The world `wasi:cli/command@0.2`.

use crate::clock::now;
use crate::host::{Ctx, Host, Machine};
use crate::link;
use wasmtime::component::InstancePre;
use wasmtime::{Result, Store};
use wasmtime_wasi::p2::bindings;
use wasmtime_wasi::{I32Exit, WasiCtx};

/// How a command ended.
#[derive(Debug)]
pub enum Exit {
    /// `run` returned ok, or `exit` was called with ok.
    Ok,
    /// `run` returned err, or `exit` was called with err.
    Err,
    /// It trapped.
    Trap(wasmtime::Error),
}

/// `call_run` has two layers of result: the host's and the guest's.
pub(crate) fn exit(result: Result<std::result::Result<(), ()>>) -> Exit {
    match result {
        Ok(Ok(())) => Exit::Ok,
        Ok(Err(())) => Exit::Err,
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(0)) => Exit::Ok,
            Some(_) => Exit::Err,
            None => Exit::Trap(error),
        },
    }
}

impl Host {
    /// Links a command for synchronous use: host calls block the thread, no
    /// fiber is needed. Calls that wait need a Tokio runtime that is entered
    /// and drives its own timers.
    ///
    /// # Errors
    /// When the component imports what is not offered.
    pub fn command(&self, machine: &Machine, withheld: &[String]) -> Result<SyncCommand> {
        let linker = link::blocking(self.linker(), machine, withheld)?;
        let pre = linker.instantiate_pre(&machine.0)?;
        Ok(SyncCommand(bindings::sync::CommandPre::new(pre)?))
    }

    /// Links a command for asynchronous use, on a fiber: everything runs on
    /// the one thread of a current-thread runtime, timers included.
    ///
    /// # Errors
    /// When the component imports what is not offered.
    pub fn async_command(&self, machine: &Machine, withheld: &[String]) -> Result<AsyncCommand> {
        let linker = link::fibers(self.linker(), machine, withheld)?;
        let pre: InstancePre<Ctx> = linker.instantiate_pre(&machine.0)?;
        Ok(AsyncCommand(bindings::CommandPre::new(pre)?))
    }
}

/// A linked command that runs synchronously.
pub struct SyncCommand(bindings::sync::CommandPre<Ctx>);

/// An instance that exists.
pub struct Live {
    store: Store<Ctx>,
    command: bindings::sync::Command,
    /// When it was instantiated.
    pub instantiated: u64,
}

impl SyncCommand {
    /// Creates a store around a context and an instance in it.
    ///
    /// # Errors
    /// When there is no room for an instance; the engine's message names what
    /// ran out.
    pub fn instantiate(&self, wasi: WasiCtx) -> Result<Live> {
        let mut store = Store::new(self.0.engine(), Ctx::new(wasi));
        let command = self.0.instantiate(&mut store)?;
        Ok(Live {
            store,
            command,
            instantiated: now(),
        })
    }
}

impl Live {
    /// Calls `wasi:cli/run`. The instance stays until it is dropped, but a
    /// command must not be entered twice (wasi:cli, world `command`).
    pub fn run(&mut self) -> Exit {
        exit(self.command.wasi_cli_run().call_run(&mut self.store))
    }
}

/// A linked command that runs on a fiber.
pub struct AsyncCommand(bindings::CommandPre<Ctx>);

impl AsyncCommand {
    /// Instantiates and runs; `instantiated` is called in between.
    ///
    /// # Errors
    /// When there is no room for an instance.
    pub async fn run(&self, wasi: WasiCtx, instantiated: impl FnOnce()) -> Result<Exit> {
        let mut store = Store::new(self.0.engine(), Ctx::new(wasi));
        let command = self.0.instantiate_async(&mut store).await?;
        instantiated();
        Ok(exit(command.wasi_cli_run().call_run(&mut store).await))
    }
}
