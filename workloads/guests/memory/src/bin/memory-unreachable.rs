//! `memory-unreachable line|flood`: output, and then the instruction that does
//! nothing but trap (in the twin: an abort).

use std::io::{self, Write as _};

use assay_guests_memory::{argument, say, unknown};

fn end() -> ! {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    std::process::abort();
}

fn main() -> io::Result<()> {
    match argument(1, "line or flood")?.as_str() {
        "line" => {
            say("before\n")?;
            io::stderr().write_all(b"also before\n")?;
        }
        "flood" => {
            let mut text = String::new();
            for line in 0..1000 {
                text += &format!("line {line:04}\n");
            }
            say(&text)?;
        }
        other => return Err(unknown(other, "line, flood")),
    }
    end()
}
