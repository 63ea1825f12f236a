//! Single WebAssembly instructions, from the object that the build script
//! writes. The names are those of the text format, with `_` for `.`.

macro_rules! instructions {
    ($($name:ident($($parameter:ty),*) -> $result:ty;)*) => {
        unsafe extern "C" {
            $(
                #[doc = concat!("The instruction `", stringify!($name), "`. May trap, which ends the guest.")]
                pub safe fn $name($(_: $parameter),*) -> $result;
            )*
        }
    };
}

instructions! {
    i32_div_s(i32, i32) -> i32;
    i32_rem_s(i32, i32) -> i32;
    i64_div_s(i64, i64) -> i64;
    i64_rem_s(i64, i64) -> i64;
    f32_ceil(f32) -> f32;
    f32_floor(f32) -> f32;
    f32_trunc(f32) -> f32;
    f32_nearest(f32) -> f32;
    f32_sqrt(f32) -> f32;
    f32_add(f32, f32) -> f32;
    f32_sub(f32, f32) -> f32;
    f32_mul(f32, f32) -> f32;
    f32_div(f32, f32) -> f32;
    f32_min(f32, f32) -> f32;
    f32_max(f32, f32) -> f32;
    f32_abs(f32) -> f32;
    f32_neg(f32) -> f32;
    f32_copysign(f32, f32) -> f32;
    f64_ceil(f64) -> f64;
    f64_floor(f64) -> f64;
    f64_trunc(f64) -> f64;
    f64_nearest(f64) -> f64;
    f64_sqrt(f64) -> f64;
    f64_add(f64, f64) -> f64;
    f64_sub(f64, f64) -> f64;
    f64_mul(f64, f64) -> f64;
    f64_div(f64, f64) -> f64;
    f64_min(f64, f64) -> f64;
    f64_max(f64, f64) -> f64;
    f64_abs(f64) -> f64;
    f64_neg(f64) -> f64;
    f64_copysign(f64, f64) -> f64;
    i32_trunc_f32_s(f32) -> i32;
    i32_trunc_f32_u(f32) -> i32;
    i32_trunc_f64_s(f64) -> i32;
    i32_trunc_f64_u(f64) -> i32;
    i64_trunc_f32_s(f32) -> i64;
    i64_trunc_f32_u(f32) -> i64;
    i64_trunc_f64_s(f64) -> i64;
    i64_trunc_f64_u(f64) -> i64;
    f32_demote_f64(f64) -> f32;
    f64_promote_f32(f32) -> f64;
}

// These read or write where they are told: the caller owns those bytes.
unsafe extern "C" {
    /// The instruction `i32.load8_u`, without an offset.
    pub fn i32_load8_u(address: *const u8) -> i32;
    /// The instruction `i32.load8_s`, without an offset.
    pub fn i32_load8_s(address: *const u8) -> i32;
    /// The instruction `i32.load16_u`, without an offset.
    pub fn i32_load16_u(address: *const u8) -> i32;
    /// The instruction `i32.load16_s`, without an offset.
    pub fn i32_load16_s(address: *const u8) -> i32;
    /// The instruction `i32.load`, without an offset.
    pub fn i32_load(address: *const u8) -> i32;
    /// The instruction `i64.load`, without an offset.
    pub fn i64_load(address: *const u8) -> i64;
    /// The instruction `i64.load32_s`, without an offset.
    pub fn i64_load32_s(address: *const u8) -> i64;
    /// The instruction `i32.store16`, without an offset.
    pub fn i32_store16(address: *mut u8, value: i32);
    /// The instruction `i32.store`, without an offset.
    pub fn i32_store(address: *mut u8, value: i32);
    /// The instruction `i64.store`, without an offset.
    pub fn i64_store(address: *mut u8, value: i64);
    /// The instruction `i64.store32`, without an offset.
    pub fn i64_store32(address: *mut u8, value: i64);
    /// The instruction `f32.store`, without an offset.
    pub fn f32_store(address: *mut u8, value: f32);
    /// The instruction `f64.store`, without an offset.
    pub fn f64_store(address: *mut u8, value: f64);
}

/// The 16 bytes of a vector, in the order they have in memory.
pub type Bytes = [u8; 16];

macro_rules! vector_instructions {
    ($($name:ident($($operand:ident),*);)*) => {
        mod raw {
            use super::Bytes;

            unsafe extern "C" {
                $(pub fn $name($($operand: *const Bytes,)* result: *mut Bytes);)*
            }
        }

        $(
            #[doc = concat!("The instruction `", stringify!($name), "` on vectors in memory.")]
            #[must_use]
            pub fn $name($($operand: &Bytes),*) -> Bytes {
                let mut result = [0; 16];
                // SAFETY: the function reads 16 bytes from each operand and
                // writes 16 to the result, and all of them are such arrays.
                unsafe { raw::$name($($operand,)* &raw mut result) };
                result
            }
        )*
    };
}

vector_instructions! {
    f32x4_add(a, b);
    f32x4_div(a, b);
    f32x4_min(a, b);
    f32x4_max(a, b);
    f32x4_pmin(a, b);
    f32x4_pmax(a, b);
    f32x4_sqrt(a);
    f32x4_neg(a);
    f64x2_add(a, b);
    f64x2_div(a, b);
    f64x2_min(a, b);
    f64x2_max(a, b);
    f64x2_pmin(a, b);
    f64x2_pmax(a, b);
    f64x2_sqrt(a);
    f64x2_abs(a);
    f32x4_demote_f64x2_zero(a);
    f64x2_promote_low_f32x4(a);
    i8x16_relaxed_swizzle(a, b);
    i32x4_relaxed_trunc_f32x4_s(a);
    i32x4_relaxed_trunc_f32x4_u(a);
    i32x4_relaxed_trunc_f64x2_s_zero(a);
    i32x4_relaxed_trunc_f64x2_u_zero(a);
    f32x4_relaxed_madd(a, b, c);
    f32x4_relaxed_nmadd(a, b, c);
    f64x2_relaxed_madd(a, b, c);
    f64x2_relaxed_nmadd(a, b, c);
    i8x16_relaxed_laneselect(a, b, c);
    i16x8_relaxed_laneselect(a, b, c);
    i32x4_relaxed_laneselect(a, b, c);
    i64x2_relaxed_laneselect(a, b, c);
    f32x4_relaxed_min(a, b);
    f32x4_relaxed_max(a, b);
    f64x2_relaxed_min(a, b);
    f64x2_relaxed_max(a, b);
    i16x8_relaxed_q15mulr_s(a, b);
    i16x8_relaxed_dot_i8x16_i7x16_s(a, b);
    i32x4_relaxed_dot_i8x16_i7x16_add_s(a, b, c);
}
