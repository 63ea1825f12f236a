//! `numbers-integer wrap|shift|count|divide`: what integers do at their ends.

use std::hint::black_box;
use std::io;

use assay_guests_numbers::{Results, SEED, argument, say, step, unknown};

const EDGES_32: [u32; 12] = [
    0,
    1,
    2,
    3,
    31,
    32,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xffff_ffff,
    0xffff_fffe,
    0x0001_0000,
];

const EDGES_64: [u64; 12] = [
    0,
    1,
    2,
    3,
    63,
    64,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0x8000_0000_0000_0001,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_fffe,
    0x0000_0001_0000_0000,
];

type Binary<T> = (&'static str, fn(T, T) -> T);
type Unary<T> = (&'static str, fn(T) -> T);

fn main() -> io::Result<()> {
    let case = argument(1, "wrap, shift, count or divide")?;
    let text = match case.as_str() {
        "wrap" => pairs(
            &[
                ("i32.add", u32::wrapping_add),
                ("i32.sub", u32::wrapping_sub),
                ("i32.mul", u32::wrapping_mul),
            ],
            &[
                ("i64.add", u64::wrapping_add),
                ("i64.sub", u64::wrapping_sub),
                ("i64.mul", u64::wrapping_mul),
            ],
        ),
        // A shift or rotation is by the count modulo the width.
        "shift" => pairs(
            &[
                ("i32.shl", |a, b| a.wrapping_shl(b)),
                ("i32.shr_s", |a, b| (a as i32).wrapping_shr(b) as u32),
                ("i32.shr_u", |a, b| a.wrapping_shr(b)),
                ("i32.rotl", |a, b| a.rotate_left(b)),
                ("i32.rotr", |a, b| a.rotate_right(b)),
            ],
            &[
                ("i64.shl", |a, b| a.wrapping_shl(b as u32)),
                ("i64.shr_s", |a, b| (a as i64).wrapping_shr(b as u32) as u64),
                ("i64.shr_u", |a, b| a.wrapping_shr(b as u32)),
                ("i64.rotl", |a, b| a.rotate_left((b & 63) as u32)),
                ("i64.rotr", |a, b| a.rotate_right((b & 63) as u32)),
            ],
        ),
        "count" => count(),
        // Only what is defined: neither a zero divisor nor the one overflow.
        "divide" => pairs(
            &[
                ("i32.div_s", |a, b| signed_32(a, b, i32::wrapping_div)),
                ("i32.rem_s", |a, b| signed_32(a, b, i32::wrapping_rem)),
                ("i32.div_u", |a, b| a.checked_div(b).unwrap_or(0)),
                ("i32.rem_u", |a, b| a.checked_rem(b).unwrap_or(0)),
            ],
            &[
                ("i64.div_s", |a, b| signed_64(a, b, i64::wrapping_div)),
                ("i64.rem_s", |a, b| signed_64(a, b, i64::wrapping_rem)),
                ("i64.div_u", |a, b| a.checked_div(b).unwrap_or(0)),
                ("i64.rem_u", |a, b| a.checked_rem(b).unwrap_or(0)),
            ],
        ),
        other => return Err(unknown(other, "wrap, shift, count, divide")),
    };
    say(&text)
}

/// Zero for a divisor of zero: the operation is then not executed.
fn signed_32(a: u32, b: u32, operation: fn(i32, i32) -> i32) -> u32 {
    if b == 0 {
        0
    } else {
        operation(a as i32, b as i32) as u32
    }
}

fn signed_64(a: u64, b: u64, operation: fn(i64, i64) -> i64) -> u64 {
    if b == 0 {
        0
    } else {
        operation(a as i64, b as i64) as u64
    }
}

/// Each operation over all pairs of edges and 1,000 pairs without a pattern;
/// the values shown are those of (0x80…0, 0xff…f) and (0x80…1, 33).
fn pairs(narrow: &[Binary<u32>], wide: &[Binary<u64>]) -> String {
    let mut text = String::new();
    for (name, operation) in narrow {
        let apply = |a: u32, b: u32| operation(black_box(a), black_box(b));
        let mut results = Results::default();
        for a in EDGES_32 {
            for b in EDGES_32 {
                results.add_32(apply(a, b));
            }
        }
        let mut state = SEED;
        for _ in 0..1000 {
            state = step(state);
            results.add_32(apply(state as u32, (state >> 32) as u32));
        }
        text += &format!(
            "{name} {:08x} {:08x}\n",
            apply(0x8000_0000, 0xffff_ffff),
            apply(0x8000_0001, 33)
        );
        text += &results.line(name);
    }
    for (name, operation) in wide {
        let apply = |a: u64, b: u64| operation(black_box(a), black_box(b));
        let mut results = Results::default();
        for a in EDGES_64 {
            for b in EDGES_64 {
                results.add_64(apply(a, b));
            }
        }
        let mut state = SEED;
        for _ in 0..1000 {
            state = step(state);
            results.add_64(apply(state, state.rotate_left(29)));
        }
        text += &format!(
            "{name} {:016x} {:016x}\n",
            apply(0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff),
            apply(0x8000_0000_0000_0001, 33)
        );
        text += &results.line(name);
    }
    text
}

fn count() -> String {
    let narrow: [Unary<u32>; 5] = [
        ("i32.clz", u32::leading_zeros),
        ("i32.ctz", u32::trailing_zeros),
        ("i32.popcnt", u32::count_ones),
        ("i32.extend8_s", |a| i32::from(a as i8) as u32),
        ("i32.extend16_s", |a| i32::from(a as i16) as u32),
    ];
    let wide: [Unary<u64>; 6] = [
        ("i64.clz", |a| u64::from(a.leading_zeros())),
        ("i64.ctz", |a| u64::from(a.trailing_zeros())),
        ("i64.popcnt", |a| u64::from(a.count_ones())),
        ("i64.extend8_s", |a| i64::from(a as i8) as u64),
        ("i64.extend16_s", |a| i64::from(a as i16) as u64),
        ("i64.extend32_s", |a| i64::from(a as i32) as u64),
    ];
    let mut text = String::new();
    for (name, operation) in narrow {
        let mut results = Results::default();
        let mut shown = String::new();
        for value in EDGES_32 {
            let result = operation(black_box(value));
            shown += &format!(" {result:x}");
            results.add_32(result);
        }
        let mut state = SEED;
        for _ in 0..1000 {
            state = step(state);
            results.add_32(operation(black_box(state as u32 >> (state >> 59))));
        }
        text += &format!("{name}{shown}\n{}", results.line(name));
    }
    for (name, operation) in wide {
        let mut results = Results::default();
        let mut shown = String::new();
        for value in EDGES_64 {
            let result = operation(black_box(value));
            shown += &format!(" {result:x}");
            results.add_64(result);
        }
        let mut state = SEED;
        for _ in 0..1000 {
            state = step(state);
            results.add_64(operation(black_box(state >> (state >> 58))));
        }
        text += &format!("{name}{shown}\n{}", results.line(name));
    }
    text
}
