//! The world `wasi:cli/command@0.3`: calls that wait do not hold up others.

use crate::command::{Exit, exit};
use crate::host::{Ctx, Host, Machine};
use crate::link;
use std::future::poll_fn;
use wasmtime::{Result, Store};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::p3::bindings::CommandPre;

impl Host {
    /// Links a command of WASI 0.3. The host must be a concurrent one.
    ///
    /// # Errors
    /// When the component imports what is not offered.
    pub fn concurrent_command(
        &self,
        machine: &Machine,
        withheld: &[String],
    ) -> Result<ConcurrentCommand> {
        let linker = link::concurrent(self.linker(), machine, withheld)?;
        Ok(ConcurrentCommand(CommandPre::new(
            linker.instantiate_pre(&machine.0)?,
        )?))
    }
}

/// A linked command of WASI 0.3.
#[derive(Clone)]
pub struct ConcurrentCommand(CommandPre<Ctx>);

impl ConcurrentCommand {
    /// Instantiates and runs to the end of all that the guest has begun;
    /// `instantiated` is called in between. Needs a Tokio runtime with timers.
    ///
    /// # Errors
    /// When there is no room for an instance.
    pub async fn run(&self, wasi: WasiCtx, instantiated: impl FnOnce()) -> Result<Exit> {
        let mut store = Store::new(self.0.engine(), Ctx::new(wasi));
        let command = self.0.instantiate_async(&mut store).await?;
        instantiated();
        let ran = store
            .run_concurrent(async |accessor| {
                let ran = command.wasi_cli_run().call_run(accessor).await;
                // What the guest has spawned may go on after `run` returned.
                if ran.is_ok() {
                    poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
                }
                ran
            })
            .await;
        Ok(exit(ran.and_then(|ran| ran)))
    }
}
