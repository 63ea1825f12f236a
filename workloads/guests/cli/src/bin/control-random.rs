//! `control-random`: prints 16 bytes of the generator that nobody seeded.
//!
//! A negative control. The bytes come from the C library's `getentropy`, which
//! is `wasi:random/random` in a component and `getrandom(2)` on Linux.

use std::io;

use assay_guests_cli::{hex, say};

fn main() -> io::Result<()> {
    let mut bytes = [0_u8; 16];
    // SAFETY: needed because the standard library offers no random bytes. The
    // pointer and the length are those of one live array, and getentropy
    // writes at most that many bytes and keeps no pointer.
    let status = unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), bytes.len()) };
    if status != 0 {
        return Err(io::Error::last_os_error());
    }
    say(&format!("random {}\n", hex(&bytes)))
}
