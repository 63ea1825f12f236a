//! `wasmtime/pooled`: slots for instances are reserved when the engine starts.

use super::kept::{KeptUp, Unavailable, compiles_all};
use crate::code::Compiler;
use assay_build::Binaries;
use assay_model::facts::Allocation;

pub(super) const ENGINE: KeptUp = KeptUp {
    id: "wasmtime/pooled",
    summary: "resident engine, precompiled code, pooling allocator with copy-on-write",
    rank: 710,
    config: |_| "pooled",
    compiler: Compiler::InPlace,
    code: "cranelift",
    allocation: Allocation::Pooling,
    has_twin: true,
    traces: false,
    measured: true,
    absent,
    target: None,
    beyond: compiles_all,
    patience: (1, 1),
};

const NO_POOL: &str = "a pool reserves the address space of all its slots, and an emulator of \
     user programs keeps a table of every reserved page";

fn absent(binaries: &Binaries) -> Option<Unavailable> {
    let foreign = binaries.beside()?;
    Some(Unavailable {
        why: NO_POOL.to_owned(),
        remedy: format!("run it on a machine that is {}", foreign.architecture),
    })
}
