//! `numbers-simd integer|float|lanes`: vectors of 128 bits, as instructions in
//! the component and lane by lane in the twin.
//!
//! Every operation is applied to pairs of vectors of corner values and of
//! values without a pattern; two of the results are shown.

use std::hint::black_box;
use std::io;

use assay_guests_numbers::simd::{Bytes, FLOATS, INTEGERS, LANES, Operation};
use assay_guests_numbers::{
    Results, SEED, SPECIAL_32, SPECIAL_64, argument, bits_32, bits_64, say, step, unknown,
};

fn main() -> io::Result<()> {
    let case = argument(1, "integer, float or lanes")?;
    let text = match case.as_str() {
        "integer" => apply(INTEGERS, &patterns()),
        "float" => apply(FLOATS, &specials()),
        "lanes" => apply(LANES, &patterns()),
        other => return Err(unknown(other, "integer, float, lanes")),
    };
    say(&text)
}

/// Ends of the lanes of each width, lane numbers, then 200 without a pattern.
fn patterns() -> Vec<Bytes> {
    let mut vectors: Vec<Bytes> = vec![
        [0; 16],
        [0xff; 16],
        [
            0x80, 0x7f, 0, 1, 0xff, 0x80, 0xff, 0x7f, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0x7f,
        ],
        [
            0, 0x80, 0, 0x80, 0xff, 0x7f, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80,
        ],
        [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
        [16, 31, 128, 255, 0, 127, 15, 17, 1, 2, 4, 8, 32, 64, 3, 7],
    ];
    let mut state = SEED;
    for _ in 0..200 {
        let mut vector = [0; 16];
        for half in vector.chunks_exact_mut(8) {
            state = step(state);
            half.copy_from_slice(&state.to_le_bytes());
        }
        vectors.push(vector);
    }
    vectors
}

/// All special operands of both formats, then values from 2^-40 to 2^40.
fn specials() -> Vec<Bytes> {
    let mut vectors = Vec::new();
    let mut add = |bytes: &[u8]| {
        let mut vector = [0; 16];
        vector.copy_from_slice(bytes);
        vectors.push(vector);
    };
    for four in SPECIAL_32.chunks_exact(4) {
        add(&four
            .iter()
            .flat_map(|lane| lane.to_le_bytes())
            .collect::<Vec<_>>());
    }
    for two in SPECIAL_64.chunks_exact(2) {
        add(&two
            .iter()
            .flat_map(|lane| lane.to_le_bytes())
            .collect::<Vec<_>>());
    }
    // 2.5 and -0.5 are ties; 0x4f000000 is 2^31.
    add(&[0x4020_0000_u32, 0xbf00_0000, 0x4f00_0000, 0xcf00_0001]
        .map(u32::to_le_bytes)
        .concat());
    let mut state = SEED;
    for round in 0..200 {
        state = step(state);
        let wide = state & 0x800f_ffff_ffff_ffff | (1023 - 40 + (state >> 52) % 81) << 52;
        let narrow = |bits: u64| {
            let bits = bits as u32;
            bits & 0x807f_ffff | (127 - 40 + (bits >> 23) % 81) << 23
        };
        if round % 2 == 0 {
            add(&[wide, wide.rotate_left(7) & !(1 << 62)]
                .map(u64::to_le_bytes)
                .concat());
        } else {
            let lanes = [state, state >> 11, state >> 23, state >> 32].map(narrow);
            add(&lanes.map(u32::to_le_bytes).concat());
        }
    }
    vectors
}

fn apply(operations: &[Operation], vectors: &[Bytes]) -> String {
    let mut text = String::new();
    for (name, operation) in operations {
        let mut results = Results::default();
        for (at, a) in vectors.iter().enumerate() {
            // Every corner with every corner, the others with their neighbours.
            let others = if at < 6 {
                &vectors[..6]
            } else {
                &vectors[at - 2..at]
            };
            for b in others {
                let result = with_one_nan(name, operation(black_box(a), black_box(b)));
                if at == 2 && (b == &vectors[3] || b == &vectors[5]) {
                    let shown: String = result.iter().map(|byte| format!("{byte:02x}")).collect();
                    text += &format!("{name} {shown}\n");
                }
                results.add_bytes(&result);
            }
        }
        text += &results.line(name);
    }
    text
}

/// Which NaN an operation returns is left open; the name says what lanes are.
fn with_one_nan(name: &str, bytes: Bytes) -> Bytes {
    let mut canonical = bytes;
    if name.starts_with("f32x4") {
        for lane in canonical.chunks_exact_mut(4) {
            let bits = u32::from_le_bytes([lane[0], lane[1], lane[2], lane[3]]);
            lane.copy_from_slice(&bits_32(f32::from_bits(bits)).to_le_bytes());
        }
    } else if name.starts_with("f64x2") {
        for lane in canonical.chunks_exact_mut(8) {
            let mut bits = [0; 8];
            bits.copy_from_slice(lane);
            let value = f64::from_bits(u64::from_le_bytes(bits));
            lane.copy_from_slice(&bits_64(value).to_le_bytes());
        }
    }
    canonical
}
