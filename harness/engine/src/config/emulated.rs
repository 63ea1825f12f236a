//! On-demand allocation without tricks of virtual memory and signals.
//!
//! For emulators of user programs, which keep a table of every page that the
//! program has reserved and translate its signals. The machine code checks every
//! bound itself, so it is not that of the other configs.

use super::named::NamedConfig;
use wasmtime::Config;

/// Explicit bounds checks, no guard pages, a small reservation.
pub(super) const CONFIG: NamedConfig = NamedConfig {
    name: "emulated",
    pools: false,
    apply: |config, _| {
        bounds_checked(config);
        Ok(())
    },
};

/// Address space that a memory may grow into before it moves: more than most
/// guests of the fixed set ever have.
const RESERVATION: u64 = 16 << 20;

/// What the configs that must work under an emulator have in common.
pub(super) fn bounds_checked(config: &mut Config) {
    config
        .signals_based_traps(false)
        .memory_guard_size(0)
        .guard_before_linear_memory(false)
        .memory_reservation(RESERVATION)
        .memory_reservation_for_growth(RESERVATION)
        .memory_init_cow(false);
}
