//! Writes a relocatable WebAssembly object in which every function is one
//! instruction between its operands and its result.
//!
//! No compiler stands between a guest and such an instruction: it is not folded
//! into a constant, not exchanged for a saturating or checking sequence, and
//! not removed because a source language calls its trap undefined behaviour.
//! The format is that of the WebAssembly tool conventions (Linking.md).

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// A value type, by its byte in the binary format.
#[allow(dead_code, reason = "two build scripts share this, each uses its part")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value {
    I32 = 0x7f,
    I64 = 0x7e,
    F32 = 0x7d,
    F64 = 0x7c,
}

/// One function of the object.
pub struct Function {
    pub name: String,
    pub parameters: Vec<Value>,
    pub result: Option<Value>,
    pub body: Body,
}

/// What a function does with its parameters.
#[allow(dead_code, reason = "two build scripts share this, each uses its part")]
pub enum Body {
    /// Pushes all of them, then these bytes.
    Scalar(Vec<u8>),
    /// The parameters are addresses: so many of 16-byte inputs, then one of the
    /// output. Loads, these bytes, stores.
    Vector(Vec<u8>),
    /// Calls the entry of the function table that the only parameter names, as
    /// a function without parameters and with this function's result.
    Indirect,
}

/// Builds the object and tells cargo to link it into the binaries named. Does
/// nothing for targets that are not WebAssembly.
pub fn link(functions: &[Function], bins: &[&str]) -> io::Result<()> {
    if env::var("CARGO_CFG_TARGET_FAMILY").as_deref() != Ok("wasm") {
        return Ok(());
    }
    let directory = env::var("OUT_DIR").map_err(io::Error::other)?;
    let path: PathBuf = Path::new(&directory).join("instructions.o");
    fs::write(&path, object(functions))?;
    for bin in bins {
        println!("cargo::rustc-link-arg-bin={bin}={}", path.display());
    }
    Ok(())
}

const TYPE: u8 = 1;
const IMPORT: u8 = 2;
const FUNCTION: u8 = 3;
const CODE: u8 = 10;

fn object(functions: &[Function]) -> Vec<u8> {
    let mut types: Vec<Vec<u8>> = Vec::new();
    let mut type_of = |parameters: &[Value], result: Option<Value>| -> u32 {
        let mut bytes = vec![0x60];
        bytes.extend(list(parameters.iter().map(|value| vec![*value as u8])));
        bytes.extend(list(result.iter().map(|value| vec![*value as u8])));
        let at = types.iter().position(|known| *known == bytes);
        index(at.unwrap_or_else(|| {
            types.push(bytes);
            types.len() - 1
        }))
    };

    let mut declared = Vec::new();
    let mut code = length(functions.len());
    let mut relocations = Vec::new();
    let mut symbols = Vec::new();
    for (at, function) in functions.iter().enumerate() {
        declared.push(leb(type_of(&function.parameters, function.result)));
        let mut body = vec![0]; // no locals
        // Places in `body` that the linker fills in: (kind, place, index).
        let mut patches: Vec<(u8, usize, u32)> = Vec::new();
        let parameters = index(function.parameters.len());
        match &function.body {
            Body::Scalar(bytes) => {
                for parameter in 0..parameters {
                    body.push(0x20); // local.get
                    body.extend(leb(parameter));
                }
                body.extend(bytes);
            }
            Body::Vector(bytes) => {
                let output = parameters - 1;
                body.push(0x20);
                body.extend(leb(output));
                for parameter in 0..output {
                    body.push(0x20);
                    body.extend(leb(parameter));
                    body.extend([0xfd, 0x00, 0, 0]); // v128.load, any alignment
                }
                body.extend(bytes);
                body.extend([0xfd, 0x0b, 0, 0]); // v128.store
            }
            Body::Indirect => {
                let called = type_of(&[], function.result);
                body.extend([0x20, 0, 0x11]); // local.get 0, call_indirect
                patches.push((6, body.len(), called)); // R_WASM_TYPE_INDEX_LEB
                body.extend(padded(called));
                // R_WASM_TABLE_NUMBER_LEB of the symbol after the functions.
                patches.push((20, body.len(), index(functions.len())));
                body.extend(padded(0));
            }
        }
        body.push(0x0b); // end
        code.extend(length(body.len()));
        for (kind, place, subject) in patches {
            let mut relocation = vec![kind];
            relocation.extend(length(code.len() + place));
            relocation.extend(leb(subject));
            relocations.push(relocation);
        }
        code.extend(body);
        // A defined function, visible to other objects.
        let mut symbol = vec![0, 0];
        symbol.extend(length(at));
        symbol.extend(text(&function.name));
        symbols.push(symbol);
    }
    // The undefined table that call_indirect uses; its name is its import's.
    symbols.push(vec![5, 0x10, 0]);

    let mut memory = [text("env"), text("__linear_memory")].concat();
    memory.extend([2, 0, 0]); // a memory of at least 0 pages
    let mut table = [text("env"), text("__indirect_function_table")].concat();
    table.extend([1, 0x70, 0, 0]); // a table of at least 0 functions

    let mut linking = text("linking");
    linking.extend(leb(2)); // version
    linking.extend(section(8, &list(symbols.into_iter()))); // the symbol table
    let mut relocated = text("reloc.CODE");
    relocated.extend(leb(3)); // the code section, counting from 0
    relocated.extend(list(relocations.into_iter()));

    let mut object = b"\0asm\x01\0\0\0".to_vec();
    object.extend(section(TYPE, &list(types.into_iter())));
    object.extend(section(IMPORT, &list([memory, table].into_iter())));
    object.extend(section(FUNCTION, &list(declared.into_iter())));
    object.extend(section(CODE, &code));
    object.extend(section(0, &linking));
    object.extend(section(0, &relocated));
    object
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![id];
    bytes.extend(length(content.len()));
    bytes.extend(content);
    bytes
}

fn list(items: impl ExactSizeIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut bytes = length(items.len());
    bytes.extend(items.flatten());
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = length(text.len());
    bytes.extend(text.as_bytes());
    bytes
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn length(value: usize) -> Vec<u8> {
    leb(index(value))
}

/// Unsigned LEB128.
pub fn leb(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Five bytes whatever the value: the linker writes its own over them.
fn padded(value: u32) -> [u8; 5] {
    let mut bytes = [0; 5];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = ((value >> (7 * at)) & 0x7f) as u8 | if at < 4 { 0x80 } else { 0 };
    }
    bytes
}
