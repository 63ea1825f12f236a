//! `wasi:http/proxy` in a fresh process.

use crate::{Load, Operands, status};
use assay_engine::{Error, Host, Limits, Result, clock::now};
use assay_wire::stamps::Stamps;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// Serves the handler that the operands name until it is killed. `started` is
/// the instant of the first statement of `main`.
#[must_use]
pub fn main(started: u64, operands: Result<Operands, String>, load: Load) -> ExitCode {
    let result = operands
        .map_err(Error::msg)
        .and_then(|operands| run(started, &operands, load));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assay-runner-http: {error:?}");
            ExitCode::from(status::RUNNER)
        }
    }
}

fn run(started: u64, operands: &Operands, load: Load) -> Result<()> {
    let Some(address) = &operands.listen else {
        return Err(Error::msg("a handler needs --listen ADDRESS"));
    };
    let mut stamps = Stamps::new();
    stamps.note("t1", started);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .enable_io()
        .build()?;
    let host = Host::new(crate::CONFIG, Limits::default())?;
    stamps.note("t2", now());
    let machine = load(&host, &operands.file)?;
    stamps.note("t3", now());
    let proxy = host
        .proxy(&machine, &operands.grants.withheld)?
        .granted(operands.grants.clone());
    stamps.note("t4", now());
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        // A server is ended by a signal, so the stamps leave as soon as they
        // are complete: with the first request, behind its instantiation.
        let stamps = Mutex::new(Some(stamps));
        let first = Arc::new(move |request: assay_engine::proxy::RequestStamps| {
            let stamps = stamps.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(mut stamps) = stamps {
                stamps.note("t5", request.t5);
                stamps.send();
            }
        });
        proxy.serve(listener, first).await?;
        Ok(())
    })
}
