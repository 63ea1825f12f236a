//! Gives the component-only guests their single instructions, and two of them
//! a memory with a limit.

// The writer of the object is shared with the number guests.
#[path = "../numbers/build/object.rs"]
mod object;

use std::{env, io};

use object::Value::{self, I32, I64};
use object::{Body, Function, link};

/// Guests that call `assay_guests_memory::instructions`.
const BINS: [&str; 4] = [
    "memory-bounds",
    "memory-bulk",
    "memory-divide-by-zero",
    "memory-indirect-call",
];

/// Guests whose memory declares a maximum of 1,024 pages, 64 MiB.
const LIMITED: [&str; 2] = ["memory-allocation", "memory-grow"];

type Scalar = (&'static str, &'static [Value], Option<Value>, &'static [u8]);

/// Name, parameters, result, what follows the parameters. The opcodes are
/// those of the core specification, chapter 5.4.
const SCALARS: &[Scalar] = &[
    ("i32_div_s", &[I32, I32], Some(I32), &[0x6d]),
    ("i32_div_u", &[I32, I32], Some(I32), &[0x6e]),
    ("i32_rem_s", &[I32, I32], Some(I32), &[0x6f]),
    ("i32_rem_u", &[I32, I32], Some(I32), &[0x70]),
    ("i64_div_s", &[I64, I64], Some(I64), &[0x7f]),
    ("i64_div_u", &[I64, I64], Some(I64), &[0x80]),
    ("i64_rem_s", &[I64, I64], Some(I64), &[0x81]),
    ("i64_rem_u", &[I64, I64], Some(I64), &[0x82]),
    ("i32_load8_u", &[I32], Some(I32), &[0x2d, 0, 0]),
    ("i32_load", &[I32], Some(I32), &[0x28, 0, 0]),
    ("i64_load", &[I32], Some(I64), &[0x29, 0, 0]),
    ("i32_store8", &[I32, I32], None, &[0x3a, 0, 0]),
    ("i32_store", &[I32, I32], None, &[0x36, 0, 0]),
    ("i64_store", &[I32, I64], None, &[0x37, 0, 0]),
    // v128.load, then i64x2.extract_lane 1
    (
        "v128_load_high",
        &[I32],
        Some(I64),
        &[0xfd, 0x00, 0, 0, 0xfd, 0x1d, 1],
    ),
    // i32.load offset=0xfffffffc
    (
        "i32_load_far",
        &[I32],
        Some(I32),
        &[0x28, 0, 0xfc, 0xff, 0xff, 0xff, 0x0f],
    ),
    ("memory_copy", &[I32, I32, I32], None, &[0xfc, 0x0a, 0, 0]),
    ("memory_fill", &[I32, I32, I32], None, &[0xfc, 0x0b, 0]),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../numbers/build/object.rs");
    let mut functions: Vec<Function> = SCALARS
        .iter()
        .map(|(name, parameters, result, code)| Function {
            name: (*name).to_owned(),
            parameters: parameters.to_vec(),
            result: *result,
            body: Body::Scalar(code.to_vec()),
        })
        .collect();
    functions.push(Function {
        name: "call_indirect_i64".to_owned(),
        parameters: vec![I32],
        result: Some(I64),
        body: Body::Indirect,
    });
    if env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        for bin in LIMITED {
            println!("cargo::rustc-link-arg-bin={bin}=--max-memory=67108864");
        }
    }
    link(&functions, &BINS)
}
