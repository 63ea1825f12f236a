//! `numbers-arithmetic f64|f32|subnormal|fused`: the operations IEEE 754
//! requires to be correctly rounded, on the corners of their formats.
//!
//! Each operation goes over all pairs of special operands, the first being the
//! outer loop; the digest is over the bits of the results.

use std::io;

use assay_guests_numbers::{
    Results, SPECIAL_32, SPECIAL_64, argument, bits_32, bits_64, f32_of, f64_of, say, unknown,
};

type Binary<T> = (&'static str, fn(T, T) -> T);

fn main() -> io::Result<()> {
    let case = argument(1, "f64, f32, subnormal or fused")?;
    let text = match case.as_str() {
        "f64" => double(),
        "f32" => single(),
        "subnormal" => subnormal(),
        "fused" => fused(),
        other => return Err(unknown(other, "f64, f32, subnormal, fused")),
    };
    say(&text)
}

fn double() -> String {
    let operations: [Binary<f64>; 4] = [
        ("add", |a, b| a + b),
        ("sub", |a, b| a - b),
        ("mul", |a, b| a * b),
        ("div", |a, b| a / b),
    ];
    let mut text = String::new();
    for (name, operation) in operations {
        let mut results = Results::default();
        for a in SPECIAL_64 {
            for b in SPECIAL_64 {
                results.add_64(bits_64(operation(f64_of(a), f64_of(b))));
            }
        }
        text += &results.line(name);
    }
    let mut roots = Results::default();
    for a in SPECIAL_64 {
        roots.add_64(bits_64(f64_of(a).sqrt()));
    }
    text += &roots.line("sqrt");
    // 0.1 + 0.2, 1 / 3, 2^53 + 1 (a tie), max + max, 0 / 0, sqrt(2), -0 + 0, sqrt(-0).
    let (tenth, one, large) = (
        f64_of(SPECIAL_64[10]),
        f64_of(SPECIAL_64[12]),
        f64_of(SPECIAL_64[16]),
    );
    let (most, zero, minus) = (
        f64_of(SPECIAL_64[19]),
        f64_of(SPECIAL_64[0]),
        f64_of(SPECIAL_64[1]),
    );
    for (name, value) in [
        ("tenth + tenth * 2", tenth + tenth * 2.0),
        ("1 / 3", one / 3.0),
        ("2^53 + 1", large + one),
        ("max + max", most + most),
        ("0 / -0", zero / minus),
        ("sqrt 2", (one + one).sqrt()),
        ("-0 + 0", minus + zero),
        ("sqrt -0", minus.sqrt()),
    ] {
        text += &format!("{name} = {:016x}\n", bits_64(value));
    }
    text
}

fn single() -> String {
    let operations: [Binary<f32>; 4] = [
        ("add", |a, b| a + b),
        ("sub", |a, b| a - b),
        ("mul", |a, b| a * b),
        ("div", |a, b| a / b),
    ];
    let mut text = String::new();
    for (name, operation) in operations {
        let mut results = Results::default();
        for a in SPECIAL_32 {
            for b in SPECIAL_32 {
                results.add_32(bits_32(operation(f32_of(a), f32_of(b))));
            }
        }
        text += &results.line(name);
    }
    let mut roots = Results::default();
    for a in SPECIAL_32 {
        roots.add_32(bits_32(f32_of(a).sqrt()));
    }
    text += &roots.line("sqrt");
    let (tenth, one, large) = (
        f32_of(SPECIAL_32[10]),
        f32_of(SPECIAL_32[12]),
        f32_of(SPECIAL_32[16]),
    );
    let (most, zero, minus) = (
        f32_of(SPECIAL_32[19]),
        f32_of(SPECIAL_32[0]),
        f32_of(SPECIAL_32[1]),
    );
    for (name, value) in [
        ("tenth + tenth * 2", tenth + tenth * 2.0),
        ("1 / 3", one / 3.0),
        ("2^24 + 1", large + one),
        ("max + max", most + most),
        ("0 / -0", zero / minus),
        ("sqrt 2", (one + one).sqrt()),
        ("-0 + 0", minus + zero),
        ("sqrt -0", minus.sqrt()),
    ] {
        text += &format!("{name} = {:08x}\n", bits_32(value));
    }
    text
}

/// Gradual underflow: a processor that flushes subnormals to zero is seen here.
fn subnormal() -> String {
    let mut value = f64_of(0x3ff0_0000_0000_0000);
    let mut halvings = 0;
    while value != 0.0 {
        value /= 2.0;
        halvings += 1;
    }
    let mut text = format!("f64 halvings from 1 to 0: {halvings}\n");
    let mut value = f32_of(0x3f80_0000);
    let mut halvings = 0;
    while value != 0.0 {
        value /= 2.0;
        halvings += 1;
    }
    text += &format!("f32 halvings from 1 to 0: {halvings}\n");
    let (least, normal) = (f64_of(1), f64_of(0x0010_0000_0000_0000));
    let (least_32, normal_32) = (f32_of(1), f32_of(0x0080_0000));
    for (name, value) in [
        ("least normal - least", normal - least),
        ("least * 1.5", least * 1.5),
        ("least * 0.5", least * 0.5),
        ("least * 0.75", least * 0.75),
        ("-least * 0.5", -least * 0.5),
        ("least normal / 3", normal / 3.0),
        ("least + least", least + least),
    ] {
        text += &format!("f64 {name} = {:016x}\n", value.to_bits());
    }
    for (name, value) in [
        ("least normal - least", normal_32 - least_32),
        ("least * 1.5", least_32 * 1.5),
        ("least * 0.5", least_32 * 0.5),
        ("least * 0.75", least_32 * 0.75),
        ("-least * 0.5", -least_32 * 0.5),
        ("least normal / 3", normal_32 / 3.0),
        ("least + least", least_32 + least_32),
    ] {
        text += &format!("f32 {name} = {:08x}\n", value.to_bits());
    }
    text
}

/// One rounding where a multiplication and an addition would have two.
///
/// WebAssembly has no such scalar instruction, so it is computed, by the crate
/// `libm` on both sides. (`mul_add` would call the C library there. The one of
/// the component returns +0 for a negative product that underflows, plus +0,
/// which is -0: a mistake of that library, and no host can mend it.)
fn fused() -> String {
    let mut text = String::new();
    let mut results = Results::default();
    for a in SPECIAL_64 {
        for b in SPECIAL_64 {
            for c in SPECIAL_64 {
                results.add_64(bits_64(libm::fma(f64_of(a), f64_of(b), f64_of(c))));
            }
        }
    }
    text += &results.line("f64");
    let mut results = Results::default();
    for a in SPECIAL_32 {
        for b in SPECIAL_32 {
            for c in SPECIAL_32 {
                results.add_32(bits_32(libm::fmaf(f32_of(a), f32_of(b), f32_of(c))));
            }
        }
    }
    text += &results.line("f32");
    // (1 + u)^2 - (1 + 2u): the square of the last place, lost by two roundings.
    let next = f64_of(0x3ff0_0000_0000_0001);
    let after = f64_of(0xbff0_0000_0000_0002);
    text += &format!("fused {:016x}\n", libm::fma(next, next, after).to_bits());
    text += &format!("apart {:016x}\n", (next * next + after).to_bits());
    text
}
