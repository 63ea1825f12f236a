//! `numbers-nan-canonical f64|f32|convert|vector`: every bit of the NaNs that
//! arithmetic returns. Under the deterministic profile all of them are the
//! positive canonical one.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    let case = assay_guests_numbers::argument(1, "f64, f32, convert or vector")?;
    let text = match case.as_str() {
        "f64" => cases::double(),
        "f32" => cases::single(),
        "convert" => cases::convert(),
        "vector" => cases::vector(),
        other => {
            return Err(assay_guests_numbers::unknown(
                other,
                "f64, f32, convert, vector",
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
    use assay_guests_numbers::instructions::{self as wasm, Bytes};
    use assay_guests_numbers::{f32_of, f64_of};

    const NANS: [u64; 4] = [
        0x7ff8_0000_0000_0000,
        0xfff8_0000_0000_0000,
        0x7ffc_0000_dead_beef,
        0xfff4_0000_0000_0001,
    ];
    const NANS_32: [u32; 4] = [0x7fc0_0000, 0xffc0_0000, 0x7fd1_2345, 0xff81_2345];

    pub fn double() -> String {
        let (zero, one, infinite) = (f64_of(0), f64_of(0x3ff0 << 48), f64_of(0x7ff0 << 48));
        let mut text = format!(
            "0 / 0 {:016x}\ninf - inf {:016x}\n0 * inf {:016x}\nsqrt -1 {:016x}\n",
            wasm::f64_div(zero, zero).to_bits(),
            wasm::f64_sub(infinite, infinite).to_bits(),
            wasm::f64_mul(zero, infinite).to_bits(),
            wasm::f64_sqrt(wasm::f64_neg(one)).to_bits(),
        );
        for bits in NANS {
            let nan = f64_of(bits);
            let other = f64_of(bits ^ 0x0000_0000_00ff_0000);
            for (name, value) in [
                ("add", wasm::f64_add(nan, one)),
                ("sub", wasm::f64_sub(one, nan)),
                ("mul", wasm::f64_mul(nan, other)),
                ("div", wasm::f64_div(other, nan)),
                ("min", wasm::f64_min(one, nan)),
                ("max", wasm::f64_max(nan, other)),
                ("sqrt", wasm::f64_sqrt(nan)),
                ("ceil", wasm::f64_ceil(nan)),
                ("floor", wasm::f64_floor(nan)),
                ("trunc", wasm::f64_trunc(nan)),
                ("nearest", wasm::f64_nearest(nan)),
            ] {
                text += &format!("{bits:016x} {name} {:016x}\n", value.to_bits());
            }
        }
        text
    }

    pub fn single() -> String {
        let (zero, one, infinite) = (f32_of(0), f32_of(0x3f80 << 16), f32_of(0x7f80 << 16));
        let mut text = format!(
            "0 / 0 {:08x}\ninf - inf {:08x}\n0 * inf {:08x}\nsqrt -1 {:08x}\n",
            wasm::f32_div(zero, zero).to_bits(),
            wasm::f32_sub(infinite, infinite).to_bits(),
            wasm::f32_mul(zero, infinite).to_bits(),
            wasm::f32_sqrt(wasm::f32_neg(one)).to_bits(),
        );
        for bits in NANS_32 {
            let nan = f32_of(bits);
            let other = f32_of(bits ^ 0x0000_ff00);
            for (name, value) in [
                ("add", wasm::f32_add(nan, one)),
                ("sub", wasm::f32_sub(one, nan)),
                ("mul", wasm::f32_mul(nan, other)),
                ("div", wasm::f32_div(other, nan)),
                ("min", wasm::f32_min(one, nan)),
                ("max", wasm::f32_max(nan, other)),
                ("sqrt", wasm::f32_sqrt(nan)),
                ("ceil", wasm::f32_ceil(nan)),
                ("floor", wasm::f32_floor(nan)),
                ("trunc", wasm::f32_trunc(nan)),
                ("nearest", wasm::f32_nearest(nan)),
            ] {
                text += &format!("{bits:08x} {name} {:08x}\n", value.to_bits());
            }
        }
        text
    }

    pub fn convert() -> String {
        let mut text = String::new();
        for bits in NANS {
            let narrow = wasm::f32_demote_f64(f64_of(bits)).to_bits();
            text += &format!("{bits:016x} demote {narrow:08x}\n");
        }
        for bits in NANS_32 {
            let wide = wasm::f64_promote_f32(f32_of(bits)).to_bits();
            text += &format!("{bits:08x} promote {wide:016x}\n");
        }
        text
    }

    fn line(name: &str, result: &Bytes, size: usize) -> String {
        let mut text = String::from(name);
        for lane in result.chunks_exact(size) {
            text.push(' ');
            for byte in lane.iter().rev() {
                text += &format!("{byte:02x}");
            }
        }
        text.push('\n');
        text
    }

    fn join<const N: usize, const M: usize>(lanes: [[u8; N]; M]) -> Bytes {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&lanes.concat());
        bytes
    }

    /// A NaN in some lanes and numbers in others: only the first ones change.
    pub fn vector() -> String {
        let a = join([NANS_32[2], 0x3f80_0000, NANS_32[3], 0].map(u32::to_le_bytes));
        let b = join([0x3f80_0000, NANS_32[1], 0x4000_0000, 0].map(u32::to_le_bytes));
        let mut text = line("f32x4 add", &wasm::f32x4_add(&a, &b), 4);
        text += &line("f32x4 div", &wasm::f32x4_div(&a, &b), 4);
        text += &line("f32x4 min", &wasm::f32x4_min(&a, &b), 4);
        text += &line("f32x4 max", &wasm::f32x4_max(&a, &b), 4);
        text += &line("f32x4 sqrt", &wasm::f32x4_sqrt(&a), 4);
        text += &line("f32x4 pmin", &wasm::f32x4_pmin(&a, &b), 4);
        text += &line("f32x4 pmax", &wasm::f32x4_pmax(&a, &b), 4);
        text += &line("f32x4 neg", &wasm::f32x4_neg(&a), 4);
        let c = join([NANS[3], 0x3ff0 << 48].map(u64::to_le_bytes));
        let d = join([0x4000 << 48, NANS[2]].map(u64::to_le_bytes));
        text += &line("f64x2 add", &wasm::f64x2_add(&c, &d), 8);
        text += &line("f64x2 div", &wasm::f64x2_div(&c, &d), 8);
        text += &line("f64x2 min", &wasm::f64x2_min(&c, &d), 8);
        text += &line("f64x2 max", &wasm::f64x2_max(&c, &d), 8);
        text += &line("f64x2 sqrt", &wasm::f64x2_sqrt(&c), 8);
        text += &line("f32x4 demote", &wasm::f32x4_demote_f64x2_zero(&c), 4);
        text + &line("f64x2 promote", &wasm::f64x2_promote_low_f32x4(&a), 8)
    }
}
