//! `capability-probe [to-stderr] ORDER…`: carries out the orders, each the use
//! of one function of one interface, such as `wall-clock.now`.
//!
//! It needs wasi:cli/environment for its orders, and the stream it reports on;
//! with `to-stderr` that is not stdout. Nothing else is called that the orders
//! do not name.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_capability::wasi::{Report, carry_out, probe};
    use wasip2::cli::environment::get_arguments;

    struct Guest;

    impl wasip2::exports::cli::run::Guest for Guest {
        fn run() -> Result<(), ()> {
            let arguments = get_arguments();
            let orders = arguments.iter().skip(1).map(String::as_str);
            match arguments.get(1).map(String::as_str) {
                Some("to-stderr") => carry_out(&Report::Stderr, orders.skip(1), probe),
                _ => carry_out(&Report::Stdout, orders, probe),
            }
        }
    }

    wasip2::cli::command::export!(Guest);
}
