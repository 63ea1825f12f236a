//! What each engine file says, and what an engine cannot be asked under an
//! emulator.

use crate::code::Compiler;
use crate::wasmtime::common::facts;
use assay_build::{Architecture, Binaries};
use assay_model::facts::Allocation;
use assay_model::{ArmFacts, ArmKind, Bytes};

/// An engine that is up before an instance starts, and the arm that it is.
pub(in crate::wasmtime) struct KeptUp {
    /// The id of the arm.
    pub(in crate::wasmtime) id: &'static str,
    pub(in crate::wasmtime) summary: &'static str,
    /// Its place among the arms, by how much it isolates.
    pub(in crate::wasmtime) rank: u16,
    /// The engine config.
    pub(in crate::wasmtime) config: fn(&Binaries) -> &'static str,
    pub(in crate::wasmtime) compiler: Compiler,
    /// The compiler's name.
    pub(in crate::wasmtime) code: &'static str,
    pub(in crate::wasmtime) allocation: Allocation,
    /// Whether a run compares the arm with itself.
    pub(in crate::wasmtime) has_twin: bool,
    /// Whether it notes which functions of the host are called.
    pub(in crate::wasmtime) traces: bool,
    /// Whether its worker is the one that is built to be measured. Otherwise it
    /// is used only to compare outcomes.
    pub(in crate::wasmtime) measured: bool,
    /// Why it cannot be here, and what to do.
    pub(in crate::wasmtime) absent: fn(&Binaries) -> Option<Unavailable>,
    /// The target of its code, where that is not the machine.
    pub(in crate::wasmtime) target: Option<fn(Architecture) -> &'static str>,
    /// What its compiler's complaint says that it cannot compile.
    pub(in crate::wasmtime) beyond: fn(&str) -> Option<String>,
    /// How many times longer than compiled code its code may take, on its own
    /// and under an emulator.
    pub(in crate::wasmtime) patience: (u32, u32),
}

/// Why an engine cannot be here, and what to do.
pub(in crate::wasmtime) struct Unavailable {
    pub(in crate::wasmtime) why: String,
    pub(in crate::wasmtime) remedy: String,
}

impl KeptUp {
    /// What its arm is.
    pub(in crate::wasmtime) fn facts(&self) -> ArmFacts {
        ArmFacts {
            compiler: Some(self.code.to_owned()),
            allocation: Some(self.allocation),
            traces: self.traces,
            untimed: (!self.measured).then(|| NOT_TIMED.to_owned()),
            ..facts(ArmKind::WasmResident, self.rank)
        }
    }

    /// From which size on a component is left out under an emulator unless there
    /// is time, and why.
    pub(in crate::wasmtime) fn large(&self) -> (Bytes, &'static str) {
        match self.compiler.is_in_place() {
            true => (LARGE_IN_PLACE, NOT_IN_PLACE),
            false => (LARGE_INTERPRETED, NOT_INTERPRETED),
        }
    }
}

/// It can be wherever its worker is.
pub(super) fn never_absent(_: &Binaries) -> Option<Unavailable> {
    None
}

/// It compiles every component, so a complaint is a failure.
pub(super) fn compiles_all(_: &str) -> Option<String> {
    None
}

/// Its worker is built on request.
pub(super) fn back_ends_missing(binaries: &Binaries) -> Option<Unavailable> {
    binaries.back_ends().is_none().then(|| Unavailable {
        why: "its worker is built only on request".to_owned(),
        remedy: "run `assay verify`, or name it with --arms".to_owned(),
    })
}

const NOT_TIMED: &str = "its worker holds the compilers of every architecture and is \
     built without optimisation across crates: it is used only to compare outcomes";

/// Components from this size on take minutes each to compile in place under an
/// emulator: Go programs, and whatever brings an interpreter.
const LARGE_IN_PLACE: Bytes = Bytes(2 << 20);

/// Components from this size on bring an interpreter and take minutes to be
/// interpreted themselves.
const LARGE_INTERPRETED: Bytes = Bytes(4 << 20);

const NOT_IN_PLACE: &str = "it would take minutes to compile more than 2 MiB in place under an \
     emulator; wasmtime/aot runs this component compiled ahead of time, and the nightly profile \
     compiles it in place";

const NOT_INTERPRETED: &str = "it brings an interpreter, and interpreting that under an emulator \
     takes minutes; the nightly profile does";
