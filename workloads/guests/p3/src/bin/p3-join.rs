//! The native twin of `p3/join`: `p3-join ADDRESS`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<()> {
    assay_guests_p3::native::http::main()
}

/// In WASI the guests are the libraries in `components/`.
#[cfg(target_os = "wasi")]
fn main() {}
