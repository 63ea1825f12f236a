//! `numbers-wide arithmetic|text|float`: integers of 128 bits, which neither
//! WebAssembly nor a 64-bit processor has: both compute them in pieces.

use std::hint::black_box;
use std::io;

use assay_guests_numbers::{Results, SEED, argument, f64_of, say, step, unknown};

const EDGES: [u128; 12] = [
    0,
    1,
    3,
    10,
    0xffff_ffff,
    0xffff_ffff_ffff_ffff,
    0x1_0000_0000_0000_0000,
    0x1_0000_0000_0000_0001,
    0x7fff_ffff_ffff_ffff_ffff_ffff_ffff_ffff,
    0x8000_0000_0000_0000_0000_0000_0000_0000,
    0xffff_ffff_ffff_ffff_0000_0000_0000_0000,
    u128::MAX,
];

type Operation = (&'static str, fn(u128, u128) -> u128);

fn main() -> io::Result<()> {
    let case = argument(1, "arithmetic, text or float")?;
    let text = match case.as_str() {
        "arithmetic" => arithmetic(),
        "text" => decimal()?,
        "float" => float(),
        other => return Err(unknown(other, "arithmetic, text, float")),
    };
    say(&text)
}

/// The edges, then 500 values without a pattern, of 1 to 128 bits.
fn operands() -> Vec<u128> {
    let mut operands = EDGES.to_vec();
    let mut state = SEED;
    for _ in 0..500 {
        state = step(state);
        let high = state;
        state = step(state);
        operands.push((u128::from(high) << 64 | u128::from(state)) >> (state & 127));
    }
    operands
}

fn arithmetic() -> String {
    let operations: [Operation; 11] = [
        ("add", u128::wrapping_add),
        ("sub", u128::wrapping_sub),
        ("mul", u128::wrapping_mul),
        ("div_u", |a, b| a.checked_div(b).unwrap_or(0)),
        ("rem_u", |a, b| a.checked_rem(b).unwrap_or(0)),
        ("div_s", |a, b| {
            if b == 0 {
                0
            } else {
                (a as i128).wrapping_div(b as i128) as u128
            }
        }),
        ("rem_s", |a, b| {
            if b == 0 {
                0
            } else {
                (a as i128).wrapping_rem(b as i128) as u128
            }
        }),
        ("shl", |a, b| a.wrapping_shl(b as u32)),
        ("shr_s", |a, b| (a as i128).wrapping_shr(b as u32) as u128),
        ("shr_u", |a, b| a.wrapping_shr(b as u32)),
        ("rotl", |a, b| a.rotate_left((b & 127) as u32)),
    ];
    let operands = operands();
    let mut text = String::new();
    for (name, operation) in operations {
        let apply = |a: u128, b: u128| operation(black_box(a), black_box(b));
        let mut results = Results::default();
        for a in EDGES {
            for b in EDGES {
                results.add_bytes(&apply(a, b).to_le_bytes());
            }
        }
        for pair in operands.windows(2) {
            results.add_bytes(&apply(pair[0], pair[1]).to_le_bytes());
        }
        text += &format!("{name} {:032x}\n", apply(EDGES[9] | 12345, EDGES[5]));
        text += &results.line(name);
    }
    text
}

fn decimal() -> io::Result<String> {
    let mut text = String::new();
    for value in EDGES {
        text += &format!("{} {}\n", black_box(value), black_box(value) as i128);
    }
    let mut results = Results::default();
    for value in operands() {
        let shown = format!("{value}");
        let back: u128 = shown.parse().map_err(io::Error::other)?;
        results.add_bytes(shown.as_bytes());
        results.add_bytes(&back.to_le_bytes());
        let shown = format!("{}", value as i128);
        let back: i128 = shown.parse().map_err(io::Error::other)?;
        results.add_bytes(shown.as_bytes());
        results.add_bytes(&back.to_le_bytes());
    }
    text += &results.line("text");
    for beyond in ["340282366920938463463374607431768211456", "-1"] {
        let refused = beyond.parse::<u128>().is_err();
        text += &format!("{beyond} refused {refused}\n");
    }
    Ok(text)
}

fn float() -> String {
    let mut results = Results::default();
    for value in operands() {
        let value = black_box(value);
        results.add_64((value as f64).to_bits());
        results.add_64((value as i128 as f64).to_bits());
        results.add_32((value as f32).to_bits());
        results.add_32((value as i128 as f32).to_bits());
    }
    let mut text = results.line("to float");
    text += &format!(
        "max {:016x} {:08x}\n",
        (black_box(u128::MAX) as f64).to_bits(),
        (black_box(u128::MAX) as f32).to_bits()
    );
    text += &format!("min {:016x}\n", (black_box(i128::MIN) as f64).to_bits());
    for bits in [
        0x3fef_ffff_ffff_ffff_u64,
        0xbff8_0000_0000_0000,
        0x43f0_0000_0000_0001,
        0x47ef_ffff_ffff_ffff,
        0x47f0_0000_0000_0000,
        0xc7e0_0000_0000_0000,
        0xc7e0_0000_0000_0001,
        0x7ff8_0000_0000_0000,
    ] {
        let value = f64_of(bits);
        text += &format!("{bits:016x}: {} {}\n", value as u128, value as i128);
    }
    text
}
