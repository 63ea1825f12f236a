//! Code of Winch, the compiler that makes one pass and optimises nothing.
//!
//! It needs signals and makes no NaN canonical; the rest is as in `emulated`, so
//! that it works there too.

use super::named::{Limits, NamedConfig};
use wasmtime::{Config, Result};

/// Winch in place of Cranelift.
pub(super) const CONFIG: NamedConfig = NamedConfig {
    name: "winch",
    pools: false,
    apply,
};

/// Winch refuses to work without signals. They reach a program under an
/// emulator too, only later.
#[cfg(feature = "back-ends")]
fn apply(config: &mut Config, _limits: Limits) -> Result<()> {
    super::emulated::bounds_checked(config);
    config
        .signals_based_traps(true)
        .strategy(wasmtime::Strategy::Winch);
    Ok(())
}

#[cfg(not(feature = "back-ends"))]
fn apply(_config: &mut Config, _limits: Limits) -> Result<()> {
    wasmtime::bail!("this process was built without the compiler Winch")
}
