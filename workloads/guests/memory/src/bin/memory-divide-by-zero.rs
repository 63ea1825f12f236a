//! `memory-divide-by-zero INSTRUCTION`: 7 divided by 0 as a single instruction,
//! or with `float` as one that has a result.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use std::hint::black_box;

    use assay_guests_memory::instructions as wasm;
    use assay_guests_memory::{argument, say, unknown};

    let name = argument(1, "the instruction")?;
    say(&format!("{name} 7 0\n"))?;
    let result = match name.as_str() {
        "i32.div_s" => i64::from(wasm::i32_div_s(7, 0)),
        "i32.div_u" => i64::from(wasm::i32_div_u(7, 0)),
        "i32.rem_s" => i64::from(wasm::i32_rem_s(7, 0)),
        "i32.rem_u" => i64::from(wasm::i32_rem_u(7, 0)),
        "i64.div_s" => wasm::i64_div_s(7, 0),
        "i64.div_u" => wasm::i64_div_u(7, 0),
        "i64.rem_s" => wasm::i64_rem_s(7, 0),
        "i64.rem_u" => wasm::i64_rem_u(7, 0),
        "float" => {
            let (seven, zero) = (black_box(7.0_f64), black_box(0.0_f64));
            say(&format!("= {:?} {:?}\n", seven / zero, seven / -zero))?;
            return Ok(ExitCode::SUCCESS);
        }
        other => return Err(unknown(other, "i32.div_s … i64.rem_u, float")),
    };
    say(&format!("no trap: {result}\n"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_memory::only_a_component())
}
