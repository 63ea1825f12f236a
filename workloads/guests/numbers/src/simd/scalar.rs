//! The same operations lane by lane, from their descriptions in the core
//! specification.

use std::array::from_fn;

use super::{Bytes, Operation};

macro_rules! lanes {
    ($split:ident, $join:ident, $lane:ty, $count:literal) => {
        fn $split(bytes: &Bytes) -> [$lane; $count] {
            const SIZE: usize = size_of::<$lane>();
            from_fn(|lane| <$lane>::from_le_bytes(from_fn(|byte| bytes[lane * SIZE + byte])))
        }

        fn $join(lanes: [$lane; $count]) -> Bytes {
            const SIZE: usize = size_of::<$lane>();
            from_fn(|byte| lanes[byte / SIZE].to_le_bytes()[byte % SIZE])
        }
    };
}

lanes!(i16s, of_i16s, i16, 8);
lanes!(u16s, of_u16s, u16, 8);
lanes!(i32s, of_i32s, i32, 4);
lanes!(u32s, of_u32s, u32, 4);
lanes!(i64s, of_i64s, i64, 2);
lanes!(u64s, of_u64s, u64, 2);
lanes!(f32s, of_f32s, f32, 4);
lanes!(f64s, of_f64s, f64, 2);

fn i8s(bytes: &Bytes) -> [i8; 16] {
    bytes.map(|byte| byte as i8)
}

fn of_i8s(lanes: [i8; 16]) -> Bytes {
    lanes.map(|lane| lane as u8)
}

/// On integer lanes.
pub const INTEGERS: &[Operation] = &[
    ("i8x16.add_sat_s", |a, b| {
        let (a, b) = (i8s(a), i8s(b));
        of_i8s(from_fn(|i| a[i].saturating_add(b[i])))
    }),
    ("i8x16.sub_sat_u", |a, b| {
        from_fn(|i| a[i].saturating_sub(b[i]))
    }),
    ("i8x16.avgr_u", |a, b| {
        from_fn(|i| (u16::from(a[i]) + u16::from(b[i])).div_ceil(2) as u8)
    }),
    ("i8x16.min_s", |a, b| {
        let (a, b) = (i8s(a), i8s(b));
        of_i8s(from_fn(|i| a[i].min(b[i])))
    }),
    ("i8x16.popcnt", |a, _| from_fn(|i| a[i].count_ones() as u8)),
    ("i16x8.mul", |a, b| {
        let (a, b) = (i16s(a), i16s(b));
        of_i16s(from_fn(|i| a[i].wrapping_mul(b[i])))
    }),
    ("i16x8.q15mulr_sat_s", |a, b| {
        let (a, b) = (i16s(a), i16s(b));
        of_i16s(from_fn(|i| {
            let product = (i32::from(a[i]) * i32::from(b[i]) + 0x4000) >> 15;
            product.clamp(-0x8000, 0x7fff) as i16
        }))
    }),
    ("i16x8.extadd_pairwise_i8x16_s", |a, _| {
        let a = i8s(a);
        of_i16s(from_fn(|i| i16::from(a[2 * i]) + i16::from(a[2 * i + 1])))
    }),
    ("i16x8.extend_high_i8x16_u", |a, _| {
        of_u16s(from_fn(|i| u16::from(a[8 + i])))
    }),
    ("i8x16.narrow_i16x8_s", |a, b| {
        let all = [i16s(a), i16s(b)].concat();
        of_i8s(from_fn(|i| all[i].clamp(-0x80, 0x7f) as i8))
    }),
    ("i8x16.narrow_i16x8_u", |a, b| {
        let all = [i16s(a), i16s(b)].concat();
        from_fn(|i| all[i].clamp(0, 0xff) as u8)
    }),
    ("i32x4.dot_i16x8_s", |a, b| {
        let (a, b) = (i16s(a), i16s(b));
        let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
        of_i32s(from_fn(|i| product(2 * i).wrapping_add(product(2 * i + 1))))
    }),
    ("i32x4.shr_s 33", |a, _| {
        of_i32s(i32s(a).map(|lane| lane >> 1))
    }),
    ("i32x4.max_u", |a, b| {
        let (a, b) = (u32s(a), u32s(b));
        of_u32s(from_fn(|i| a[i].max(b[i])))
    }),
    ("i64x2.abs", |a, _| of_i64s(i64s(a).map(i64::wrapping_abs))),
    ("i64x2.mul", |a, b| {
        let (a, b) = (i64s(a), i64s(b));
        of_i64s(from_fn(|i| a[i].wrapping_mul(b[i])))
    }),
    ("i64x2.extmul_high_i32x4_u", |a, b| {
        let (a, b) = (u32s(a), u32s(b));
        of_u64s(from_fn(|i| u64::from(a[2 + i]) * u64::from(b[2 + i])))
    }),
    ("i64x2.lt_s", |a, b| {
        let (a, b) = (i64s(a), i64s(b));
        of_i64s(from_fn(|i| -i64::from(a[i] < b[i])))
    }),
];

/// On float lanes; the first letter and number say how a result is divided.
pub const FLOATS: &[Operation] = &[
    ("f32x4.add", |a, b| singles(a, b, |a, b| a + b)),
    ("f32x4.mul", |a, b| singles(a, b, |a, b| a * b)),
    ("f32x4.div", |a, b| singles(a, b, |a, b| a / b)),
    ("f32x4.sqrt", |a, b| singles(a, b, |a, _| a.sqrt())),
    ("f32x4.min", |a, b| singles(a, b, libm::fminimumf)),
    ("f32x4.max", |a, b| singles(a, b, libm::fmaximumf)),
    ("f32x4.pmin", |a, b| {
        singles(a, b, |a, b| if b < a { b } else { a })
    }),
    ("f32x4.nearest", |a, b| {
        singles(a, b, |a, _| a.round_ties_even())
    }),
    ("f32x4.demote_f64x2_zero", |a, _| {
        let [low, high] = f64s(a);
        of_f32s([low as f32, high as f32, 0.0, 0.0])
    }),
    ("f32x4.convert_i32x4_u", |a, _| {
        of_f32s(u32s(a).map(|lane| lane as f32))
    }),
    ("f64x2.sub", |a, b| doubles(a, b, |a, b| a - b)),
    ("f64x2.div", |a, b| doubles(a, b, |a, b| a / b)),
    ("f64x2.max", |a, b| doubles(a, b, libm::fmaximum)),
    ("f64x2.promote_low_f32x4", |a, _| {
        let lanes = f32s(a);
        of_f64s([f64::from(lanes[0]), f64::from(lanes[1])])
    }),
    ("f64x2.convert_low_i32x4_s", |a, _| {
        let lanes = i32s(a);
        of_f64s([f64::from(lanes[0]), f64::from(lanes[1])])
    }),
    ("i32x4.trunc_sat_f32x4_s", |a, _| {
        of_i32s(f32s(a).map(|lane| lane as i32))
    }),
    ("i32x4.trunc_sat_f64x2_u_zero", |a, _| {
        let [low, high] = f64s(a);
        of_u32s([low as u32, high as u32, 0, 0])
    }),
    ("i32x4 f32x4.lt", |a, b| {
        let (a, b) = (f32s(a), f32s(b));
        of_i32s(from_fn(|i| -i32::from(a[i] < b[i])))
    }),
    ("i64x2 f64x2.ne", |a, b| {
        let (a, b) = (f64s(a), f64s(b));
        of_i64s(from_fn(|i| -i64::from(a[i] != b[i])))
    }),
];

fn singles(a: &Bytes, b: &Bytes, lane: fn(f32, f32) -> f32) -> Bytes {
    let (a, b) = (f32s(a), f32s(b));
    of_f32s(from_fn(|i| lane(a[i], b[i])))
}

fn doubles(a: &Bytes, b: &Bytes, lane: fn(f64, f64) -> f64) -> Bytes {
    let (a, b) = (f64s(a), f64s(b));
    of_f64s(from_fn(|i| lane(a[i], b[i])))
}

const SHUFFLE: [usize; 16] = [31, 0, 17, 3, 3, 3, 16, 15, 8, 24, 7, 23, 1, 30, 29, 2];

/// On whole vectors and on single lanes.
pub const LANES: &[Operation] = &[
    ("i8x16.swizzle", |a, b| {
        from_fn(|i| a.get(usize::from(b[i])).copied().unwrap_or(0))
    }),
    ("i8x16.shuffle", |a, b| {
        from_fn(|i| match SHUFFLE[i] {
            lane @ 0..16 => a[lane],
            lane => b[lane - 16],
        })
    }),
    ("v128.bitselect", |a, b| {
        let mask = of_u32s([0x0ff0_aa55; 4]);
        from_fn(|i| a[i] & mask[i] | b[i] & !mask[i])
    }),
    ("v128.andnot", |a, b| from_fn(|i| a[i] & !b[i])),
    ("i8x16.bitmask", |a, _| {
        let bits = (0..16).fold(0, |mask, i| mask | u32::from(a[i] >> 7) << i);
        of_u32s([bits; 4])
    }),
    ("i64x2.bitmask", |a, _| {
        let [low, high] = u64s(a).map(|lane| (lane >> 63) as u32);
        of_u32s([low | high << 1; 4])
    }),
    ("i8x16.all_true", |a, _| {
        of_u32s([u32::from(a.iter().all(|byte| *byte != 0)); 4])
    }),
    ("v128.any_true", |a, b| {
        of_u32s([u32::from(a.iter().zip(b).any(|(a, b)| a & b != 0)); 4])
    }),
    ("i16x8.replace_lane 5", |a, b| {
        let mut lanes = u16s(a);
        lanes[5] = u16s(b)[2];
        of_u16s(lanes)
    }),
    ("i8x16.splat", |a, _| [a[11]; 16]),
];
