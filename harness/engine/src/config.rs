//! Named engine configurations. A figure without one means nothing: the same
//! server went from 4.7k to 55k requests/s by configuration alone
//! (bytecodealliance/wasmtime#8034).
//!
//! Each config is a file of its own and one line in [`ALL`]. No engine setting
//! lives outside these files, but for what all configs share.

mod emulated;
mod named;
mod on_demand;
mod pooled;
mod pulley;
mod winch;

pub use named::Limits;
use named::NamedConfig;
use std::fmt;
use std::str::FromStr;
use wasmtime::{Config, Engine, Result};

/// Every config, in the order of reports.
static ALL: [NamedConfig; 5] = [
    on_demand::CONFIG,
    pooled::CONFIG,
    emulated::CONFIG,
    winch::CONFIG,
    pulley::CONFIG,
];

/// One of the named configs, by its place in [`ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConfigName(usize);

impl ConfigName {
    /// The config of fresh processes on a machine of their own: the first.
    pub const ON_DEMAND: ConfigName = ConfigName(0);
    /// The config of fresh processes under an emulator.
    pub const EMULATED: ConfigName = ConfigName(2);

    /// Every config, in the order of reports.
    pub fn all() -> impl Iterator<Item = ConfigName> {
        (0..ALL.len()).map(ConfigName)
    }

    fn config(self) -> &'static NamedConfig {
        &ALL[self.0]
    }

    /// The name in records and on command lines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.config().name
    }

    /// Whether it reserves slots for instances when the engine starts.
    #[must_use]
    pub fn pools(self) -> bool {
        self.config().pools
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
        ConfigName::all()
            .find(|config| config.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<&str> = ConfigName::all().map(ConfigName::as_str).collect();
                format!("'{text}' is not an engine config ({})", known.join(", "))
            })
    }
}

/// Builds the engine of a named config.
///
/// What decides whether machine code loads is the same in the configs that are
/// measured, `on-demand` and `pooled`, so one
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
    (name.config().apply)(&mut config, limits)?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_the_fixed_ones_are_where_they_are_said_to_be() {
        for config in ConfigName::all() {
            assert_eq!(config.as_str().parse(), Ok(config));
        }
        assert_eq!(ConfigName::ON_DEMAND.as_str(), "on-demand");
        assert_eq!(ConfigName::EMULATED.as_str(), "emulated");
        let unknown = "dense-ish".parse::<ConfigName>().unwrap_err();
        assert!(unknown.contains("on-demand, pooled"), "{unknown}");
    }
}
