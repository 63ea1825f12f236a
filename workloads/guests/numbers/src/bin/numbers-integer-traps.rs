//! `numbers-integer-traps INSTRUCTION DIVIDEND DIVISOR`: one signed division or
//! remainder as a single instruction. Operands are hexadecimal patterns.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use assay_guests_numbers::instructions::{i32_div_s, i32_rem_s, i64_div_s, i64_rem_s};
    use assay_guests_numbers::{argument, hexadecimal, say, unknown};

    let name = argument(1, "the instruction")?;
    let a = hexadecimal(2, "the dividend")?;
    let b = hexadecimal(3, "the divisor")?;
    say(&format!("{name} {a:x} {b:x}\n"))?;
    let result = match name.as_str() {
        "i32.div_s" => format!("{:x}", i32_div_s(a as i32, b as i32)),
        "i32.rem_s" => format!("{:x}", i32_rem_s(a as i32, b as i32)),
        "i64.div_s" => format!("{:x}", i64_div_s(a as i64, b as i64)),
        "i64.rem_s" => format!("{:x}", i64_rem_s(a as i64, b as i64)),
        other => return Err(unknown(other, "i32.div_s, i32.rem_s, i64.div_s, i64.rem_s")),
    };
    say(&format!("= {result}\n"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_numbers::only_a_component())
}
