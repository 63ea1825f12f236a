//! What is run in the container, and what it is given.

use anyhow::{Context as _, Result, anyhow};
use assay_engine::command::Exit;
use assay_engine::{ConfigName, Host, Limits, grant, stdio};
use assay_wire::grants::{Grants, Preopen};
use containerd_shim_wasm::sandbox::context::RuntimeContext;
use std::net::SocketAddr;
use std::sync::Arc;
use wasmtime_wasi::WasiCtx;

/// Names what the guest may reach (`Grants::to_argument`). Without it, it may
/// what a program in the container may: its files and its network.
const GRANTS: &str = "ASSAY_GRANTS";

/// Names the address on which a handler of HTTP requests is served.
const LISTEN: &str = "ASSAY_LISTEN";

/// The guest trapped: what a shell shows for SIGABRT, by which a native program
/// ends.
const TRAPPED: u8 = 134;

/// There was no guest to run.
pub const FAILED: u8 = 125;

/// A component, and what it is given.
pub struct Guest {
    component: Vec<u8>,
    args: Vec<String>,
    env: Vec<(String, String)>,
    grants: Grants,
    listen: Option<SocketAddr>,
}

impl Guest {
    /// Takes all of it from the container's configuration.
    ///
    /// # Errors
    /// When there is no component, or a variable of this shim is wrong.
    pub fn of(context: &impl RuntimeContext) -> Result<Guest> {
        let source = context.entrypoint().source;
        let component = source.as_bytes().context("the component cannot be read")?;
        let (mut grants, mut listen) = (whole_container(), None);
        let mut env = Vec::new();
        for variable in context.envs() {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            match name {
                GRANTS => grants = Grants::from_argument(value)?,
                LISTEN => {
                    listen = Some(value.parse().with_context(|| format!("{LISTEN}={value}"))?)
                }
                _ => env.push((name.to_owned(), value.to_owned())),
            }
        }
        Ok(Guest {
            component: component.into_owned(),
            args: context.args().to_vec(),
            env,
            grants,
            listen,
        })
    }

    /// Runs it to its end; the answer is the exit status of the container.
    pub fn run(self) -> u8 {
        match self.carry_out() {
            Ok(Exit::Ok) => 0,
            Ok(Exit::Err) => 1,
            Ok(Exit::Trap(error)) => {
                eprintln!("containerd-shim-assay: the guest trapped: {error:?}");
                TRAPPED
            }
            Err(error) => {
                eprintln!("containerd-shim-assay: {error:?}");
                FAILED
            }
        }
    }

    fn carry_out(self) -> Result<Exit> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .enable_io()
            .build()?;
        let host = Host::new(ConfigName::ON_DEMAND, Limits::default()).map_err(engine)?;
        let machine = host.compile_in_place(&self.component).map_err(engine)?;
        let withheld = &self.grants.withheld;
        let Some(address) = self.listen else {
            let command = host.async_command(&machine, withheld).map_err(engine)?;
            let wasi = self.context()?;
            return runtime.block_on(command.run(wasi, || ())).map_err(engine);
        };
        let handler = host.proxy(&machine, withheld).map_err(engine)?;
        let handler = handler.granted(self.grants.clone());
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(address).await?;
            handler.serve(listener, Arc::new(|_| ())).await?;
            Ok(Exit::Ok)
        })
    }

    fn context(&self) -> Result<WasiCtx> {
        let mut wasi = WasiCtx::builder();
        wasi.args(&self.args)
            .inherit_stdin()
            .stdout(stdio::Sink::new(stdio::Descriptor(rustix::stdio::stdout())))
            .stderr(stdio::Sink::new(stdio::Descriptor(rustix::stdio::stderr())))
            // There is nobody else on this thread to be held up by a file.
            .allow_blocking_current_thread(true);
        for (name, value) in &self.env {
            wasi.env(name, value);
        }
        grant(&self.grants, &mut wasi).map_err(engine)?;
        Ok(wasi.build())
    }
}

fn engine(error: assay_engine::Error) -> anyhow::Error {
    anyhow!("{error:?}")
}

/// The files of the container and its network, up to loopback.
fn whole_container() -> Grants {
    Grants {
        preopens: vec![Preopen {
            host: "/".into(),
            guest: "/".to_owned(),
            write: true,
        }],
        tcp: true,
        udp: true,
        dns: true,
        outgoing_http: true,
        ..Grants::default()
    }
}
