//! The native twin of `p3/timers`: `p3-timers all|first MS…`.

#[cfg(not(target_os = "wasi"))]
fn main() -> std::io::Result<std::process::ExitCode> {
    use assay_guests_p3::{native, program};
    native::run(async {
        let clock = native::SystemClock::default();
        program::timers(&native::arguments(), &clock, &mut native::Stdout).await
    })
}

/// In WASI the guests are the libraries in `components/`.
#[cfg(target_os = "wasi")]
fn main() {}
