//! The native twin of `compose/handler-single`: `compose-guarded ADDRESS`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<()> {
    assay_guests_lang_rust::native::main(assay_guests_lang_rust::guard::guarded)
}

/// In WASI the guest is the library: a reactor has no `main`.
#[cfg(target_os = "wasi")]
fn main() {}
