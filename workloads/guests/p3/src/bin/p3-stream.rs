//! The native twin of `p3/stream`: `p3-stream rot13|as-is`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<std::process::ExitCode> {
    use assay_guests_p3::{native, program};
    let arguments = native::arguments();
    native::run(program::stream(
        &arguments,
        &mut native::Stdin,
        &mut native::Stdout,
    ))
}

/// In WASI the guests are the libraries in `components/`.
#[cfg(target_os = "wasi")]
fn main() {}
