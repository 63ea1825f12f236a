//! Slots that are reserved when the engine starts.

use super::named::{Limits, NamedConfig};
use wasmtime::{Config, Result};

/// Default tunables, pooling allocator with copy-on-write images.
pub(super) const CONFIG: NamedConfig = NamedConfig {
    name: "pooled",
    pools: true,
    apply,
};

/// Core instances, memories and tables that a component of the fixed set may
/// need. A component is several core modules: program, adapter, shims.
#[cfg(feature = "pooling")]
const PARTS_PER_COMPONENT: u32 = 8;

/// Bytes of a released slot that stay in memory and are cleared by hand.
#[cfg(feature = "pooling")]
const KEEP_RESIDENT: usize = 256 << 10;

#[cfg(feature = "pooling")]
fn apply(config: &mut Config, limits: Limits) -> Result<()> {
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
fn apply(_config: &mut Config, _limits: Limits) -> Result<()> {
    wasmtime::bail!("this process was built without the pooling allocator")
}
