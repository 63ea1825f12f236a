//! `random-secure bytes LENGTH|u64|greatest`: `wasi:random/random`.
//!
//! `bytes` draws LENGTH bytes twice and prints both lengths; for 16 bytes and
//! more whether the draws differ, and for 1 MiB whether every value of a byte
//! occurs about as often as the others (between 3,500 and 4,700 times: 4,096
//! and nine standard deviations). `u64` draws 64 numbers and prints how many
//! are distinct and how many of the 64 bits were both 0 and 1. A generator
//! that meets its specification fails these less often than once in 10¹⁵ runs.
//! `greatest` asks for as many bytes as a u64 can say.

#[cfg(target_os = "wasi")]
mod component {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;
    use std::io;

    use assay_guests_cli_raw::{argument, number, say, unknown};
    use wasip2::random::random::{get_random_bytes, get_random_u64};

    const MEBIBYTE: usize = 1024 * 1024;

    fn even(bytes: &[u8]) -> bool {
        let mut times = [0_u32; 256];
        for byte in bytes {
            times[usize::from(*byte)] += 1;
        }
        times.iter().all(|times| (3_500..=4_700).contains(times))
    }

    fn bytes(length: u64) -> String {
        let (first, second) = (get_random_bytes(length), get_random_bytes(length));
        let mut text = format!("lengths {} {}\n", first.len(), second.len());
        // Writing into a String cannot fail: its `fmt::Write` has no error path.
        if length >= 16 {
            let _ = writeln!(text, "differ: {}", first != second);
        }
        if first.len() == MEBIBYTE && second.len() == MEBIBYTE {
            let _ = writeln!(text, "even: {} {}", even(&first), even(&second));
        }
        text
    }

    pub fn run() -> io::Result<()> {
        let text = match argument(1).as_str() {
            "bytes" => bytes(number(2)),
            "u64" => {
                let drawn: Vec<u64> = (0..64).map(|_| get_random_u64()).collect();
                let distinct: BTreeSet<u64> = drawn.iter().copied().collect();
                let ones = drawn.iter().fold(0, |seen, number| seen | number);
                let zeros = drawn.iter().fold(0, |seen, number| seen | !number);
                format!(
                    "distinct {}\nbits seen as 0 and as 1: {}\n",
                    distinct.len(),
                    (ones & zeros).count_ones()
                )
            }
            "greatest" => {
                say("drawing\n")?;
                format!("length {}\n", get_random_bytes(u64::MAX).len())
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
