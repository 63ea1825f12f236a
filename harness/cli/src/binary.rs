//! What a file of WebAssembly is: somebody's component, or something else.

use assay_workloads::World;
use std::collections::BTreeSet;
use wasmparser::{Encoding, Parser, Payload};

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// A component that exports these worlds' entry points, maybe none.
    Component(Vec<World>),
    /// A core module that imports from these modules.
    Module(BTreeSet<String>),
}

/// The module name that WASI preview 1 functions are imported from.
pub const PREVIEW_1: &str = "wasi_snapshot_preview1";

/// The binary form of a file that holds either form.
///
/// # Errors
/// What it is instead.
pub fn binary(bytes: &[u8]) -> Result<Vec<u8>, String> {
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if bytes.starts_with(b"\0asm") {
        return Ok(bytes.to_vec());
    }
    // Machine code of the engine is an ELF file; so are native programs.
    if bytes.starts_with(b"\x7fELF") {
        return Err("this is machine code (ELF), not WebAssembly".to_owned());
    }
    match wat::parse_bytes(bytes) {
        Ok(wasm) => Ok(wasm.into_owned()),
        Err(error) => {
            let first = error.to_string();
            let first = first.lines().next().unwrap_or_default();
            Err(format!(
                "this is neither binary nor text WebAssembly ({first})"
            ))
        }
    }
}

/// Looks at a binary. Only the outermost level is read; the engine validates.
///
/// # Errors
/// When it is malformed.
pub fn contents(wasm: &[u8]) -> Result<Contents, String> {
    let mut depth = 0_u32;
    let mut encoding = None;
    let mut worlds = Vec::new();
    let mut imports = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|error| format!("malformed WebAssembly: {error}"))?;
        match payload {
            Payload::Version {
                encoding: found, ..
            } => {
                encoding.get_or_insert(found);
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let export =
                        export.map_err(|error| format!("malformed WebAssembly: {error}"))?;
                    worlds.extend(world(export.name.name));
                }
            }
            Payload::ImportSection(section) if depth == 0 => {
                for import in section.into_imports() {
                    let import =
                        import.map_err(|error| format!("malformed WebAssembly: {error}"))?;
                    imports.insert(import.module.to_owned());
                }
            }
            _ => {}
        }
    }
    match encoding {
        Some(Encoding::Component) => Ok(Contents::Component(worlds)),
        Some(Encoding::Module) => Ok(Contents::Module(imports)),
        None => Err("the file has no WebAssembly header".to_owned()),
    }
}

/// The world whose entry point an export is.
fn world(export: &str) -> Option<World> {
    let (name, version) = export.split_once('@')?;
    let mut numbers = version.split('.');
    let version = (numbers.next()?, numbers.next()?);
    match (name, version) {
        ("wasi:cli/run", ("0", "2")) => Some(World::Command),
        ("wasi:cli/run", ("0", "3")) => Some(World::AsyncCommand),
        ("wasi:http/incoming-handler", ("0", "2")) => Some(World::Proxy),
        ("wasi:http/handler", ("0", "3")) => Some(World::AsyncService),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Contents, String> {
        contents(&binary(text.as_bytes()).unwrap())
    }

    #[test]
    fn the_world_is_that_of_the_export() {
        let exporting =
            |name: &str| format!("(component (instance $i) (export \"{name}\" (instance $i)))");
        for (name, world) in [
            ("wasi:cli/run@0.2.6", World::Command),
            ("wasi:cli/run@0.3.0", World::AsyncCommand),
            ("wasi:http/incoming-handler@0.2.0", World::Proxy),
            ("wasi:http/handler@0.3.0-rc-2026-03-15", World::AsyncService),
        ] {
            assert_eq!(
                of(&exporting(name)),
                Ok(Contents::Component(vec![world])),
                "{name}"
            );
        }
        for other in [
            "wasi:cli/run@0.4.0",
            "wasi:cli/runner@0.2.0",
            "my:own/run@0.2.0",
        ] {
            assert_eq!(
                of(&exporting(other)),
                Ok(Contents::Component(vec![])),
                "{other}"
            );
        }
    }

    #[test]
    fn what_is_inside_does_not_count() {
        let nested = r#"(component
            (core module (import "env" "f" (func)))
            (component $inner (instance $i) (export "wasi:cli/run@0.2.0" (instance $i)))
        )"#;
        assert_eq!(of(nested), Ok(Contents::Component(vec![])));
    }

    #[test]
    fn a_module_is_told_by_its_imports() {
        let module = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"#;
        assert_eq!(
            of(module),
            Ok(Contents::Module([PREVIEW_1.to_owned()].into()))
        );
    }

    #[test]
    fn other_files_are_named() {
        assert!(binary(b"").unwrap_err().contains("empty"));
        assert!(binary(b"\x7fELF\x02").unwrap_err().contains("ELF"));
        assert!(binary(b"#!/bin/sh\n").unwrap_err().contains("neither"));
        assert!(contents(b"\0asm\x01\0\0\0\xff").is_err());
    }
}
