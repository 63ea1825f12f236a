//! `numbers-libm trigonometric|exponential|special|single`: functions without a
//! correctly rounded standard, from one implementation (the crate `libm`)
//! compiled for both sides. All of it is IEEE 754 arithmetic and bit patterns,
//! so every bit must agree although the functions are only approximations.

use std::f64::consts::FRAC_PI_2;
use std::hint::black_box;
use std::io;

use assay_guests_numbers::{
    Results, SEED, argument, bits_32, bits_64, f32_of, f64_of, say, step, unknown,
};

type Function = (&'static str, fn(f64) -> f64);
type Single = (&'static str, fn(f32) -> f32);

/// Where the values are shown: tiny, small, near multiples of pi / 2, large.
const POINTS: [f64; 6] = [1e-9, 0.5, 1.0, FRAC_PI_2, -2.75, 100.5];

fn main() -> io::Result<()> {
    let case = argument(1, "trigonometric, exponential, special or single")?;
    let text = match case.as_str() {
        "trigonometric" => functions(&[
            ("sin", libm::sin),
            ("cos", libm::cos),
            ("tan", libm::tan),
            ("asin", libm::asin),
            ("acos", libm::acos),
            ("atan", libm::atan),
            ("sinh", libm::sinh),
            ("cosh", libm::cosh),
            ("tanh", libm::tanh),
            ("atan2(x, 3)", |x| libm::atan2(x, 3.0)),
        ]),
        "exponential" => functions(&[
            ("exp", libm::exp),
            ("exp2", libm::exp2),
            ("expm1", libm::expm1),
            ("log", libm::log),
            ("log2", libm::log2),
            ("log10", libm::log10),
            ("log1p", libm::log1p),
            ("cbrt", libm::cbrt),
            ("pow(x, 2.5)", |x| libm::pow(x, 2.5)),
            ("pow(1.01, x)", |x| libm::pow(1.01, x)),
        ]),
        "special" => functions(&[
            ("erf", libm::erf),
            ("erfc", libm::erfc),
            ("tgamma", libm::tgamma),
            ("lgamma", libm::lgamma),
            ("hypot(x, 3)", |x| libm::hypot(x, 3.0)),
            ("fmod(x, 0.7)", |x| libm::fmod(x, 0.7)),
            ("j0", libm::j0),
            ("y1", libm::y1),
        ]),
        "single" => single(),
        other => {
            return Err(unknown(
                other,
                "trigonometric, exponential, special, single",
            ));
        }
    };
    say(&text)
}

fn functions(functions: &[Function]) -> String {
    let mut text = String::new();
    for (name, function) in functions {
        for point in POINTS {
            let value = function(black_box(point));
            text += &format!("{name} {point:e} {:016x} {value:e}\n", bits_64(value));
        }
        let mut results = Results::default();
        let mut state = SEED;
        for _ in 0..2000 {
            state = step(state);
            // Magnitudes from 2^-20 to 2^20, either sign.
            let exponent = 1023 - 20 + (state >> 52) % 41;
            let point = f64_of(state & 0x800f_ffff_ffff_ffff | exponent << 52);
            results.add_64(bits_64(function(point)));
        }
        text += &results.line(name);
    }
    text
}

fn single() -> String {
    let functions: [Single; 8] = [
        ("sinf", libm::sinf),
        ("cosf", libm::cosf),
        ("tanf", libm::tanf),
        ("expf", libm::expf),
        ("logf", libm::logf),
        ("powf(x, 2.5)", |x| libm::powf(x, 2.5)),
        ("erff", libm::erff),
        ("cbrtf", libm::cbrtf),
    ];
    let mut text = String::new();
    for (name, function) in functions {
        for point in POINTS {
            let point = black_box(point as f32);
            let value = function(point);
            text += &format!("{name} {point:e} {:08x} {value:e}\n", bits_32(value));
        }
        let mut results = Results::default();
        let mut state = SEED;
        for _ in 0..2000 {
            state = step(state);
            let exponent = 127 - 20 + (state >> 40) as u32 % 41;
            let point = f32_of(state as u32 & 0x807f_ffff | exponent << 23);
            results.add_32(bits_32(function(point)));
        }
        text += &results.line(name);
    }
    text
}
