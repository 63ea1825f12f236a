//! `wasmtime/resident`: memory is mapped when an instance starts.

use super::kept::{KeptUp, compiles_all, never_absent};
use crate::code::Compiler;
use crate::wasmtime::common::on_demand;
use assay_model::facts::Allocation;

pub(super) const ENGINE: KeptUp = KeptUp {
    id: "wasmtime/resident",
    summary: "resident engine, precompiled code, on-demand allocation",
    rank: 700,
    config: on_demand,
    compiler: Compiler::InPlace,
    code: "cranelift",
    allocation: Allocation::OnDemand,
    has_twin: false,
    traces: true,
    measured: true,
    absent: never_absent,
    target: None,
    beyond: compiles_all,
    patience: (1, 1),
};
