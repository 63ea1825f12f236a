//! `p3/timers` as a component of WASI 0.3; empty on other targets.

#![cfg_attr(target_os = "wasi", no_std)]

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_p3::wasi03::command;
    use wasip3::exports::cli::run::Guest;

    struct Component;

    impl Guest for Component {
        async fn run() -> Result<(), ()> {
            command::timers().await
        }
    }

    wasip3::cli::command::export!(Component);
}
