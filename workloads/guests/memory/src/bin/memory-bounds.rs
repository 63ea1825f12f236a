//! `memory-bounds inside` or `memory-bounds INSTRUCTION DISTANCE`: accesses at
//! the end of the memory; DISTANCE is that of the address from the end.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use core::arch::wasm32::memory_size;

    use assay_guests_memory::instructions as wasm;
    use assay_guests_memory::{argument, number, say, unknown};

    let name = argument(1, "inside, or an instruction")?;
    if name == "inside" {
        say(&inside())?;
        return Ok(ExitCode::SUCCESS);
    }
    let distance = number(2, "distance from the end of the memory")?;
    say(&format!("{name} {distance}\n"))?;
    let address = match name.as_str() {
        // Its offset is 4 short of 2^32: the sum has 33 bits.
        "i32.load-far" => distance as u32,
        _ => ((memory_size::<0>() << 16) as i64 + distance) as u32,
    };
    let value = match name.as_str() {
        "i32.load8_u" => i64::from(wasm::i32_load8_u(address)),
        "i32.load" => i64::from(wasm::i32_load(address)),
        "i64.load" => wasm::i64_load(address),
        "v128.load" => wasm::v128_load_high(address),
        "i32.load-far" => i64::from(wasm::i32_load_far(address)),
        // SAFETY (all three): only the last bytes of the memory, which belong to
        // nothing here, or none.
        "i32.store8" => {
            unsafe { wasm::i32_store8(address, 1) };
            1
        }
        "i32.store" => {
            // SAFETY: as above.
            unsafe { wasm::i32_store(address, 1) };
            1
        }
        "i64.store" => {
            // SAFETY: as above.
            unsafe { wasm::i64_store(address, 1) };
            1
        }
        other => return Err(unknown(other, "inside, i32.load8_u … i64.store")),
    };
    say(&format!("no trap: {value}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The last place of each width. A page is added first, so that nothing else
/// is there.
#[cfg(target_family = "wasm")]
fn inside() -> String {
    use assay_guests_memory::instructions as wasm;

    let before = core::arch::wasm32::memory_grow::<0>(1);
    let end = ((before + 1) << 16) as u32;
    let mut text = String::new();
    // SAFETY (all): the page is new and nothing else knows of it.
    unsafe { wasm::i64_store(end - 8, 0x0102_0304_0506_0708) };
    // SAFETY: as above.
    unsafe { wasm::i32_store(end - 4, 0x7a7b_7c7d) };
    // SAFETY: as above.
    unsafe { wasm::i32_store8(end - 1, 0x55) };
    for (name, value) in [
        ("i32.load8_u -1", i64::from(wasm::i32_load8_u(end - 1))),
        ("i32.load -4", i64::from(wasm::i32_load(end - 4))),
        ("i64.load -8", wasm::i64_load(end - 8)),
        ("v128.load -16, upper half", wasm::v128_load_high(end - 16)),
    ] {
        text += &format!("{name}: {value:x}\n");
    }
    text
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_memory::only_a_component())
}
