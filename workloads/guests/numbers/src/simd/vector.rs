//! The operations as WebAssembly's vector instructions.

use core::arch::wasm32::*;

use super::{Bytes, Operation};

fn half(bytes: &Bytes, at: usize) -> u64 {
    let mut half = [0; 8];
    half.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(half)
}

#[target_feature(enable = "simd128")]
fn vector(bytes: &Bytes) -> v128 {
    u64x2(half(bytes, 0), half(bytes, 8))
}

#[target_feature(enable = "simd128")]
fn bytes(vector: v128) -> Bytes {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&u64x2_extract_lane::<0>(vector).to_le_bytes());
    bytes[8..].copy_from_slice(&u64x2_extract_lane::<1>(vector).to_le_bytes());
    bytes
}

/// One operation: the closure's body, in a function that has the instructions.
macro_rules! operation {
    ($name:literal, |$a:ident, $b:ident| $body:expr) => {
        ($name, {
            fn outer(a: &Bytes, b: &Bytes) -> Bytes {
                #[target_feature(enable = "simd128")]
                fn inner(a: &Bytes, b: &Bytes) -> Bytes {
                    let ($a, $b) = (vector(a), vector(b));
                    bytes($body)
                }
                inner(a, b)
            }
            outer
        })
    };
}

/// On integer lanes.
pub const INTEGERS: &[Operation] = &[
    operation!("i8x16.add_sat_s", |a, b| i8x16_add_sat(a, b)),
    operation!("i8x16.sub_sat_u", |a, b| u8x16_sub_sat(a, b)),
    operation!("i8x16.avgr_u", |a, b| u8x16_avgr(a, b)),
    operation!("i8x16.min_s", |a, b| i8x16_min(a, b)),
    operation!("i8x16.popcnt", |a, _b| u8x16_popcnt(a)),
    operation!("i16x8.mul", |a, b| i16x8_mul(a, b)),
    operation!("i16x8.q15mulr_sat_s", |a, b| i16x8_q15mulr_sat(a, b)),
    operation!("i16x8.extadd_pairwise_i8x16_s", |a, _b| {
        i16x8_extadd_pairwise_i8x16(a)
    }),
    operation!("i16x8.extend_high_i8x16_u", |a, _b| {
        u16x8_extend_high_u8x16(a)
    }),
    operation!("i8x16.narrow_i16x8_s", |a, b| i8x16_narrow_i16x8(a, b)),
    operation!("i8x16.narrow_i16x8_u", |a, b| u8x16_narrow_i16x8(a, b)),
    operation!("i32x4.dot_i16x8_s", |a, b| i32x4_dot_i16x8(a, b)),
    operation!("i32x4.shr_s 33", |a, _b| i32x4_shr(a, 33)),
    operation!("i32x4.max_u", |a, b| u32x4_max(a, b)),
    operation!("i64x2.abs", |a, _b| i64x2_abs(a)),
    operation!("i64x2.mul", |a, b| i64x2_mul(a, b)),
    operation!("i64x2.extmul_high_i32x4_u", |a, b| {
        u64x2_extmul_high_u32x4(a, b)
    }),
    operation!("i64x2.lt_s", |a, b| i64x2_lt(a, b)),
];

/// On float lanes; the first letter and number say how a result is divided.
pub const FLOATS: &[Operation] = &[
    operation!("f32x4.add", |a, b| f32x4_add(a, b)),
    operation!("f32x4.mul", |a, b| f32x4_mul(a, b)),
    operation!("f32x4.div", |a, b| f32x4_div(a, b)),
    operation!("f32x4.sqrt", |a, _b| f32x4_sqrt(a)),
    operation!("f32x4.min", |a, b| f32x4_min(a, b)),
    operation!("f32x4.max", |a, b| f32x4_max(a, b)),
    operation!("f32x4.pmin", |a, b| f32x4_pmin(a, b)),
    operation!("f32x4.nearest", |a, _b| f32x4_nearest(a)),
    operation!("f32x4.demote_f64x2_zero", |a, _b| {
        f32x4_demote_f64x2_zero(a)
    }),
    operation!("f32x4.convert_i32x4_u", |a, _b| f32x4_convert_u32x4(a)),
    operation!("f64x2.sub", |a, b| f64x2_sub(a, b)),
    operation!("f64x2.div", |a, b| f64x2_div(a, b)),
    operation!("f64x2.max", |a, b| f64x2_max(a, b)),
    operation!("f64x2.promote_low_f32x4", |a, _b| {
        f64x2_promote_low_f32x4(a)
    }),
    operation!("f64x2.convert_low_i32x4_s", |a, _b| {
        f64x2_convert_low_i32x4(a)
    }),
    operation!("i32x4.trunc_sat_f32x4_s", |a, _b| i32x4_trunc_sat_f32x4(a)),
    operation!("i32x4.trunc_sat_f64x2_u_zero", |a, _b| {
        u32x4_trunc_sat_f64x2_zero(a)
    }),
    operation!("i32x4 f32x4.lt", |a, b| f32x4_lt(a, b)),
    operation!("i64x2 f64x2.ne", |a, b| f64x2_ne(a, b)),
];

/// On whole vectors and on single lanes.
pub const LANES: &[Operation] = &[
    operation!("i8x16.swizzle", |a, b| i8x16_swizzle(a, b)),
    operation!("i8x16.shuffle", |a, b| {
        i8x16_shuffle::<31, 0, 17, 3, 3, 3, 16, 15, 8, 24, 7, 23, 1, 30, 29, 2>(a, b)
    }),
    operation!("v128.bitselect", |a, b| v128_bitselect(
        a,
        b,
        u32x4_splat(0x0ff0_aa55)
    )),
    operation!("v128.andnot", |a, b| v128_andnot(a, b)),
    operation!("i8x16.bitmask", |a, _b| u32x4_splat(u32::from(
        i8x16_bitmask(a)
    ))),
    operation!("i64x2.bitmask", |a, _b| u32x4_splat(u32::from(
        i64x2_bitmask(a)
    ))),
    operation!("i8x16.all_true", |a, _b| u32x4_splat(u32::from(
        i8x16_all_true(a)
    ))),
    operation!("v128.any_true", |a, b| u32x4_splat(u32::from(
        v128_any_true(v128_and(a, b))
    ))),
    operation!("i16x8.replace_lane 5", |a, b| {
        i16x8_replace_lane::<5>(a, i16x8_extract_lane::<2>(b))
    }),
    operation!("i8x16.splat", |a, _b| i8x16_splat(
        i8x16_extract_lane::<11>(a)
    )),
];
