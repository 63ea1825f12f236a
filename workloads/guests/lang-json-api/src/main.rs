//! The native twin of `lang/json-api-rust`: `lang-json-api-rust ADDRESS`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<()> {
    assay_guests_lang_rust::native::main(assay_guests_lang_rust::json_api::answer)
}

/// In WASI the guest is the library: a reactor has no `main`.
#[cfg(target_os = "wasi")]
fn main() {}
