//! `cli-leave exit CODE|return|abort`: leaves from three calls
//! deep, or by returning an error from `main`.
//!
//! Before it does, a line is flushed and then half a line is handed to the
//! standard library's buffer. `exit` flushes that buffer and runs no
//! destructor, so `destroyed` appears only for `return`, which unwinds the
//! calls as any return does. `abort` neither flushes nor destroys.

use std::io::{self, Write as _};

use assay_guests_cli::{argument, number, say};

/// Says that it was destroyed, on stderr: stdout is what is being looked at.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        // A guard that cannot speak is a missing line, and that is looked for.
        let _ = io::stderr().write_all(b"destroyed\n");
    }
}

fn leave(way: &str, depth: u32) -> io::Result<()> {
    let _guard = Guard;
    if depth > 0 {
        return leave(way, depth - 1);
    }
    match way {
        "exit" => {
            let code = number(2, "an exit status")?;
            std::process::exit(i32::try_from(code).unwrap_or(i32::MAX))
        }
        "abort" => std::process::abort(),
        "return" => Err(io::Error::other("asked to fail")),
        other => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("argument 1 is {other:?}, not exit, abort or return"),
        )),
    }
}

fn main() -> io::Result<()> {
    let way = argument(1, "exit, abort or return")?;
    say("flushed\n")?;
    io::stdout().write_all(b"half a line")?;
    leave(&way, 2)
}
