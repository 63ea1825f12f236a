//! The native twin of the workloads that use `http-answers`:
//! `http-answers ADDRESS`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<()> {
    assay_guests_http::native::main_with(assay_guests_http_answers::native::answer)
}

/// In WASI the guest is the example of the same name: a reactor has no `main`.
#[cfg(target_os = "wasi")]
fn main() {}
