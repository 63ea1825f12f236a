//! `numbers-conversions wide|narrow`: floats to integers with Rust's `as`,
//! which saturates and makes zero of a NaN.

use std::io;

use assay_guests_numbers::{Results, SEED, argument, f32_of, f64_of, say, step, unknown};

/// The edges of each integer type and their neighbours, as binary64.
const EDGES: [f64; 26] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    0.999_999_999_999_999_9,
    -0.999_999_999_999_999_9,
    -1.0,
    127.999,
    128.0,
    -128.999,
    -129.0,
    255.999,
    256.0,
    2_147_483_647.999_999_8,
    2_147_483_648.0,
    -2_147_483_648.999_999_5,
    -2_147_483_649.0,
    4_294_967_295.999_999_5,
    4_294_967_296.0,
    9_223_372_036_854_774_784.0,
    9_223_372_036_854_775_808.0,
    -9_223_372_036_854_775_808.0,
    -9_223_372_036_854_777_856.0,
    18_446_744_073_709_549_568.0,
    18_446_744_073_709_551_616.0,
];

fn main() -> io::Result<()> {
    let case = argument(1, "wide or narrow")?;
    let mut text = String::new();
    let mut results = Results::default();
    let wide = match case.as_str() {
        "wide" => true,
        "narrow" => false,
        other => return Err(unknown(other, "wide, narrow")),
    };
    for edge in EDGES {
        let value = f64_of(edge.to_bits());
        let single = f32_of((edge as f32).to_bits());
        text += &if wide {
            format!(
                "{:016x}: i32 {} u32 {} i64 {} u64 {}; f32: i32 {} u32 {} i64 {} u64 {}\n",
                edge.to_bits()
                    & if edge.is_nan() {
                        0x7ff8 << 48
                    } else {
                        u64::MAX
                    },
                value as i32,
                value as u32,
                value as i64,
                value as u64,
                single as i32,
                single as u32,
                single as i64,
                single as u64,
            )
        } else {
            format!(
                "{:016x}: i8 {} u8 {} i16 {} u16 {}\n",
                edge.to_bits()
                    & if edge.is_nan() {
                        0x7ff8 << 48
                    } else {
                        u64::MAX
                    },
                value as i8,
                value as u8,
                value as i16,
                value as u16,
            )
        };
    }
    let mut state = SEED;
    for _ in 0..4096 {
        state = step(state);
        // Magnitudes from 2^-4 to 2^68, either sign.
        let exponent = 1023 - 4 + (state >> 52) % 73;
        let value = f64_of(state & 0x800f_ffff_ffff_ffff | exponent << 52);
        if wide {
            results.add_32(value as i32 as u32);
            results.add_32(value as u32);
            results.add_64(value as i64 as u64);
            results.add_64(value as u64);
        } else {
            let small = value / 1_048_576.0;
            results.add_bytes(&[small as i8 as u8, small as u8]);
            results.add_bytes(&(small as i16).to_le_bytes());
            results.add_bytes(&(small as u16).to_le_bytes());
        }
    }
    say(&(text + &results.line("converted")))
}
