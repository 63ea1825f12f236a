//! The engines that resident arms keep up, and what they cannot be asked.

use super::common::on_demand;
use crate::code::Compiler;
use crate::worker::{PULLEY, WINCH};
use assay_build::Binaries;
use assay_model::Bytes;

/// Which engine is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EngineKind {
    OnDemand,
    Pooled,
    Winch,
    Pulley,
}

impl EngineKind {
    /// The engine config.
    pub(super) fn config(self, binaries: &Binaries) -> &'static str {
        match self {
            EngineKind::OnDemand => on_demand(binaries),
            EngineKind::Pooled => "pooled",
            EngineKind::Winch => WINCH,
            EngineKind::Pulley => PULLEY,
        }
    }

    pub(super) fn compiler(self) -> Compiler {
        match self {
            EngineKind::OnDemand | EngineKind::Pooled => Compiler::InPlace,
            EngineKind::Winch => Compiler::Winch,
            EngineKind::Pulley => Compiler::Pulley,
        }
    }

    /// How many times longer than compiled code its code may take.
    pub(super) fn patience(self, emulated: bool) -> u32 {
        match self {
            EngineKind::OnDemand | EngineKind::Pooled | EngineKind::Winch => 1,
            EngineKind::Pulley if emulated => INTERPRETED_AND_EMULATED,
            EngineKind::Pulley => INTERPRETED,
        }
    }

    /// Whether it is used only to compare outcomes, in a worker that is not built
    /// to be measured.
    pub(super) fn is_further(self) -> bool {
        matches!(self, EngineKind::Winch | EngineKind::Pulley)
    }
}

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

pub(super) const NOT_TIMED: &str = "its worker holds the compilers of every architecture and is \
     built without optimisation across crates: it is used only to compare outcomes";

pub(super) const NO_POOL: &str = "a pool reserves the address space of all its slots, and an emulator of \
     user programs keeps a table of every reserved page";

/// Components from this size on take minutes each to compile in place under an
/// emulator: Go programs, and whatever brings an interpreter.
pub(super) const LARGE_IN_PLACE: Bytes = Bytes(2 << 20);

/// Components from this size on bring an interpreter and take minutes to be
/// interpreted themselves.
pub(super) const LARGE_INTERPRETED: Bytes = Bytes(4 << 20);

pub(super) const NOT_IN_PLACE: &str = "it would take minutes to compile more than 2 MiB in place under an \
     emulator; wasmtime/aot runs this component compiled ahead of time, and the nightly profile \
     compiles it in place";

pub(super) const NOT_INTERPRETED: &str = "it brings an interpreter, and interpreting that under an emulator \
     takes minutes; the nightly profile does";

/// What Winch says of instructions that it has no code for: a proposal that it
/// does not support is not enabled in its engine.
pub(super) fn is_beyond(why: &str) -> bool {
    why.contains("failed to compile") && why.contains("support is not enabled")
}
