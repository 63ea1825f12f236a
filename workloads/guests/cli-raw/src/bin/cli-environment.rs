//! `cli-environment ARG…`: everything that `wasi:cli/environment` gives.
//!
//! The arguments after the program's own name, in order; all variables, sorted
//! by name; the initial working directory, as `the root` if it is absent or
//! `/` (which a program must treat alike: without one it has only the root to
//! start from) and as it is otherwise; and whether a second call of each gives
//! the same, as the specification says it must.

#[cfg(target_os = "wasi")]
mod component {
    use std::fmt::Write as _;

    use assay_guests_cli_raw::say;
    use wasip2::cli::environment::{get_arguments, get_environment, initial_cwd};

    pub fn run() -> std::io::Result<()> {
        let (arguments, environment, cwd) = (get_arguments(), get_environment(), initial_cwd());
        let mut text = String::new();
        // Writing into a String cannot fail, hence `let _ =` in this file.
        for (position, argument) in arguments.iter().enumerate().skip(1) {
            let _ = writeln!(
                text,
                "arg {position} \"{}\"",
                argument.as_bytes().escape_ascii()
            );
        }
        let mut sorted = environment.clone();
        sorted.sort();
        let _ = writeln!(text, "variables {}", sorted.len());
        for (name, value) in &sorted {
            let _ = writeln!(
                text,
                "env \"{}\" \"{}\"",
                name.as_bytes().escape_ascii(),
                value.as_bytes().escape_ascii()
            );
        }
        let _ = match cwd.as_deref() {
            None | Some("/") => writeln!(text, "initial-cwd the root"),
            Some(other) => writeln!(text, "initial-cwd {other:?}"),
        };
        let _ = writeln!(
            text,
            "again: arguments {}, environment {}, initial-cwd {}",
            get_arguments() == arguments,
            get_environment() == environment,
            initial_cwd() == cwd
        );
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
