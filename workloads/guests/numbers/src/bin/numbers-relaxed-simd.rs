//! `numbers-relaxed-simd CASE`: the relaxed vector instructions on operands
//! for which their results may differ between hosts, and on others.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    let case = assay_guests_numbers::argument(1, "the family of instructions")?;
    let text = match case.as_str() {
        "swizzle" => cases::swizzle(),
        "truncate" => cases::truncate(),
        "madd-exact" => cases::madd(
            [1.5, -2.0, 0.0, 3.0],
            [2.0, 0.25, 5.0, -1.0],
            [1.0, 8.0, -0.0, 3.0],
        ),
        "madd" => {
            // (1 + u) (1 + u) - (1 + 2u), and a product that overflows.
            let next = f32::from_bits(0x3f80_0001);
            let after = f32::from_bits(0x3f80_0002);
            cases::madd(
                [next, -next, next, 1e30],
                [next, next, -next, 1e30],
                [-after, after, after, f32::NEG_INFINITY],
            )
        }
        "laneselect" => cases::laneselect(),
        "minmax" => cases::minmax(),
        "q15mulr" => cases::q15mulr(),
        "dot" => cases::dot(
            &[
                127, -128, 1, 2, 100, -100, 0, 5, -1, -1, 127, 127, 3, 4, 5, 6,
            ],
            &[
                127, 127, -1, -2, 1, 0, 99, 64, -128, 127, 127, 127, 1, 2, 3, 4,
            ],
        ),
        "dot-overflow" => cases::dot(&[-128; 16], &[-128; 16]),
        other => {
            return Err(assay_guests_numbers::unknown(
                other,
                "swizzle, truncate, madd-exact, madd, laneselect, minmax, q15mulr, dot, dot-overflow",
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

    fn join<const N: usize, const M: usize>(lanes: [[u8; N]; M]) -> Bytes {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&lanes.concat());
        bytes
    }

    fn f32s(lanes: [f32; 4]) -> Bytes {
        join(lanes.map(f32::to_le_bytes))
    }

    fn f64s(lanes: [f64; 2]) -> Bytes {
        join(lanes.map(f64::to_le_bytes))
    }

    /// The lanes of `size` bytes in their order, each as a number.
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

    pub fn swizzle() -> String {
        let bytes: Bytes = std::array::from_fn(|lane| 0xa0 + lane as u8);
        let inside: Bytes = std::array::from_fn(|lane| 15 - lane as u8);
        // Indices from 16 on: small, with the highest bit clear and set.
        let outside = [
            16, 17, 31, 32, 64, 127, 128, 129, 143, 144, 255, 0, 15, 240, 8, 100,
        ];
        line("inside", &wasm::i8x16_relaxed_swizzle(&bytes, &inside), 1)
            + &line("outside", &wasm::i8x16_relaxed_swizzle(&bytes, &outside), 1)
    }

    pub fn truncate() -> String {
        let mut text = String::new();
        for lanes in [
            [0.0, -1.9, 2_147_483_520.0, -2_147_483_648.0],
            [f32::NAN, 2_147_483_648.0, -3e9, f32::INFINITY],
            [4_294_967_040.0, 4_294_967_296.0, f32::NEG_INFINITY, -0.5],
        ] {
            let lanes = f32s(lanes);
            text += &line("f32x4_s", &wasm::i32x4_relaxed_trunc_f32x4_s(&lanes), 4);
            text += &line("f32x4_u", &wasm::i32x4_relaxed_trunc_f32x4_u(&lanes), 4);
        }
        for lanes in [
            [2_147_483_647.9, -2_147_483_648.9],
            [f64::NAN, 2_147_483_648.0],
            [4_294_967_295.9, -1.0],
            [1e300, f64::NEG_INFINITY],
        ] {
            let lanes = f64s(lanes);
            text += &line(
                "f64x2_s_zero",
                &wasm::i32x4_relaxed_trunc_f64x2_s_zero(&lanes),
                4,
            );
            text += &line(
                "f64x2_u_zero",
                &wasm::i32x4_relaxed_trunc_f64x2_u_zero(&lanes),
                4,
            );
        }
        text
    }

    /// a * b + c and -(a * b) + c, for the four lanes and for the first two as
    /// binary64 with the same distance from 1.
    pub fn madd(a: [f32; 4], b: [f32; 4], c: [f32; 4]) -> String {
        let wide = |lanes: [f32; 4]| {
            f64s([lanes[0], lanes[1]].map(|lane| {
                // The neighbours of 1 in binary32 become those in binary64.
                match lane.to_bits() {
                    bits @ (0x3f80_0001 | 0x3f80_0002 | 0xbf80_0001 | 0xbf80_0002) => {
                        let sign = u64::from(bits >> 31) << 63;
                        f64::from_bits(sign | 0x3ff0_0000_0000_0000 | u64::from(bits & 3))
                    }
                    _ => f64::from(lane),
                }
            }))
        };
        let (x, y, z) = (f32s(a), f32s(b), f32s(c));
        let (u, v, w) = (wide(a), wide(b), wide(c));
        line("f32x4 madd", &wasm::f32x4_relaxed_madd(&x, &y, &z), 4)
            + &line("f32x4 nmadd", &wasm::f32x4_relaxed_nmadd(&x, &y, &z), 4)
            + &line("f64x2 madd", &wasm::f64x2_relaxed_madd(&u, &v, &w), 8)
            + &line("f64x2 nmadd", &wasm::f64x2_relaxed_nmadd(&u, &v, &w), 8)
    }

    pub fn laneselect() -> String {
        let (a, b) = ([0x55; 16], [0xaa; 16]);
        let whole = [
            0, 0xff, 0, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
        ];
        // Masks that mix set and cleared bits.
        let mixed = [
            0x80, 0x7f, 1, 0xf0, 0, 0x80, 0xff, 0x0f, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80,
        ];
        let mut text = String::new();
        for (name, mask) in [("whole", &whole), ("mixed", &mixed)] {
            text += &line(
                &format!("{name} i8x16"),
                &wasm::i8x16_relaxed_laneselect(&a, &b, mask),
                1,
            );
            text += &line(
                &format!("{name} i16x8"),
                &wasm::i16x8_relaxed_laneselect(&a, &b, mask),
                2,
            );
            text += &line(
                &format!("{name} i32x4"),
                &wasm::i32x4_relaxed_laneselect(&a, &b, mask),
                4,
            );
            text += &line(
                &format!("{name} i64x2"),
                &wasm::i64x2_relaxed_laneselect(&a, &b, mask),
                8,
            );
        }
        text
    }

    pub fn minmax() -> String {
        let payload = f32::from_bits(0x7fc0_1234);
        let (a, b) = (
            f32s([0.0, -0.0, payload, 1.0]),
            f32s([-0.0, 0.0, 1.0, payload]),
        );
        let mut text = line("f32x4 min", &wasm::f32x4_relaxed_min(&a, &b), 4);
        text += &line("f32x4 max", &wasm::f32x4_relaxed_max(&a, &b), 4);
        for (a, b) in [
            ([0.0, f64::NAN], [-0.0, -1.0]),
            ([-0.0, 2.0], [0.0, f64::NAN]),
        ] {
            let (a, b) = (f64s(a), f64s(b));
            text += &line("f64x2 min", &wasm::f64x2_relaxed_min(&a, &b), 8);
            text += &line("f64x2 max", &wasm::f64x2_relaxed_max(&a, &b), 8);
        }
        text
    }

    pub fn q15mulr() -> String {
        let lanes = |lanes: [i16; 8]| join(lanes.map(i16::to_le_bytes));
        let a = lanes([-32768, -32768, 32767, 1, 16384, -1, 23170, 0]);
        let b = lanes([-32768, 32767, 32767, 16384, 1, 16384, 23170, -32768]);
        line("i16x8", &wasm::i16x8_relaxed_q15mulr_s(&a, &b), 2)
    }

    pub fn dot(a: &[i8; 16], b: &[i8; 16]) -> String {
        let (a, b) = (a.map(|lane| lane as u8), b.map(|lane| lane as u8));
        let c = join([1_i32, -1, 1000, 0x7fff_0000].map(i32::to_le_bytes));
        line(
            "i16x8 dot",
            &wasm::i16x8_relaxed_dot_i8x16_i7x16_s(&a, &b),
            2,
        ) + &line(
            "i32x4 dot add",
            &wasm::i32x4_relaxed_dot_i8x16_i7x16_add_s(&a, &b, &c),
            4,
        )
    }
}
