//! `program-sqlite < SCRIPT.sql`: runs a script on a database in memory.
//!
//! The program is C (`program.c`); this only lets cargo link and start it.

use std::ffi::c_int;
use std::process::ExitCode;

unsafe extern "C" {
    fn assay_sqlite_main() -> c_int;
}

fn main() -> ExitCode {
    // SAFETY: the function takes nothing, is called once, and shares no memory
    // with Rust; its own use of stdin and stdout goes through the C library.
    let status = unsafe { assay_sqlite_main() };
    if status == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
