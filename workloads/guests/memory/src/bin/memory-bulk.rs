//! `memory-bulk CASE`: memory.copy and memory.fill, inside the memory and over
//! its end.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use assay_guests_memory::instructions as wasm;
    use assay_guests_memory::{argument, say, unknown};

    // A page that nothing else knows of, at the end of the memory.
    let before = core::arch::wasm32::memory_grow::<0>(1);
    let end = ((before + 1) << 16) as u32;
    let start = end - 65_536;
    let case = argument(1, "what to do")?;
    say(&format!("{case}\n"))?;
    // SAFETY (all of these): what is written lies in that page, or outside of
    // the memory.
    match case.as_str() {
        "overlap" => say(&overlap(start))?,
        "whole-page" => {
            // SAFETY: as above.
            unsafe { wasm::memory_fill(start, 0x1a5, 65_536) };
            say(&format!(
                "first {:x} last {:x}\n",
                wasm::i32_load8_u(start),
                wasm::i32_load8_u(end - 1)
            ))?;
        }
        "nothing-at-end" => {
            // SAFETY: no byte is written.
            unsafe {
                wasm::memory_copy(end, start, 0);
                wasm::memory_copy(start, end, 0);
                wasm::memory_fill(end, 1, 0);
            }
            say("no trap\n")?;
        }
        // SAFETY: as above, for each of them.
        "nothing-past-end" => unsafe { wasm::memory_fill(end + 1, 1, 0) },
        // SAFETY: as above.
        "copy-from-past-end" => unsafe { wasm::memory_copy(start, end - 8, 9) },
        // SAFETY: as above.
        "copy-to-past-end" => unsafe { wasm::memory_copy(end - 8, start, 9) },
        // SAFETY: as above.
        "fill-past-end" => unsafe { wasm::memory_fill(end - 8, 1, 9) },
        // SAFETY: as above.
        "length-wraps" => unsafe { wasm::memory_fill(end - 8, 1, u32::MAX) },
        other => {
            return Err(unknown(
                other,
                "overlap, whole-page, nothing-at-end, nothing-past-end, copy-from-past-end, \
                 copy-to-past-end, fill-past-end, length-wraps",
            ));
        }
    }
    say("the end\n")?;
    Ok(ExitCode::SUCCESS)
}

/// As if over a buffer of its own, in both directions.
#[cfg(target_family = "wasm")]
fn overlap(start: u32) -> String {
    use assay_guests_memory::instructions as wasm;

    let mut text = String::new();
    for (name, destination, source) in [("up", 3, 0), ("down", 0, 3), ("same", 2, 2)] {
        // SAFETY: the first 16 bytes of the page of the caller.
        unsafe {
            for byte in 0..16 {
                wasm::i32_store8(start + byte, byte as i32);
            }
            wasm::memory_copy(start + destination, start + source, 10);
        }
        let shown: String = (0..16)
            .map(|byte| format!("{:x}", wasm::i32_load8_u(start + byte)))
            .collect();
        text += &format!("{name} {shown}\n");
    }
    text
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_memory::only_a_component())
}
