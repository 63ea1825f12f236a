//! `capability-environment`: reads the orders `get-environment`,
//! `get-arguments` and `initial-cwd` from the lines of stdin, since as an
//! argument an order would need what it tries.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_capability::wasi::{Report, all_of_stdin, carry_out, environment};

    struct Guest;

    impl wasip2::exports::cli::run::Guest for Guest {
        fn run() -> Result<(), ()> {
            let orders = String::from_utf8(all_of_stdin()).map_err(drop)?;
            carry_out(&Report::Stdout, orders.lines(), environment)
        }
    }

    wasip2::cli::command::export!(Guest);
}
