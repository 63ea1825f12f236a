//! The native twin of `p3/stream`: `p3-stream`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<std::process::ExitCode> {
    use assay_guests_p3::{native, program};
    native::run(program::stream(&mut native::Stdin, &mut native::Stdout))
}

/// In WASI the guests are the libraries in `components/`.
#[cfg(target_os = "wasi")]
fn main() {}
