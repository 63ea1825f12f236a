//! Named engine configurations. A figure without one means nothing: the same
//! server went from 4.7k to 55k requests/s by configuration alone
//! (bytecodealliance/wasmtime#8034).

use std::fmt;
use std::str::FromStr;
use wasmtime::{Config, Engine, Result};

/// A named set of engine settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfigName {
    /// Default tunables, on-demand allocation: each instance maps its memory
    /// when it starts.
    OnDemand,
    /// Default tunables, pooling allocator with copy-on-write images: slots are
    /// reserved when the engine starts.
    Pooled,
    /// On-demand allocation without tricks of virtual memory and signals: for
    /// emulators of user programs, which keep a table of every page that the
    /// program has reserved and translate its signals. Its machine code checks
    /// every bound itself, so it is not that of the other configs.
    Emulated,
    /// Code of Winch, the compiler that makes one pass and optimises nothing.
    /// It needs signals and makes no NaN canonical; the rest is as in
    /// [`ConfigName::Emulated`], so that it works there too.
    Winch,
    /// Code of Pulley, the portable interpreter, with the word size and byte
    /// order of this machine; the rest is as in [`ConfigName::Emulated`].
    Pulley,
}

impl ConfigName {
    /// Every config, in the order of reports.
    pub const ALL: [ConfigName; 5] = [
        ConfigName::OnDemand,
        ConfigName::Pooled,
        ConfigName::Emulated,
        ConfigName::Winch,
        ConfigName::Pulley,
    ];

    /// The name in records and on command lines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ConfigName::OnDemand => "on-demand",
            ConfigName::Pooled => "pooled",
            ConfigName::Emulated => "emulated",
            ConfigName::Winch => "winch",
            ConfigName::Pulley => "pulley",
        }
    }
}

impl fmt::Display for ConfigName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ConfigName {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        ConfigName::ALL
            .into_iter()
            .find(|config| config.as_str() == text)
            .ok_or_else(|| {
                let known = ConfigName::ALL.map(ConfigName::as_str).join(", ");
                format!("'{text}' is not an engine config ({known})")
            })
    }
}

/// How many instances a pool has room for; ignored on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Live component instances.
    pub instances: u32,
}

impl Default for Limits {
    /// Wasmtime's own default for every `total_*` of its pool.
    fn default() -> Self {
        Limits { instances: 1000 }
    }
}

/// Core instances, memories and tables that a component of the fixed set may
/// need. A component is several core modules: program, adapter, shims.
const PARTS_PER_COMPONENT: u32 = 8;

/// Bytes of a released slot that stay in memory and are cleared by hand.
#[cfg(feature = "pooling")]
const KEEP_RESIDENT: usize = 256 << 10;

/// Builds the engine of a named config.
///
/// What decides whether machine code loads is the same in the configs that are
/// measured, [`ConfigName::OnDemand`] and [`ConfigName::Pooled`], so one
/// `.cwasm` serves both: outcomes differ by allocation only.
///
/// # Errors
/// When the engine refuses the settings, for example because the pool does not
/// fit the address space.
pub fn engine(name: ConfigName, limits: Limits) -> Result<Engine> {
    Engine::new(&settings(name, limits)?)
}

/// In what machine code differs from that of a named config.
#[cfg(feature = "compiler")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Code<'a> {
    /// NaNs keep what the machine makes of them: what every named config
    /// forbids, for the control that must be caught.
    pub machine_nans: bool,
    /// Another machine's, by target triple: it can be compiled here and loads
    /// there. Needs the feature `all-arch`.
    pub target: Option<&'a str>,
}

/// An engine that compiles such code. The instructions that it may use for
/// another target are the least that any machine of it has, and on riscv64 the
/// vectors besides, without which Cranelift has no code for `v128` and panics
/// (<https://github.com/bytecodealliance/wasmtime/issues/13959>).
///
/// # Errors
/// As [`engine`], and when this process cannot compile for the target.
#[cfg(feature = "compiler")]
pub(crate) fn compiling(
    name: ConfigName,
    limits: Limits,
    concurrent: bool,
    code: Code<'_>,
) -> Result<Engine> {
    let mut config = settings(name, limits)?;
    if concurrent {
        wait_concurrently(&mut config);
    }
    config.cranelift_nan_canonicalization(!code.machine_nans);
    if let Some(target) = code.target {
        config.target(target)?;
        if target.starts_with("riscv64") {
            // SAFETY: it adds instructions and changes no other assumption of
            // the compiler. The machine that runs them has them: the emulator
            // is told to, and another would end at its first with a signal.
            unsafe { config.cranelift_flag_enable("has_v") };
        }
    }
    Engine::new(&config)
}

/// The same engine with what WASI 0.3 needs: calls that wait concurrently. Its
/// machine code is not that of the other: neither loads into the other's.
///
/// # Errors
/// As [`engine`].
#[cfg(feature = "p3")]
pub(crate) fn concurrent(name: ConfigName, limits: Limits) -> Result<Engine> {
    let mut config = settings(name, limits)?;
    wait_concurrently(&mut config);
    Engine::new(&config)
}

#[cfg(feature = "p3")]
fn wait_concurrently(config: &mut Config) {
    config.concurrency_support(true);
    config.wasm_component_model_async(true);
}

#[cfg(all(feature = "compiler", not(feature = "p3")))]
fn wait_concurrently(_config: &mut Config) {}

fn settings(name: ConfigName, limits: Limits) -> Result<Config> {
    let mut config = Config::new();
    // Its default depends on what was compiled in, and code loads only where
    // it is equal: off, so that every process takes the same code.
    config.concurrency_support(false);
    // Traps are reported by their code; tables that map addresses to wasm
    // offsets and unwind tables for foreign debuggers would be loaded and
    // never read.
    config.generate_address_map(false);
    config.native_unwind_info(false);
    config.wasm_backtrace_max_frames(None);
    #[cfg(feature = "compiler")]
    {
        // NaN payloads and relaxed SIMD are the two places where
        // WebAssembly leaves results to the machine (core specification,
        // "Numerics"): fixed, so that outcomes compare across machines.
        config.cranelift_nan_canonicalization(true);
    }
    config.relaxed_simd_deterministic(true);
    match name {
        ConfigName::OnDemand => {}
        ConfigName::Pooled => pooled(&mut config, limits)?,
        ConfigName::Emulated => emulated(&mut config),
        ConfigName::Winch => winch(&mut config)?,
        ConfigName::Pulley => {
            emulated(&mut config);
            config.target(PULLEY)?;
        }
    }
    Ok(config)
}

/// Address space that a memory of the emulated config may grow into before it
/// moves: more than most guests of the fixed set ever have.
const EMULATED_RESERVATION: u64 = 16 << 20;

fn emulated(config: &mut Config) {
    config
        .signals_based_traps(false)
        .memory_guard_size(0)
        .guard_before_linear_memory(false)
        .memory_reservation(EMULATED_RESERVATION)
        .memory_reservation_for_growth(EMULATED_RESERVATION)
        .memory_init_cow(false);
}

/// Winch refuses to work without signals. They reach a program under an
/// emulator too, only later.
#[cfg(feature = "back-ends")]
fn winch(config: &mut Config) -> Result<()> {
    emulated(config);
    config
        .signals_based_traps(true)
        .strategy(wasmtime::Strategy::Winch);
    Ok(())
}

#[cfg(not(feature = "back-ends"))]
fn winch(_config: &mut Config) -> Result<()> {
    wasmtime::bail!("this process was built without the compiler Winch")
}

/// The interpreter's target for processes like this one.
const PULLEY: &str = match (
    cfg!(target_pointer_width = "64"),
    cfg!(target_endian = "big"),
) {
    (true, false) => "pulley64",
    (true, true) => "pulley64be",
    (false, false) => "pulley32",
    (false, true) => "pulley32be",
};

#[cfg(feature = "pooling")]
fn pooled(config: &mut Config, limits: Limits) -> Result<()> {
    let mut pool = wasmtime::PoolingAllocationConfig::new();
    let parts = limits.instances.saturating_mul(PARTS_PER_COMPONENT);
    pool.total_component_instances(limits.instances)
        .total_core_instances(parts)
        // A command of the fixed set has one memory and up to two tables.
        .total_memories(limits.instances)
        .total_tables(limits.instances.saturating_mul(4))
        .total_stacks(limits.instances.min(1000))
        // Pages that an instance has dirtied are cleared by writing, up to
        // these sizes, instead of being given back and faulted in again; the
        // kernel tells which they are where it can (PAGEMAP_SCAN, Linux 6.7).
        .pagemap_scan(wasmtime::Enabled::Auto)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT)
        // Slots kept warm would be instances that nobody asked for.
        .max_unused_warm_slots(limits.instances.min(100));
    config.allocation_strategy(wasmtime::InstanceAllocationStrategy::Pooling(pool));
    Ok(())
}

#[cfg(not(feature = "pooling"))]
fn pooled(_config: &mut Config, _limits: Limits) -> Result<()> {
    let _ = PARTS_PER_COMPONENT;
    wasmtime::bail!("this process was built without the pooling allocator")
}
