//! The native twin of `http/echo`: `http-echo ADDRESS`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<()> {
    assay_guests_http::native::main(assay_guests_http::handler::echo)
}

/// In WASI the guest is the library: a reactor has no `main`.
#[cfg(target_os = "wasi")]
fn main() {}
