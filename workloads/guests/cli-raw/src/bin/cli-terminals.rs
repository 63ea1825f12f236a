//! `cli-terminals`: whether stdin, stdout and stderr are terminals.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_cli_raw::say;
    use wasip2::cli::terminal_stderr::get_terminal_stderr;
    use wasip2::cli::terminal_stdin::get_terminal_stdin;
    use wasip2::cli::terminal_stdout::get_terminal_stdout;

    fn shown<T>(terminal: Option<T>) -> &'static str {
        match terminal {
            Some(_) => "terminal",
            None => "none",
        }
    }

    pub fn run() -> std::io::Result<()> {
        say(&format!(
            "terminal-stdin {}\nterminal-stdout {}\nterminal-stderr {}\n",
            shown(get_terminal_stdin()),
            shown(get_terminal_stdout()),
            shown(get_terminal_stderr())
        ))
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
