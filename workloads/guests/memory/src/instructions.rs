//! Single WebAssembly instructions, from the object that the build script
//! writes. Each either does what the specification says or traps, and a trap
//! ends the guest; addresses are numbers, because most of these lie outside
//! of every allocation.

unsafe extern "C" {
    /// `i32.div_s`
    pub safe fn i32_div_s(a: i32, b: i32) -> i32;
    /// `i32.div_u`
    pub safe fn i32_div_u(a: i32, b: i32) -> i32;
    /// `i32.rem_s`
    pub safe fn i32_rem_s(a: i32, b: i32) -> i32;
    /// `i32.rem_u`
    pub safe fn i32_rem_u(a: i32, b: i32) -> i32;
    /// `i64.div_s`
    pub safe fn i64_div_s(a: i64, b: i64) -> i64;
    /// `i64.div_u`
    pub safe fn i64_div_u(a: i64, b: i64) -> i64;
    /// `i64.rem_s`
    pub safe fn i64_rem_s(a: i64, b: i64) -> i64;
    /// `i64.rem_u`
    pub safe fn i64_rem_u(a: i64, b: i64) -> i64;
    /// `i32.load8_u`
    pub safe fn i32_load8_u(address: u32) -> i32;
    /// `i32.load`
    pub safe fn i32_load(address: u32) -> i32;
    /// `i64.load`
    pub safe fn i64_load(address: u32) -> i64;
    /// `v128.load`, and the upper half of it.
    pub safe fn v128_load_high(address: u32) -> i64;
    /// `i32.load offset=0xfffffffc`
    pub safe fn i32_load_far(address: u32) -> i32;
    /// `i32.store8`. The caller owns the byte, or it is outside of the memory.
    pub fn i32_store8(address: u32, value: i32);
    /// `i32.store`, on the same condition.
    pub fn i32_store(address: u32, value: i32);
    /// `i64.store`, on the same condition.
    pub fn i64_store(address: u32, value: i64);
    /// `memory.copy`, on the same condition for the destination.
    pub fn memory_copy(destination: u32, source: u32, length: u32);
    /// `memory.fill`, on the same condition.
    pub fn memory_fill(destination: u32, value: i32, length: u32);
    /// Calls an entry of the function table as a function without parameters
    /// that returns an i64.
    pub safe fn call_indirect_i64(index: u32) -> i64;
}
