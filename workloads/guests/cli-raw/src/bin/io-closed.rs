//! `io-closed`: what `output-stream` answers when nobody reads stdout any more.
//!
//! Says `ready` on stdout and waits for a line of stdin. Then it writes 4,096
//! bytes at a time, as check-write permits, until a call fails, and says on
//! stderr which of the errors of the specification that was and what the
//! functions answer afterwards.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{complain, named, shown};
    use wasip2::cli::stdout::get_stdout;
    use wasip2::io::streams::{OutputStream, StreamError};

    /// No pipe holds so much: a stream that takes it has somebody reading.
    const WRITES: usize = 4096;

    fn step(stdout: &OutputStream) -> Result<(), StreamError> {
        stdout.subscribe().block();
        let permitted = usize::try_from(stdout.check_write()?).unwrap_or(usize::MAX);
        stdout.write(&[b'x'; 4096][..permitted.min(4096)])?;
        stdout.flush()
    }

    fn done((): ()) -> String {
        "ok".to_owned()
    }

    pub fn run() -> io::Result<()> {
        let stdout = get_stdout();
        stdout
            .blocking_write_and_flush(b"ready\n")
            .map_err(|error| io::Error::other(named(&error)))?;
        io::stdin().read_line(&mut String::new())?;

        let Some(error) = (0..WRITES).find_map(|_| step(&stdout).err()) else {
            return complain("every write was accepted\n");
        };
        let mut text = format!("a call failed: {}\n", named(&error));
        if let StreamError::LastOperationFailed(error) = &error {
            text.push_str(&format!(
                "debug string empty: {}\n",
                error.to_debug_string().is_empty()
            ));
        }
        text.push_str(&format!(
            "then check-write {}\nthen flush {}\nthen blocking-flush {}\n\
             then blocking-write-and-flush {}\nthen ready {}\n",
            shown(stdout.check_write(), |permitted| format!(
                "{permitted} bytes"
            )),
            shown(stdout.flush(), done),
            shown(stdout.blocking_flush(), done),
            shown(stdout.blocking_write_and_flush(b"x"), done),
            stdout.subscribe().ready()
        ));
        complain(&text)
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
