//! `memory-indirect-call right|null|other-type|past-end`: calls through the
//! function table with an index that leads to the right function, to none, to
//! one of another type, and out of the table.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use std::hint::black_box;

    use assay_guests_memory::instructions::call_indirect_i64;
    use assay_guests_memory::{argument, say, unknown};

    extern "C" fn answer() -> i64 {
        42
    }

    extern "C" fn negated(value: i32) -> i32 {
        -value
    }

    let case = argument(1, "right, null, other-type or past-end")?;
    say(&format!("{case}\n"))?;
    let right: extern "C" fn() -> i64 = black_box(answer);
    let other: extern "C" fn(i32) -> i32 = black_box(negated);
    let index = match case.as_str() {
        "right" => right as usize,
        // A function pointer is an index, and 0 is left free for null.
        "null" => 0,
        "other-type" => other as usize,
        "past-end" => i32::MAX as usize,
        unknown_case => return Err(unknown(unknown_case, "right, null, other-type, past-end")),
    };
    say(&format!("= {}\n", call_indirect_i64(index as u32)))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_memory::only_a_component())
}
