//! `wasi:cli/command` in a fresh process.

use crate::{Load, Operands, status};
use assay_engine::command::Exit;
use assay_engine::{Error, Host, Limits, Result, clock::now, grant, stdio};
use assay_wire::launcher::STAMP_FD_VARIABLE;
use assay_wire::stamps::Stamps;
use std::process::ExitCode;
use wasmtime_wasi::WasiCtx;

/// Runs the command that the operands name. `started` is the instant of the
/// first statement of `main`.
#[must_use]
pub fn main(started: u64, operands: Result<Operands, String>, load: Load) -> ExitCode {
    let mut stamps = Stamps::new();
    stamps.note("t1", started);
    let result = operands
        .map_err(Error::msg)
        .and_then(|operands| run(&operands, load, &mut stamps));
    let code = match result {
        Ok(Exit::Ok) => ExitCode::SUCCESS,
        Ok(Exit::Err) => ExitCode::FAILURE,
        Ok(Exit::Trap(error)) => {
            eprintln!("assay-runner: the guest trapped: {error:?}");
            ExitCode::from(status::TRAP)
        }
        Err(error) => {
            eprintln!("assay-runner: {error:?}");
            ExitCode::from(status::RUNNER)
        }
    };
    stamps.send();
    code
}

fn run(operands: &Operands, load: Load, stamps: &mut Stamps) -> Result<Exit> {
    // One thread for everything: with WASI's synchronous calls a pool of
    // worker threads would start at the first of them.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .enable_io()
        .build()?;
    let host = Host::new(crate::CONFIG, Limits::default())?;
    stamps.note("t2", now());
    let machine = load(&host, &operands.file)?;
    stamps.note("t3", now());
    let command = host.async_command(&machine, &operands.grants.withheld)?;
    stamps.note("t4", now());
    let wasi = context(operands)?;
    runtime.block_on(command.run(wasi, || stamps.note("t5", now())))
}

fn context(operands: &Operands) -> Result<WasiCtx> {
    let mut wasi = WasiCtx::builder();
    wasi.args(&operands.args)
        .inherit_stdin()
        .stdout(stdio::Sink::new(stdio::Descriptor(rustix::stdio::stdout())))
        .stderr(stdio::Sink::new(stdio::Descriptor(rustix::stdio::stderr())))
        // There is nobody else on this thread to be held up by a file.
        .allow_blocking_current_thread(true);
    for (name, value) in std::env::vars() {
        if name != STAMP_FD_VARIABLE {
            wasi.env(name, value);
        }
    }
    grant(&operands.grants, &mut wasi)?;
    Ok(wasi.build())
}
