//! `control-nan`: the bits of NaNs that arithmetic returns for operands with a
//! payload. Without canonical NaNs they are what the processor makes of them.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use assay_guests_numbers::{f32_of, f64_of, instructions as wasm, say};

    let (nan, one) = (f64_of(0x7ffc_0000_dead_beef), f64_of(0x3ff0 << 48));
    let single = f32_of(0x7fd1_2345);
    say(&format!(
        "add {:016x}\nmul {:016x}\nsqrt {:016x}\npromote {:016x}\n",
        wasm::f64_add(nan, one).to_bits(),
        wasm::f64_mul(one, nan).to_bits(),
        wasm::f64_sqrt(nan).to_bits(),
        wasm::f64_promote_f32(single).to_bits(),
    ))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_numbers::only_a_component())
}
