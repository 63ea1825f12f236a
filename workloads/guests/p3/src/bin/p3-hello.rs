//! The native twin of `p3/hello`: `p3-hello`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<std::process::ExitCode> {
    use assay_guests_p3::{native, program};
    native::run(program::hello(&mut native::Stdout))
}

/// In WASI the guests are the libraries in `components/`.
#[cfg(target_os = "wasi")]
fn main() {}
