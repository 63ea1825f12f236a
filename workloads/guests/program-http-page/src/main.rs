//! The native twin of `program/http-page`: `program-http-page ADDRESS`.

#[cfg(not(target_os = "wasi"))]
mod handler;

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<()> {
    assay_guests_program_http_shell::native::main(handler::answer)
}

/// In WASI the guest is the library: a reactor has no `main`.
#[cfg(target_os = "wasi")]
fn main() {}
