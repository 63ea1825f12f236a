//! `numbers-text print|parse|single`: floats as decimal text and back.

use std::hint::black_box;
use std::io;

use assay_guests_numbers::{
    Results, SEED, SPECIAL_32, SPECIAL_64, argument, bits_32, bits_64, f32_of, f64_of, say, step,
    unknown,
};

fn main() -> io::Result<()> {
    let case = argument(1, "print, parse or single")?;
    let text = match case.as_str() {
        "print" => print()?,
        "parse" => parse()?,
        "single" => single()?,
        other => return Err(unknown(other, "print, parse, single")),
    };
    say(&text)
}

/// The shortest digits that read back as the same value, and fixed numbers of
/// them. 2,000 patterns are printed, read again and compared.
fn print() -> io::Result<String> {
    let mut text = String::new();
    for bits in SPECIAL_64 {
        let value = f64_of(bits);
        text += &format!("{bits:016x} {value:e} {value:.3e}\n");
    }
    let (half, tenth) = (black_box(2.5_f64), black_box(0.1_f64));
    text += &format!(
        "{half} {half:.0} {tenth} {tenth:.20} {:.2} {}\n",
        black_box(1e21),
        black_box(1e-7)
    );
    let mut results = Results::default();
    let mut differing = 0;
    let mut state = SEED;
    for _ in 0..2000 {
        state = step(state);
        let value = f64_of(state);
        if value.is_nan() {
            continue;
        }
        let shown = format!("{value:e}");
        let back: f64 = shown.parse().map_err(io::Error::other)?;
        differing += u32::from(back.to_bits() != state);
        results.add_bytes(shown.as_bytes());
    }
    text += &results.line("print");
    text += &format!("differing after reading back: {differing}\n");
    Ok(text)
}

/// Decimal numbers that lie on, or just beside, the middle between two floats,
/// and those at the ends of the range.
const TEXTS: [&str; 18] = [
    "0.1",
    "-0",
    "1e400",
    "-1e400",
    "1e-400",
    "9007199254740993",
    "9007199254740993.00000000000000000000000000000000000001",
    "9007199254740992.99999999999999999999999999999999999999",
    "2.2250738585072011e-308",
    "2.2250738585072012e-308",
    "2.4703282292062327208e-324",
    "2.4703282292062328e-324",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "179769313486231580793728971405301",
    "6.631236846766476e-316",
    "0.000000000000000000000000000000000000000000000000000000000000001e63",
    "3.4028235677973366e38",
];

fn parse() -> io::Result<String> {
    let mut text = String::new();
    for decimal in TEXTS {
        let decimal = black_box(decimal);
        let double: f64 = decimal.parse().map_err(io::Error::other)?;
        let single: f32 = decimal.parse().map_err(io::Error::other)?;
        text += &format!(
            "{decimal} {:016x} {:08x}\n",
            double.to_bits(),
            single.to_bits()
        );
    }
    let mut results = Results::default();
    let mut state = SEED;
    for _ in 0..2000 {
        state = step(state);
        // 19 digits, and exponents over the whole range.
        let exponent = i64::try_from(step(state) % 660).unwrap_or(0) - 340;
        let decimal = format!("{state}e{exponent}");
        let double: f64 = decimal.parse().map_err(io::Error::other)?;
        let single: f32 = decimal.parse().map_err(io::Error::other)?;
        results.add_64(bits_64(double));
        results.add_32(bits_32(single));
    }
    text += &results.line("parse");
    for refused in ["", "0x1p3", "1e", "1,5", "--1", " 1"] {
        text += &format!("{refused:?} refused {}\n", refused.parse::<f64>().is_err());
    }
    Ok(text)
}

fn single() -> io::Result<String> {
    let mut text = String::new();
    for bits in SPECIAL_32 {
        let value = f32_of(bits);
        text += &format!("{bits:08x} {value:e}\n");
    }
    let mut results = Results::default();
    let mut differing = 0;
    let mut state = SEED;
    for _ in 0..2000 {
        state = step(state);
        let value = f32_of(state as u32);
        if value.is_nan() {
            continue;
        }
        let shown = format!("{value:e}");
        let back: f32 = shown.parse().map_err(io::Error::other)?;
        differing += u32::from(back.to_bits() != state as u32);
        results.add_bytes(shown.as_bytes());
    }
    text += &results.line("print");
    text += &format!("differing after reading back: {differing}\n");
    Ok(text)
}
