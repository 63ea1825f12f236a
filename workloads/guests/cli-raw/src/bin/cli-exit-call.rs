//! `cli-exit-call ok|err|code NUMBER`: ends through `wasi:cli/exit`, three calls
//! deep, after half a line of output.
//!
//! Nothing may run after that: neither what stands behind the call, nor the
//! destructors of the calls it stands in.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{argument, number, unknown};
    use wasip2::cli::exit::{exit, exit_with_code};
    use wasip2::cli::stdout::get_stdout;

    fn write(text: &str) {
        // An output that fails is a missing line, and that is looked for.
        let _ = get_stdout().blocking_write_and_flush(text.as_bytes());
    }

    struct Guard;

    impl Drop for Guard {
        fn drop(&mut self) {
            write("destroyed\n");
        }
    }

    fn leave(way: &str, depth: u32) -> io::Result<()> {
        let _guard = Guard;
        if depth > 0 {
            let result = leave(way, depth - 1);
            write("went on\n");
            return result;
        }
        match way {
            "ok" => exit(Ok(())),
            "err" => exit(Err(())),
            "code" => exit_with_code(u8::try_from(number(2)).unwrap_or(u8::MAX)),
            other => return Err(io::Error::other(unknown(other))),
        }
        write("returned\n");
        Ok(())
    }

    pub fn run() -> io::Result<()> {
        write("whole line\nhalf a line");
        leave(&argument(1), 2)
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
