//! `capability-escape WAY PATH`: tries one way to something that it was not
//! given, and says `reached` or `refused`.
//!
//! Why it was refused is not printed: the same wall is a missing file in one
//! kind of isolation and a forbidden one in another. PATH is a file that the
//! harness put there to be tried (or, of what every Linux has, one that can be
//! read without consequence), and nothing else is ever written to.

use assay_guests_capability::escape::WAYS;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (way, target) = (
        args.next().unwrap_or_default(),
        args.next().unwrap_or_default(),
    );
    let Some((_, attempt)) = WAYS.iter().find(|(name, _)| *name == way) else {
        let names: Vec<&str> = WAYS.iter().map(|(name, _)| *name).collect();
        // Nothing is left to tell if stderr is closed.
        let _ = writeln!(
            std::io::stderr(),
            "no way '{way}'; the first argument is one of {}",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    };
    let word = match attempt(&target) {
        Ok(()) => "reached\n",
        Err(_) => "refused\n",
    };
    match std::io::stdout().write_all(word.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
