//! `numbers-conversion-traps INSTRUCTION PATTERN…`: a truncating conversion as
//! a single instruction, of each operand in turn (hexadecimal patterns of the
//! instruction's own format). It traps where the integer does not exist.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use assay_guests_numbers::instructions as wasm;
    use assay_guests_numbers::{argument, f32_of, f64_of, hexadecimal, say, unknown};

    let name = argument(1, "the instruction")?;
    for position in 2..std::env::args_os().len() {
        let bits = hexadecimal(position, "the operand")?;
        say(&format!("{name} {bits:x}\n"))?;
        let (single, double) = (f32_of(bits as u32), f64_of(bits));
        let result = match name.as_str() {
            "i32.trunc_f32_s" => wasm::i32_trunc_f32_s(single).to_string(),
            "i32.trunc_f32_u" => (wasm::i32_trunc_f32_u(single) as u32).to_string(),
            "i32.trunc_f64_s" => wasm::i32_trunc_f64_s(double).to_string(),
            "i32.trunc_f64_u" => (wasm::i32_trunc_f64_u(double) as u32).to_string(),
            "i64.trunc_f32_s" => wasm::i64_trunc_f32_s(single).to_string(),
            "i64.trunc_f32_u" => (wasm::i64_trunc_f32_u(single) as u64).to_string(),
            "i64.trunc_f64_s" => wasm::i64_trunc_f64_s(double).to_string(),
            "i64.trunc_f64_u" => (wasm::i64_trunc_f64_u(double) as u64).to_string(),
            other => return Err(unknown(other, "i32.trunc_f32_s … i64.trunc_f64_u")),
        };
        say(&format!("= {result}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_numbers::only_a_component())
}
