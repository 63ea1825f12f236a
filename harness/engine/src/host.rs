#[cfg(feature = "compiler")]
use crate::config::Code;
use crate::config::{ConfigName, Limits, engine};
use std::path::Path;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// What each store holds.
pub struct Ctx {
    pub(crate) wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    #[cfg(feature = "http")]
    pub(crate) http: wasmtime_wasi_http::WasiHttpCtx,
    #[cfg(feature = "http")]
    pub(crate) outgoing: crate::outgoing::Requests,
}

impl Ctx {
    /// Wraps a WASI context.
    #[must_use]
    pub fn new(wasi: WasiCtx) -> Ctx {
        Ctx {
            wasi,
            table: ResourceTable::new(),
            #[cfg(feature = "http")]
            http: wasmtime_wasi_http::WasiHttpCtx::new(),
            #[cfg(feature = "http")]
            outgoing: crate::outgoing::Requests { allowed: false },
        }
    }

    /// The same with the capability of outgoing requests.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn with_outgoing(mut self, allowed: bool) -> Ctx {
        self.outgoing.allowed = allowed;
        self
    }
}

impl WasiView for Ctx {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

#[cfg(feature = "http")]
impl wasmtime_wasi_http::WasiHttpView for Ctx {
    fn http(&mut self) -> wasmtime_wasi_http::WasiHttpCtxView<'_> {
        wasmtime_wasi_http::WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outgoing,
        }
    }
}

/// Machine code of one component, ready to be linked.
pub struct Machine(pub(crate) Component);

/// An engine and what it offers to components.
pub struct Host {
    engine: Engine,
    config: ConfigName,
    limits: Limits,
    /// Whether it is an engine for WASI 0.3.
    #[cfg(feature = "compiler")]
    concurrent: bool,
}

impl Host {
    /// Starts an engine.
    ///
    /// # Errors
    /// When the engine refuses the config.
    pub fn new(config: ConfigName, limits: Limits) -> Result<Host> {
        Ok(Host {
            engine: engine(config, limits)?,
            config,
            limits,
            #[cfg(feature = "compiler")]
            concurrent: false,
        })
    }

    /// Starts an engine for WASI 0.3.
    ///
    /// # Errors
    /// When the engine refuses the config.
    #[cfg(feature = "p3")]
    pub fn concurrent(config: ConfigName, limits: Limits) -> Result<Host> {
        Ok(Host {
            engine: crate::config::concurrent(config, limits)?,
            config,
            limits,
            #[cfg(feature = "compiler")]
            concurrent: true,
        })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn linker(&self) -> Linker<Ctx> {
        Linker::new(&self.engine)
    }

    /// The settings as the engine itself reports them, by name.
    #[must_use]
    pub fn describe(&self) -> Vec<(String, String)> {
        let mut settings = vec![
            ("config".to_owned(), self.config.to_string()),
            ("wasmtime".to_owned(), WASMTIME_VERSION.to_owned()),
            ("pulley".to_owned(), self.engine.is_pulley().to_string()),
            ("engine".to_owned(), format!("{:?}", self.engine.config())),
        ];
        if self.config.pools() {
            settings.push((
                "pool.instances".to_owned(),
                self.limits.instances.to_string(),
            ));
        }
        settings
    }

    /// Loads machine code, mapped from its file.
    ///
    /// # Safety
    /// Wasmtime trusts the file: it must have been written by
    /// [`Host::compile`] of this suite, in a directory that only its user can
    /// write (see `Component::deserialize_file`).
    ///
    /// # Errors
    /// When the file is missing or was compiled for another engine.
    pub unsafe fn load(&self, cwasm: &Path) -> Result<Machine> {
        // SAFETY: the caller vouches for the origin of the file; there is no
        // safe way to load machine code, and loading it is what is measured.
        unsafe { Component::deserialize_file(&self.engine, cwasm) }.map(Machine)
    }

    /// Compiles a component ahead of time, in the code of its config but for
    /// what `code` says.
    ///
    /// # Errors
    /// When the bytes are not a component that this engine supports, or it
    /// cannot compile for the target.
    #[cfg(feature = "compiler")]
    pub fn compile(&self, wasm: &[u8], code: Code<'_>) -> Result<Vec<u8>> {
        if code == Code::default() {
            return self.engine.precompile_component(wasm);
        }
        crate::config::compiling(self.config, self.limits, self.concurrent, code)?
            .precompile_component(wasm)
    }

    /// Compiles a component for use right here.
    ///
    /// # Errors
    /// When the bytes are not a component that this engine supports.
    #[cfg(feature = "compiler")]
    pub fn compile_in_place(&self, wasm: &[u8]) -> Result<Machine> {
        Component::from_binary(&self.engine, wasm).map(Machine)
    }
}

/// The version of the `wasmtime` crate this was built with; a test compares it
/// with the lockfile.
pub const WASMTIME_VERSION: &str = "48.0.8";
