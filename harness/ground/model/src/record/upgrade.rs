//! Records of schema 1, read as those of today.
//!
//! Schema 1 did not say what an arm is: readers concluded it from ids. This is
//! the one place that still does, for the arms that releases with schema 1 had,
//! and it says so in the record's warnings.

use crate::facts::{
    Allocation, ArmFacts, ArmKind, InstanceUnit, Network, Program, Rank, SCRATCH, Stack,
};
use crate::id::ArmId;
use crate::stop::{Stop, Wall};
use serde_json::Value;

/// What a record is told whose facts were filled in here.
pub(super) const WARNING: &str = "this record has schema 1, which does not say what its arms are: \
     their facts were filled in from their names";

/// Gives a manifest of schema 1, and those merged into it, the facts of its arms.
///
/// # Errors
/// The id of an arm that no release with schema 1 had.
pub(super) fn from_schema_1(manifest: &mut Value) -> Result<(), String> {
    if let Some(Value::Array(receipts)) = manifest.get_mut("arms") {
        for receipt in receipts {
            let id = receipt["id"].as_str().unwrap_or_default().to_owned();
            let facts = facts(&id).ok_or(id)?;
            // Facts are plain data: names, numbers and lists.
            receipt["facts"] = serde_json::to_value(facts).unwrap_or_default();
        }
    }
    if let Some(warnings) = manifest.get_mut("warnings").and_then(Value::as_array_mut) {
        warnings.push(WARNING.into());
    }
    manifest["schema"] = super::SCHEMA.into();
    let merged = manifest.get_mut("merged").and_then(Value::as_array_mut);
    merged.into_iter().flatten().try_for_each(from_schema_1)
}

/// Gives the note of a density run the code of its wall, of which schema 1 had
/// a name: `wall: memory maps: …` becomes `wall=memory-maps; …`. Other notes
/// stay as they are.
pub(super) fn note_from_schema_1(note: &mut String) {
    let named = note.strip_prefix("wall: ");
    let Some((name, why)) = named.and_then(|named| named.split_once(": ")) else {
        return;
    };
    let code = name.replace(' ', "-");
    if let Some(wall) = Wall::ALL.iter().find(|wall| wall.as_str() == code) {
        *note = Stop::at(*wall, why).to_string();
    }
}

/// What stood behind an id.
fn facts(id: &str) -> Option<ArmFacts> {
    let mut parts = id.split('+');
    let name = parts.next()?;
    let mut tier = SCRATCH.to_owned();
    let mut network = Network::Host;
    for part in parts {
        match part {
            "bridge" => network = Network::Bridge,
            image => image.clone_into(&mut tier),
        }
    }
    match contained(name) {
        Some((kind, engine, stack, rank)) => Some(ArmFacts {
            stack,
            program: match tier.as_str() {
                "debian-slim" | "public-debian" => Program::DynamicTwin,
                "typical" | "public-python" | "public-node" => Program::Script,
                _ => Program::StaticTwin,
            },
            tier: Some(tier),
            network,
            rank: Rank(rank),
            ..ArmFacts::of(kind, engine.parse().ok()?)
        }),
        None => direct(name),
    }
}

/// Kind, engine, stack and rank of container arms.
fn contained(name: &str) -> Option<(ArmKind, &str, Stack, u16)> {
    use ArmKind::{Container, SandboxedContainer, VirtualMachine};
    Some(match name {
        "youki" => (Container, "youki", Stack::Runtime, 200),
        "crun" => (Container, "crun", Stack::Runtime, 210),
        "runc" => (Container, "runc", Stack::Runtime, 220),
        "ctr" => (Container, "containerd", Stack::EngineApi, 300),
        "docker/api" | "docker" => (Container, "docker", Stack::EngineApi, 310),
        "docker/cli" => (Container, "docker", Stack::EngineCli, 315),
        "podman/api" => (Container, "podman", Stack::EngineApi, 320),
        "podman/cli" => (Container, "podman", Stack::EngineCli, 325),
        "gvisor" => (SandboxedContainer, "gvisor", Stack::Runtime, 400),
        "microvm" => (VirtualMachine, "microvm", Stack::Direct, 500),
        _ => return None,
    })
}

/// Native processes, and what ran components.
fn direct(name: &str) -> Option<ArmFacts> {
    let native = ArmFacts::of(ArmKind::NativeProcess, "native".parse().ok()?);
    let aa_twin = name.parse::<ArmId>().ok().map(|id| id.twin());
    let wasm = |kind: ArmKind, rank| -> Option<ArmFacts> {
        Some(ArmFacts {
            compiler: Some("cranelift".to_owned()),
            allocation: Some(Allocation::OnDemand),
            rank: Rank(rank),
            ..ArmFacts::of(kind, "wasmtime".parse().ok()?)
        })
    };
    let further = |compiler: &str, rank| {
        Some(ArmFacts {
            compiler: Some(compiler.to_owned()),
            untimed: Some("it is used only to compare outcomes".to_owned()),
            ..wasm(ArmKind::WasmResident, rank)?
        })
    };
    Some(match name {
        "native" => ArmFacts {
            aa_twin,
            ..native.clone()
        },
        "native-dyn" => ArmFacts {
            program: Program::DynamicTwin,
            rank: Rank(110),
            ..native.clone()
        },
        "wasmtime/jit" => ArmFacts {
            compiles_per_start: true,
            ..wasm(ArmKind::WasmProcess, 600)?
        },
        "wasmtime/aot" => wasm(ArmKind::WasmProcess, 610)?,
        "containerd-shim" => ArmFacts {
            stack: Stack::EngineApi,
            tier: Some(SCRATCH.to_owned()),
            unit: InstanceUnit::Container,
            compiles_per_start: true,
            ..wasm(ArmKind::WasmProcess, 690)?
        },
        "wasmtime/resident" => ArmFacts {
            traces: true,
            ..wasm(ArmKind::WasmResident, 700)?
        },
        "wasmtime/pooled" => ArmFacts {
            allocation: Some(Allocation::Pooling),
            aa_twin,
            ..wasm(ArmKind::WasmResident, 710)?
        },
        "wasmtime/winch" => further("winch", 730)?,
        "wasmtime/pulley" => further("pulley", 740)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arm_of_schema_1_has_facts_and_no_other_name_has() {
        for (id, kind, engine) in [
            ("native", ArmKind::NativeProcess, "native"),
            ("crun+debian-slim", ArmKind::Container, "crun"),
            ("docker/api+bridge", ArmKind::Container, "docker"),
            ("gvisor", ArmKind::SandboxedContainer, "gvisor"),
            ("containerd-shim", ArmKind::WasmProcess, "wasmtime"),
            ("wasmtime/pooled", ArmKind::WasmResident, "wasmtime"),
        ] {
            let facts = facts(id).unwrap();
            assert_eq!((facts.kind, facts.engine.as_str()), (kind, engine), "{id}");
        }
        assert_eq!(facts("jco"), None);
        assert_eq!(facts("docker/api+bridge").unwrap().network, Network::Bridge);
        assert_eq!(
            facts("crun+typical").unwrap().tier.as_deref(),
            Some("typical")
        );
    }

    #[test]
    fn walls_of_schema_1_get_their_codes_and_other_notes_stay() {
        for (old, new) in [
            (
                "wall: memory maps: 65000 of 65530",
                "wall=memory-maps; 65000 of 65530",
            ),
            ("wall: wrong answer: a: b", "wall=wrong-answer; a: b"),
            ("wall: p99: half of", "wall=p99; half of"),
            ("≥ 512: declared budget", "≥ 512: declared budget"),
            ("failed: wall: fds: gone", "failed: wall: fds: gone"),
            ("wall: gravity: 9.81", "wall: gravity: 9.81"),
            ("idle", "idle"),
        ] {
            let mut note = old.to_owned();
            note_from_schema_1(&mut note);
            assert_eq!(note, new);
        }
    }

    #[test]
    fn merged_manifests_are_told_too_and_an_unknown_arm_is_named() {
        let one = |id: &str, merged: Value| {
            serde_json::json!({
                "schema": 1, "arms": [{ "id": id }], "warnings": [], "merged": merged,
            })
        };
        let mut manifest = one("native", serde_json::json!([one("runc", Value::Null)]));
        from_schema_1(&mut manifest).unwrap();
        assert_eq!(manifest["merged"][0]["arms"][0]["facts"]["engine"], "runc");
        assert_eq!(manifest["warnings"][0], WARNING);
        let unknown = from_schema_1(&mut one("jco", Value::Null));
        assert_eq!(unknown, Err("jco".to_owned()));
    }
}
