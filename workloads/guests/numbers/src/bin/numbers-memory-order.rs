//! `numbers-memory-order store|load`: the bytes of a memory after stores of
//! each width, and what loads of each width make of bytes, at every alignment.
//! WebAssembly's memory is little-endian on every host.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    let text = match assay_guests_numbers::argument(1, "store or load")?.as_str() {
        "store" => store(),
        "load" => load(),
        other => return Err(assay_guests_numbers::unknown(other, "store, load")),
    };
    assay_guests_numbers::say(&text)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(target_family = "wasm")]
fn store() -> String {
    use assay_guests_numbers::{f32_of, f64_of, instructions as wasm};

    let mut text = String::new();
    let mut show = |name: &str, offset: usize, write: &dyn Fn(*mut u8)| {
        let mut bytes = [0xee_u8; 16];
        write((&raw mut bytes).cast::<u8>().wrapping_add(offset));
        let shown: String = std::hint::black_box(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        text += &format!("{name} at {offset}: {shown}\n");
    };
    for offset in [0, 1, 3, 7] {
        // SAFETY (all of these): at most 8 bytes from offset 7 of an array of 16.
        show("i32.store16", offset, &|at| unsafe {
            wasm::i32_store16(at, 0x7654_3210)
        });
        // SAFETY: as above.
        show("i32.store", offset, &|at| unsafe {
            wasm::i32_store(at, 0x7654_3210)
        });
        // SAFETY: as above.
        show("i64.store32", offset, &|at| unsafe {
            wasm::i64_store32(at, 0x0123_4567_89ab_cdef)
        });
        // SAFETY: as above.
        show("i64.store", offset, &|at| unsafe {
            wasm::i64_store(at, 0x0123_4567_89ab_cdef)
        });
        // SAFETY: as above.
        show("f32.store", offset, &|at| unsafe {
            wasm::f32_store(at, f32_of(0x3eaa_aaab))
        });
        // SAFETY: as above.
        show("f64.store", offset, &|at| unsafe {
            wasm::f64_store(at, f64_of(0x3fd5_5555_5555_5556))
        });
    }
    text
}

#[cfg(target_family = "wasm")]
fn load() -> String {
    use assay_guests_numbers::instructions as wasm;

    let bytes: [u8; 16] = std::hint::black_box([
        0x80, 0x91, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7, 0x08, 0x19, 0x2a, 0x3b, 0x4c, 0x5d, 0x6e,
        0x7f,
    ]);
    let mut text = String::new();
    for offset in 0..9_usize {
        let at = (&raw const bytes).cast::<u8>().wrapping_add(offset);
        // SAFETY: at most 8 bytes from offset 8 of an array of 16.
        let shown = unsafe {
            format!(
                "{offset}: {:x} {:x} {:x} {:x} {:x} {:x} {:x}\n",
                wasm::i32_load8_u(at),
                wasm::i32_load8_s(at),
                wasm::i32_load16_u(at),
                wasm::i32_load16_s(at),
                wasm::i32_load(at),
                wasm::i64_load32_s(at),
                wasm::i64_load(at),
            )
        };
        text += &shown;
    }
    text
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_numbers::only_a_component())
}
