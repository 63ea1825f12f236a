//! What the memory guests share.

use std::io::{self, Write as _};

#[cfg(target_family = "wasm")]
pub mod instructions;

/// Writes `text` to stdout in one call and flushes it: a trap that follows
/// must not take it away.
///
/// # Errors
/// Whatever the standard output of the world reports.
pub fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The command-line argument at `position` (0 is the program).
///
/// # Errors
/// `InvalidInput` if there are fewer arguments or it is not UTF-8.
pub fn argument(position: usize, meaning: &str) -> io::Result<String> {
    std::env::args_os()
        .nth(position)
        .and_then(|argument| argument.into_string().ok())
        .ok_or_else(|| wrong(&format!("argument {position} is missing: {meaning}")))
}

/// The argument at `position` as a decimal number.
///
/// # Errors
/// As [`argument`], and `InvalidInput` if it is not such a number.
pub fn number(position: usize, meaning: &str) -> io::Result<i64> {
    let text = argument(position, meaning)?;
    text.parse().map_err(|error| {
        wrong(&format!(
            "argument {position} ({meaning}) is {text:?}: {error}"
        ))
    })
}

/// The error of a guest that was called in a way it does not know.
#[must_use]
pub fn wrong(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

/// The error for a case this guest does not have.
#[must_use]
pub fn unknown(case: &str, known: &str) -> io::Error {
    wrong(&format!("argument 1 is {case:?}, not one of {known}"))
}

/// What guests made of WebAssembly instructions do on other targets.
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn only_a_component() -> std::process::ExitCode {
    eprintln!("this guest consists of WebAssembly instructions: it exists only as a component");
    std::process::ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_what_is_known() {
        let error = unknown("other", "this, that");
        assert_eq!(
            error.to_string(),
            "argument 1 is \"other\", not one of this, that"
        );
    }
}
