//! `cli-run-result ok|err`: says `ran`, and returns that from `wasi:cli/run`.
//!
//! A program with a `main` gets its `run` from the C library, which leaves
//! through `wasi:cli/exit` when it fails; here the result itself is returned.

#[cfg(target_os = "wasi")]
mod component {
    struct Guest;

    impl wasip2::exports::cli::run::Guest for Guest {
        fn run() -> Result<(), ()> {
            assay_guests_cli_raw::say("ran\n").map_err(drop)?;
            match assay_guests_cli_raw::argument(1).as_str() {
                "ok" => Ok(()),
                _ => Err(()),
            }
        }
    }

    wasip2::cli::command::export!(Guest);
}
