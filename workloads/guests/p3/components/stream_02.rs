//! `p3/stream` as a component of WASI 0.2; empty on other targets.

#![cfg_attr(target_os = "wasi", no_std)]

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_p3::wasi02::command;
    use wasip2::exports::cli::run::Guest;

    struct Component;

    impl Guest for Component {
        fn run() -> Result<(), ()> {
            command::stream()
        }
    }

    wasip2::cli::command::export!(Component);
}
