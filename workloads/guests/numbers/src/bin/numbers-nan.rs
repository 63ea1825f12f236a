//! `numbers-nan produced|propagated|preserved`: what every host must do with
//! NaNs, whether or not it makes them canonical.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    let case = assay_guests_numbers::argument(1, "produced, propagated or preserved")?;
    let text = match case.as_str() {
        "produced" => cases::produced(),
        "propagated" => cases::propagated(),
        "preserved" => cases::preserved(),
        other => {
            return Err(assay_guests_numbers::unknown(
                other,
                "produced, propagated, preserved",
            ));
        }
    };
    assay_guests_numbers::say(&text)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_numbers::only_a_component())
}

#[cfg(target_family = "wasm")]
mod cases {
    use assay_guests_numbers::{f32_of, f64_of, instructions as wasm};

    const INFINITE: u64 = 0x7ff0_0000_0000_0000;
    const INFINITE_32: u32 = 0x7f80_0000;
    /// A quiet NaN with a payload, and a signalling one.
    const QUIET: u64 = 0x7ffc_0000_dead_beef;
    const SIGNALLING: u64 = 0xfff4_0000_0000_0001;
    const QUIET_32: u32 = 0xffd1_2345;
    const SIGNALLING_32: u32 = 0x7f81_2345;

    /// From numbers: the payload is the canonical one, the sign is open and
    /// therefore not shown.
    pub fn produced() -> String {
        let (zero, infinite, minus) = (f64_of(0), f64_of(INFINITE), f64_of(0xbff0 << 48));
        let mut text = String::new();
        for (name, value) in [
            ("f64 0 / 0", wasm::f64_div(zero, zero)),
            ("f64 inf - inf", wasm::f64_sub(infinite, infinite)),
            (
                "f64 inf + -inf",
                wasm::f64_add(infinite, wasm::f64_neg(infinite)),
            ),
            ("f64 0 * inf", wasm::f64_mul(zero, infinite)),
            ("f64 inf / inf", wasm::f64_div(infinite, infinite)),
            ("f64 sqrt -1", wasm::f64_sqrt(minus)),
        ] {
            text += &format!("{name} = {:016x}\n", value.to_bits() & (u64::MAX >> 1));
        }
        let (zero, infinite, minus) = (f32_of(0), f32_of(INFINITE_32), f32_of(0xbf80 << 16));
        for (name, value) in [
            ("f32 0 / 0", wasm::f32_div(zero, zero)),
            ("f32 inf - inf", wasm::f32_sub(infinite, infinite)),
            (
                "f32 inf + -inf",
                wasm::f32_add(infinite, wasm::f32_neg(infinite)),
            ),
            ("f32 0 * inf", wasm::f32_mul(zero, infinite)),
            ("f32 inf / inf", wasm::f32_div(infinite, infinite)),
            ("f32 sqrt -1", wasm::f32_sqrt(minus)),
        ] {
            text += &format!("{name} = {:08x}\n", value.to_bits() & (u32::MAX >> 1));
        }
        text
    }

    /// From NaNs with payloads: the result is a quiet NaN, nothing more is said.
    pub fn propagated() -> String {
        let mut text = String::new();
        let one = f64_of(0x3ff0 << 48);
        for (kind, bits) in [("quiet", QUIET), ("signalling", SIGNALLING)] {
            let nan = f64_of(bits);
            for (name, value) in [
                ("add", wasm::f64_add(nan, one)),
                ("sub", wasm::f64_sub(one, nan)),
                ("mul", wasm::f64_mul(nan, one)),
                ("div", wasm::f64_div(one, nan)),
                ("min", wasm::f64_min(nan, one)),
                ("max", wasm::f64_max(one, nan)),
                ("sqrt", wasm::f64_sqrt(nan)),
                ("ceil", wasm::f64_ceil(nan)),
                ("floor", wasm::f64_floor(nan)),
                ("trunc", wasm::f64_trunc(nan)),
                ("nearest", wasm::f64_nearest(nan)),
            ] {
                let (is_nan, quiet) = (value.is_nan(), value.to_bits() >> 51 & 1);
                text += &format!("f64 {kind} {name}: nan {is_nan} quiet {quiet}\n");
            }
            let narrow = wasm::f32_demote_f64(nan);
            let (is_nan, quiet) = (narrow.is_nan(), narrow.to_bits() >> 22 & 1);
            text += &format!("f64 {kind} demote: nan {is_nan} quiet {quiet}\n");
        }
        let one = f32_of(0x3f80 << 16);
        for (kind, bits) in [("quiet", QUIET_32), ("signalling", SIGNALLING_32)] {
            let nan = f32_of(bits);
            for (name, value) in [
                ("add", wasm::f32_add(nan, one)),
                ("sub", wasm::f32_sub(one, nan)),
                ("mul", wasm::f32_mul(nan, one)),
                ("div", wasm::f32_div(one, nan)),
                ("min", wasm::f32_min(nan, one)),
                ("max", wasm::f32_max(one, nan)),
                ("sqrt", wasm::f32_sqrt(nan)),
                ("ceil", wasm::f32_ceil(nan)),
                ("floor", wasm::f32_floor(nan)),
                ("trunc", wasm::f32_trunc(nan)),
                ("nearest", wasm::f32_nearest(nan)),
            ] {
                let (is_nan, quiet) = (value.is_nan(), value.to_bits() >> 22 & 1);
                text += &format!("f32 {kind} {name}: nan {is_nan} quiet {quiet}\n");
            }
            let wide = wasm::f64_promote_f32(nan);
            let (is_nan, quiet) = (wide.is_nan(), wide.to_bits() >> 51 & 1);
            text += &format!("f32 {kind} promote: nan {is_nan} quiet {quiet}\n");
        }
        text
    }

    /// Operations on the sign, and moves: every bit stays, of signalling NaNs too.
    pub fn preserved() -> String {
        let mut text = String::new();
        for bits in [QUIET, SIGNALLING] {
            let nan = f64_of(bits);
            let minus = f64_of(0xbff0 << 48);
            let mut memory = [0; 8];
            // SAFETY: 8 bytes are written to an array of 8.
            unsafe { wasm::f64_store(memory.as_mut_ptr(), nan) };
            for (name, result) in [
                ("neg", wasm::f64_neg(nan).to_bits()),
                ("abs", wasm::f64_abs(nan).to_bits()),
                ("copysign", wasm::f64_copysign(nan, minus).to_bits()),
                ("store", u64::from_le_bytes(std::hint::black_box(memory))),
                ("reinterpret", nan.to_bits()),
            ] {
                text += &format!("f64 {bits:016x} {name} {result:016x}\n");
            }
            let two = |low: u64, high: u64| {
                let mut bytes = [0; 16];
                bytes[..8].copy_from_slice(&low.to_le_bytes());
                bytes[8..].copy_from_slice(&high.to_le_bytes());
                bytes
            };
            // The first operand, unless the second compares as less or greater.
            let (a, b) = (two(bits, 0x3ff0 << 48), two(0x3ff0 << 48, bits));
            for (name, result) in [
                ("pmin", wasm::f64x2_pmin(&a, &b)),
                ("pmax", wasm::f64x2_pmax(&a, &b)),
                ("vector abs", wasm::f64x2_abs(&a)),
            ] {
                text += &format!(
                    "f64 {bits:016x} {name} {:032x}\n",
                    u128::from_le_bytes(result)
                );
            }
        }
        for bits in [QUIET_32, SIGNALLING_32] {
            let nan = f32_of(bits);
            let minus = f32_of(0xbf80 << 16);
            let mut memory = [0; 4];
            // SAFETY: 4 bytes are written to an array of 4.
            unsafe { wasm::f32_store(memory.as_mut_ptr(), nan) };
            for (name, result) in [
                ("neg", wasm::f32_neg(nan).to_bits()),
                ("abs", wasm::f32_abs(nan).to_bits()),
                ("copysign", wasm::f32_copysign(nan, minus).to_bits()),
                ("store", u32::from_le_bytes(std::hint::black_box(memory))),
                ("reinterpret", nan.to_bits()),
            ] {
                text += &format!("f32 {bits:08x} {name} {result:08x}\n");
            }
        }
        text
    }
}
