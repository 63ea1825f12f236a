//! `wasmtime/pulley`: the portable interpreter. Verified, not timed.

use super::kept::{KeptUp, back_ends_missing, compiles_all};
use crate::code::Compiler;
use crate::worker::PULLEY;
use assay_build::Architecture;
use assay_model::facts::Allocation;

pub(super) const ENGINE: KeptUp = KeptUp {
    id: "wasmtime/pulley",
    summary: "resident engine, code of the portable interpreter Pulley; verified only",
    rank: 740,
    config: |_| PULLEY,
    compiler: Compiler::Pulley,
    code: "pulley",
    allocation: Allocation::OnDemand,
    has_twin: false,
    traces: false,
    measured: false,
    absent: back_ends_missing,
    target: Some(Architecture::pulley),
    beyond: compiles_all,
    patience: (INTERPRETED, INTERPRETED_AND_EMULATED),
};

/// In a tight loop the interpreter takes more than ten times as long as the code
/// that Cranelift makes (`program/script#endless`: 75 s and under 8 s); twice that
/// leaves room for a busy machine.
const INTERPRETED: u32 = 20;

/// The same on top of what everything is given under an emulator, which is twenty
/// times as long too. Both together would have a program that stands still (a
/// known defect of `sockets/unread`) hold up a verification for twenty minutes.
/// The longest that ends is `program/script#endless`: under three minutes, and
/// this leaves it forty.
const INTERPRETED_AND_EMULATED: u32 = 4;
