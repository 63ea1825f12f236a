//! `numbers-rounding integral|demote|from-integers`: rounding to an integer in
//! each direction, to the narrower format, and from integers.

use std::hint::black_box;
use std::io;

use assay_guests_numbers::{
    Results, SEED, argument, bits_32, bits_64, f32_of, f64_of, say, step, unknown,
};

fn main() -> io::Result<()> {
    let case = argument(1, "integral, demote or from-integers")?;
    let text = match case.as_str() {
        "integral" => integral(),
        "demote" => demote(),
        "from-integers" => from_integers(),
        other => return Err(unknown(other, "integral, demote, from-integers")),
    };
    say(&text)
}

/// Ties, values just beside them, where the fraction ends, signed zeros.
const DOUBLES: [f64; 19] = [
    0.5,
    1.5,
    2.5,
    -0.5,
    -1.5,
    -2.5,
    0.499_999_999_999_999_94,
    -0.499_999_999_999_999_94,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    4_503_599_627_370_495.5,
    4_503_599_627_370_496.5,
    -4_503_599_627_370_495.5,
    9_007_199_254_740_993.0,
    1e300,
    f64::INFINITY,
    f64::NAN,
];

const SINGLES: [f32; 12] = [
    0.5,
    1.5,
    2.5,
    -0.5,
    -1.5,
    0.499_999_97,
    -0.0,
    1e-45,
    8_388_607.5,
    -8_388_607.5,
    16_777_216.0,
    f32::NEG_INFINITY,
];

fn integral() -> String {
    let mut text = String::from("f64 bits: ceil floor trunc nearest away\n");
    for value in DOUBLES {
        let value = black_box(value);
        text += &format!(
            "{:016x}: {:016x} {:016x} {:016x} {:016x} {:016x}\n",
            bits_64(value),
            bits_64(value.ceil()),
            bits_64(value.floor()),
            bits_64(value.trunc()),
            bits_64(value.round_ties_even()),
            bits_64(value.round()),
        );
    }
    text += "f32 bits: ceil floor trunc nearest away\n";
    for value in SINGLES {
        let value = black_box(value);
        text += &format!(
            "{:08x}: {:08x} {:08x} {:08x} {:08x} {:08x}\n",
            bits_32(value),
            bits_32(value.ceil()),
            bits_32(value.floor()),
            bits_32(value.trunc()),
            bits_32(value.round_ties_even()),
            bits_32(value.round()),
        );
    }
    text
}

/// binary64 patterns around what binary32 can hold: ties to either side, the
/// carry into the exponent, overflow from its exact limit on, subnormals.
const WIDE: [u64; 18] = [
    0x3ff0_0000_1000_0000,
    0x3ff0_0000_1000_0001,
    0x3ff0_0000_3000_0000,
    0x3ff0_0000_2fff_ffff,
    0x3fff_ffff_f000_0000,
    0x47ef_ffff_e000_0000,
    0x47ef_ffff_efff_ffff,
    0x47ef_ffff_f000_0000,
    0xc7ef_ffff_f000_0000,
    0x3810_0000_0000_0000,
    0x380f_ffff_e000_0000,
    0x380f_ffff_f000_0000,
    0x36a0_0000_0000_0000,
    0x3690_0000_0000_0000,
    0x3690_0000_0000_0001,
    0x8000_0000_0000_0001,
    0x7ff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
];

fn demote() -> String {
    let mut text = String::new();
    for bits in WIDE {
        let narrow = f64_of(bits) as f32;
        let back = f64::from(black_box(narrow));
        text += &format!(
            "{bits:016x} -> {:08x} -> {:016x}\n",
            bits_32(narrow),
            bits_64(back)
        );
    }
    let mut narrowed = Results::default();
    let mut widened = Results::default();
    let mut state = SEED;
    for _ in 0..4096 {
        state = step(state);
        // The exponents of binary32 and some on either side.
        let exponent = 0x360 + (state >> 52) % 0x130;
        let bits = state & 0x800f_ffff_ffff_ffff | exponent << 52;
        narrowed.add_32(bits_32(f64_of(bits) as f32));
        widened.add_64(bits_64(f64::from(f32_of(state as u32))));
    }
    text += &narrowed.line("demote");
    text += &widened.line("promote");
    text
}

const INTEGERS: [i64; 14] = [
    0,
    -1,
    16_777_217,
    16_777_219,
    -16_777_217,
    9_007_199_254_740_993,
    9_007_199_254_740_995,
    -9_007_199_254_740_993,
    i64::MAX,
    i64::MIN,
    i64::MAX - 512,
    i64::MAX - 511,
    0x7fff_ff40_0000_0000,
    0x7fff_ffbf_ffff_ffff,
];

fn from_integers() -> String {
    let mut text = String::new();
    for value in INTEGERS {
        let value = black_box(value);
        let unsigned = value as u64;
        text += &format!(
            "{value}: i64 {:016x} {:08x} u64 {:016x} {:08x} i32 {:08x} u32 {:08x}\n",
            (value as f64).to_bits(),
            (value as f32).to_bits(),
            (unsigned as f64).to_bits(),
            (unsigned as f32).to_bits(),
            (value as i32 as f32).to_bits(),
            (unsigned as u32 as f32).to_bits(),
        );
    }
    let mut results = Results::default();
    let mut state = SEED;
    for _ in 0..4096 {
        state = step(state);
        let value = black_box(state >> (state & 31));
        results.add_64((value as f64).to_bits());
        results.add_32((value as f32).to_bits());
        results.add_64((value as i64 as f64).to_bits());
        results.add_32((value as i64 as f32).to_bits());
        results.add_64(f64::from(value as i32).to_bits());
    }
    text += &results.line("converted");
    text
}
