//! `io-error`: an `error` of `wasi:io`, from a write that no file can take.
//!
//! Opens `file.txt` for writing and writes one byte at the greatest offset
//! there is. Prints the name of the error, whether its debug string is empty
//! and is valid to be shown, whether asking twice gives two strings, and what
//! the stream answers afterwards.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{named, say, shown};
    use wasip2::filesystem::preopens::get_directories;
    use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags, filesystem_error_code};
    use wasip2::io::streams::{OutputStream, StreamError};

    fn step(stream: &OutputStream) -> Result<(), StreamError> {
        stream.subscribe().block();
        if stream.check_write()? > 0 {
            stream.write(b"x")?;
        }
        stream.blocking_flush()
    }

    pub fn run() -> io::Result<()> {
        let (root, _) = get_directories()
            .into_iter()
            .next()
            .ok_or_else(|| io::Error::other("no directory was given"))?;
        let file = root
            .open_at(
                PathFlags::empty(),
                "file.txt",
                OpenFlags::empty(),
                DescriptorFlags::WRITE,
            )
            .map_err(|code| io::Error::other(code.name()))?;
        let stream = file
            .write_via_stream(u64::MAX)
            .map_err(|code| io::Error::other(code.name()))?;
        let Some(error) = (0..3).find_map(|_| step(&stream).err()) else {
            return say("the write was accepted\n");
        };
        let mut text = format!("{}\n", named(&error));
        if let StreamError::LastOperationFailed(error) = &error {
            text.push_str(&format!(
                "debug string empty: {}\nthe same twice: {}\nis of the filesystem: {}\n",
                error.to_debug_string().is_empty(),
                error.to_debug_string() == error.to_debug_string(),
                filesystem_error_code(error).is_some()
            ));
        }
        text.push_str(&format!(
            "then check-write {}\n",
            shown(stream.check_write(), |permitted| format!(
                "{permitted} bytes"
            ))
        ));
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
