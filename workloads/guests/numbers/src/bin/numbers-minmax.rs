//! `numbers-minmax f64|f32|number`: the least and the greatest of two, over all
//! pairs of special operands.
//!
//! `f64` and `f32` are IEEE 754-2019 minimum and maximum: -0 is below +0, and a
//! NaN makes the result a NaN. The component executes the instruction, the twin
//! the same operation in software. `number` is Rust's `min` and `max`, for
//! which a NaN is absent; pairs of zeros with different signs are left out,
//! because there either is right.

use std::io;

#[cfg(target_family = "wasm")]
use assay_guests_numbers::instructions::{f32_max, f32_min, f64_max, f64_min};
use assay_guests_numbers::{
    Results, SPECIAL_32, SPECIAL_64, argument, bits_32, bits_64, f32_of, f64_of, say, unknown,
};
#[cfg(not(target_family = "wasm"))]
use libm::{fmaximum as f64_max, fmaximumf as f32_max, fminimum as f64_min, fminimumf as f32_min};

fn main() -> io::Result<()> {
    let case = argument(1, "f64, f32 or number")?;
    let mut least = Results::default();
    let mut greatest = Results::default();
    let mut text = String::new();
    match case.as_str() {
        "f64" => {
            for a in SPECIAL_64 {
                for b in SPECIAL_64 {
                    least.add_64(bits_64(f64_min(f64_of(a), f64_of(b))));
                    greatest.add_64(bits_64(f64_max(f64_of(a), f64_of(b))));
                }
            }
            for (a, b) in [
                (0.0, -0.0),
                (-0.0, 0.0),
                (f64::NAN, 1.0),
                (-1.0, f64::NAN),
                (f64::INFINITY, 5e-324),
            ] {
                let (low, high) = (f64_min(a, b), f64_max(a, b));
                text += &format!(
                    "{a:?} {b:?}: {:016x} {:016x}\n",
                    bits_64(low),
                    bits_64(high)
                );
            }
        }
        "f32" => {
            for a in SPECIAL_32 {
                for b in SPECIAL_32 {
                    least.add_32(bits_32(f32_min(f32_of(a), f32_of(b))));
                    greatest.add_32(bits_32(f32_max(f32_of(a), f32_of(b))));
                }
            }
            for (a, b) in [
                (0.0, -0.0),
                (-0.0, 0.0),
                (f32::NAN, 1.0),
                (-1.0, f32::NAN),
                (f32::INFINITY, 1e-45),
            ] {
                let (low, high) = (f32_min(a, b), f32_max(a, b));
                text += &format!("{a:?} {b:?}: {:08x} {:08x}\n", bits_32(low), bits_32(high));
            }
        }
        "number" => {
            for a in SPECIAL_64 {
                for b in SPECIAL_64 {
                    let (a, b) = (f64_of(a), f64_of(b));
                    if a == 0.0 && b == 0.0 && a.is_sign_negative() != b.is_sign_negative() {
                        continue;
                    }
                    least.add_64(bits_64(a.min(b)));
                    greatest.add_64(bits_64(a.max(b)));
                }
            }
            let nan = f64_of(0x7ff8_0000_0000_0000);
            text += &format!("NaN 1: {:?} {:?}\n", nan.min(1.0), nan.max(1.0));
        }
        other => return Err(unknown(other, "f64, f32, number")),
    }
    say(&(least.line("min") + &greatest.line("max") + &text))
}
