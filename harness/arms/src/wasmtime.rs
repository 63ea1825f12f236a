//! The Wasmtime arms: fresh processes around the runners, and resident engines
//! in a worker.

mod engine;
mod fresh;
mod resident;

pub use fresh::{Fresh, aot, jit};
pub use resident::{Resident, pooled, pulley, resident, winch};

use crate::binaries::Binaries;
use crate::cross::Foreign;
use crate::error::ArmError;
use crate::lab::{Compiled, Compiler, Lab};
use crate::worker::{PULLEY, WINCH, Worker};
use assay_model::facts::Allocation;
use assay_model::{ArmFacts, ArmId, ArmKind, Bytes, Digest, Nanos, Rank};
use assay_wire::worker as wire;
use assay_workloads::{Component, Workload, World};
use std::path::Path;

/// Ids written in this crate, checked by its tests.
fn arm_id(text: &'static str) -> ArmId {
    #[expect(
        clippy::expect_used,
        reason = "every caller passes a literal that a test reads back"
    )]
    text.parse().expect("a literal arm id")
}

/// The engine under test, whose defects all arms of this module show.
const ENGINE: &str = "wasmtime";

/// What all arms of this module have in common: a component in a process that
/// starts for it, compiled ahead of time by Cranelift.
fn facts(kind: ArmKind, rank: u16) -> ArmFacts {
    #[expect(
        clippy::expect_used,
        reason = "a literal that every test of an arm parses"
    )]
    let engine = ENGINE.parse().expect("a literal engine name");
    ArmFacts {
        compiler: Some("cranelift".to_owned()),
        allocation: Some(Allocation::OnDemand),
        rank: Rank(rank),
        ..ArmFacts::of(kind, engine)
    }
}

/// Size and hash of an executable, for receipts.
fn executable(path: &Path) -> std::io::Result<(Bytes, Digest)> {
    let bytes = std::fs::read(path)?;
    Ok((Bytes(bytes.len() as u64), Digest::of(&bytes)))
}

/// The machine code of a component, compiled once per run. A control without
/// canonical NaNs has a component of its own, so one digest is always compiled
/// one way by one compiler.
fn compiled(
    lab: &mut Lab,
    component: &Component,
    wasm: &Path,
    workload: &Workload,
    compiler: Compiler,
) -> Result<Compiled, ArmError> {
    let compiler = match compiler {
        // Where there is one architecture, both are the same.
        Compiler::OfThisMachine if lab.binaries.beside().is_none() => Compiler::InPlace,
        compiler => compiler,
    };
    let mut kept = lab.take_compiler(compiler);
    let compiled = lab.compiled(&component.pin.sha256, compiler, |cwasm| {
        let canonical_nans = workload
            .control
            .as_ref()
            .is_none_or(|control| control.canonical_nans);
        let mut worker = match kept.take() {
            Some(worker) => worker,
            None => start(&lab.binaries, compiler)?,
        };
        let target = ahead(&lab.binaries, compiler).map(|(_, target)| target);
        let (nanos, size) = worker.compile(wasm, cwasm, world(workload), canonical_nans, target)?;
        kept = Some(worker);
        Ok(Compiled {
            cwasm: cwasm.to_owned(),
            took: Some(Nanos(nanos)),
            size,
        })
    });
    if let Some(worker) = kept {
        lab.keep_compiler(compiler, worker);
    }
    compiled
}

/// Starts a compiler.
fn start(binaries: &Binaries, compiler: Compiler) -> Result<Worker, ArmError> {
    let config = match compiler {
        Compiler::InPlace | Compiler::OfThisMachine => on_demand(binaries),
        Compiler::Winch => WINCH,
        Compiler::Pulley => PULLEY,
    };
    match ahead(binaries, compiler) {
        None => Worker::start(binaries, config, 1),
        Some((foreign, _)) => Worker::start_compiler(binaries, foreign, config),
    }
}

/// For which other machine a compiler works, and for which target of it; none
/// when it runs where its code does.
fn ahead(binaries: &Binaries, compiler: Compiler) -> Option<(&Foreign, &'static str)> {
    let foreign = binaries.beside()?;
    match compiler {
        Compiler::InPlace | Compiler::Winch => None,
        Compiler::OfThisMachine => Some((foreign, foreign.architecture.triple())),
        Compiler::Pulley => Some((foreign, foreign.architecture.pulley())),
    }
}

/// The engine config of fresh processes and of `wasmtime/resident`: allocation
/// on demand, under an emulator without what it would be slow at.
fn on_demand(binaries: &Binaries) -> &'static str {
    match binaries.emulator() {
        None => "on-demand",
        Some(_) => "emulated",
    }
}

/// The world of a workload, as the worker knows it.
fn world(workload: &Workload) -> wire::World {
    match workload.world {
        World::Command => wire::World::Command,
        World::Proxy => wire::World::Proxy,
        World::AsyncCommand => wire::World::AsyncCommand,
        World::AsyncService => wire::World::AsyncService,
    }
}
