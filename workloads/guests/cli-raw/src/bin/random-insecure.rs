//! `random-insecure bytes LENGTH|u64|seed`: `wasi:random/insecure` and
//! `wasi:random/insecure-seed`.
//!
//! The specification puts no requirement on the values, so what is printed is
//! what it does require: the lengths, and that the calls return at all.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{argument, number, say, unknown};
    use wasip2::random::insecure::{get_insecure_random_bytes, get_insecure_random_u64};
    use wasip2::random::insecure_seed::insecure_seed;

    pub fn run() -> io::Result<()> {
        let text = match argument(1).as_str() {
            "bytes" => {
                let length = number(2);
                format!(
                    "lengths {} {}\n",
                    get_insecure_random_bytes(length).len(),
                    get_insecure_random_bytes(length).len()
                )
            }
            "u64" => {
                let drawn: Vec<u64> = (0..64).map(|_| get_insecure_random_u64()).collect();
                format!("numbers {}\n", drawn.len())
            }
            "seed" => {
                let (low, high) = insecure_seed();
                format!(
                    "bits {}\n",
                    low.to_be_bytes().len() * 8 + high.to_be_bytes().len() * 8
                )
            }
            other => return Err(io::Error::other(unknown(other))),
        };
        say(&text)
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "wasi")]
    return match component::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell anybody if stderr is closed as well.
            let _ = assay_guests_cli_raw::complain(&format!("{error}\n"));
            std::process::ExitCode::FAILURE
        }
    };
    #[cfg(not(target_os = "wasi"))]
    assay_guests_cli_raw::component_only()
}
