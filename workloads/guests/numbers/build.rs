//! Gives the component-only guests their single instructions.

#[path = "build/object.rs"]
mod object;

use std::io;

use object::Value::{self, F32, F64, I32, I64};
use object::{Body, Function, link};

/// Guests that call `assay_guests_numbers::instructions`.
const BINS: [&str; 8] = [
    "control-nan",
    "numbers-conversion-traps",
    "numbers-integer-traps",
    "numbers-memory-order",
    "numbers-minmax",
    "numbers-nan",
    "numbers-nan-canonical",
    "numbers-relaxed-simd",
];

/// Scalar instructions: name, parameters, result, opcode. The opcodes are those
/// of the core specification, chapter 5.4.
const SCALARS: &[(&str, &[Value], Value, &[u8])] = &[
    ("i32_div_s", &[I32, I32], I32, &[0x6d]),
    ("i32_rem_s", &[I32, I32], I32, &[0x6f]),
    ("i64_div_s", &[I64, I64], I64, &[0x7f]),
    ("i64_rem_s", &[I64, I64], I64, &[0x81]),
    ("f32_ceil", &[F32], F32, &[0x8d]),
    ("f32_floor", &[F32], F32, &[0x8e]),
    ("f32_trunc", &[F32], F32, &[0x8f]),
    ("f32_nearest", &[F32], F32, &[0x90]),
    ("f32_sqrt", &[F32], F32, &[0x91]),
    ("f32_add", &[F32, F32], F32, &[0x92]),
    ("f32_sub", &[F32, F32], F32, &[0x93]),
    ("f32_mul", &[F32, F32], F32, &[0x94]),
    ("f32_div", &[F32, F32], F32, &[0x95]),
    ("f32_min", &[F32, F32], F32, &[0x96]),
    ("f32_max", &[F32, F32], F32, &[0x97]),
    ("f32_abs", &[F32], F32, &[0x8b]),
    ("f32_neg", &[F32], F32, &[0x8c]),
    ("f32_copysign", &[F32, F32], F32, &[0x98]),
    ("f64_ceil", &[F64], F64, &[0x9b]),
    ("f64_floor", &[F64], F64, &[0x9c]),
    ("f64_trunc", &[F64], F64, &[0x9d]),
    ("f64_nearest", &[F64], F64, &[0x9e]),
    ("f64_sqrt", &[F64], F64, &[0x9f]),
    ("f64_add", &[F64, F64], F64, &[0xa0]),
    ("f64_sub", &[F64, F64], F64, &[0xa1]),
    ("f64_mul", &[F64, F64], F64, &[0xa2]),
    ("f64_div", &[F64, F64], F64, &[0xa3]),
    ("f64_min", &[F64, F64], F64, &[0xa4]),
    ("f64_max", &[F64, F64], F64, &[0xa5]),
    ("f64_abs", &[F64], F64, &[0x99]),
    ("f64_neg", &[F64], F64, &[0x9a]),
    ("f64_copysign", &[F64, F64], F64, &[0xa6]),
    ("i32_trunc_f32_s", &[F32], I32, &[0xa8]),
    ("i32_trunc_f32_u", &[F32], I32, &[0xa9]),
    ("i32_trunc_f64_s", &[F64], I32, &[0xaa]),
    ("i32_trunc_f64_u", &[F64], I32, &[0xab]),
    ("i64_trunc_f32_s", &[F32], I64, &[0xae]),
    ("i64_trunc_f32_u", &[F32], I64, &[0xaf]),
    ("i64_trunc_f64_s", &[F64], I64, &[0xb0]),
    ("i64_trunc_f64_u", &[F64], I64, &[0xb1]),
    ("f32_demote_f64", &[F64], F32, &[0xb6]),
    ("f64_promote_f32", &[F32], F64, &[0xbb]),
    ("i32_load8_u", &[I32], I32, &[0x2d, 0, 0]),
    ("i32_load8_s", &[I32], I32, &[0x2c, 0, 0]),
    ("i32_load16_u", &[I32], I32, &[0x2f, 0, 0]),
    ("i32_load16_s", &[I32], I32, &[0x2e, 0, 0]),
    ("i32_load", &[I32], I32, &[0x28, 0, 0]),
    ("i64_load", &[I32], I64, &[0x29, 0, 0]),
    ("i64_load32_s", &[I32], I64, &[0x34, 0, 0]),
];

/// Stores: name, type of the value, opcode.
const STORES: &[(&str, Value, u8)] = &[
    ("i32_store16", I32, 0x3b),
    ("i32_store", I32, 0x36),
    ("i64_store", I64, 0x37),
    ("f32_store", F32, 0x38),
    ("f64_store", F64, 0x39),
    ("i64_store32", I64, 0x3e),
];

/// Vector instructions: name, number of operands, opcode after the prefix 0xfd.
const VECTORS: &[(&str, usize, u32)] = &[
    ("f32x4_add", 2, 0xe4),
    ("f32x4_div", 2, 0xe7),
    ("f32x4_min", 2, 0xe8),
    ("f32x4_max", 2, 0xe9),
    ("f32x4_pmin", 2, 0xea),
    ("f32x4_pmax", 2, 0xeb),
    ("f32x4_sqrt", 1, 0xe3),
    ("f32x4_neg", 1, 0xe1),
    ("f64x2_add", 2, 0xf0),
    ("f64x2_div", 2, 0xf3),
    ("f64x2_min", 2, 0xf4),
    ("f64x2_max", 2, 0xf5),
    ("f64x2_pmin", 2, 0xf6),
    ("f64x2_pmax", 2, 0xf7),
    ("f64x2_sqrt", 1, 0xef),
    ("f64x2_abs", 1, 0xec),
    ("f32x4_demote_f64x2_zero", 1, 0x5e),
    ("f64x2_promote_low_f32x4", 1, 0x5f),
    ("i8x16_relaxed_swizzle", 2, 0x100),
    ("i32x4_relaxed_trunc_f32x4_s", 1, 0x101),
    ("i32x4_relaxed_trunc_f32x4_u", 1, 0x102),
    ("i32x4_relaxed_trunc_f64x2_s_zero", 1, 0x103),
    ("i32x4_relaxed_trunc_f64x2_u_zero", 1, 0x104),
    ("f32x4_relaxed_madd", 3, 0x105),
    ("f32x4_relaxed_nmadd", 3, 0x106),
    ("f64x2_relaxed_madd", 3, 0x107),
    ("f64x2_relaxed_nmadd", 3, 0x108),
    ("i8x16_relaxed_laneselect", 3, 0x109),
    ("i16x8_relaxed_laneselect", 3, 0x10a),
    ("i32x4_relaxed_laneselect", 3, 0x10b),
    ("i64x2_relaxed_laneselect", 3, 0x10c),
    ("f32x4_relaxed_min", 2, 0x10d),
    ("f32x4_relaxed_max", 2, 0x10e),
    ("f64x2_relaxed_min", 2, 0x10f),
    ("f64x2_relaxed_max", 2, 0x110),
    ("i16x8_relaxed_q15mulr_s", 2, 0x111),
    ("i16x8_relaxed_dot_i8x16_i7x16_s", 2, 0x112),
    ("i32x4_relaxed_dot_i8x16_i7x16_add_s", 3, 0x113),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/object.rs");
    let scalars = SCALARS.iter().map(|(name, parameters, result, code)| {
        let parameters = parameters.to_vec();
        function(name, parameters, Some(*result), Body::Scalar(code.to_vec()))
    });
    let stores = STORES.iter().map(|(name, value, code)| {
        let body = Body::Scalar(vec![*code, 0, 0]);
        function(name, vec![I32, *value], None, body)
    });
    let vectors = VECTORS.iter().map(|(name, operands, code)| {
        let body = Body::Vector([vec![0xfd], object::leb(*code)].concat());
        function(name, vec![I32; operands + 1], None, body)
    });
    let functions: Vec<Function> = scalars.chain(stores).chain(vectors).collect();
    link(&functions, &BINS)
}

fn function(name: &str, parameters: Vec<Value>, result: Option<Value>, body: Body) -> Function {
    Function {
        name: name.to_owned(),
        parameters,
        result,
        body,
    }
}
