//! `io-poll HOW`: one pollable, and lists that are not about order.
//!
//! - `block`: a timer of 20 ms is not ready, `block` returns when it is, and
//!   then it stays ready and `block` returns at once.
//! - `elapsed`: whether a timer whose time has come says `ready` without ever
//!   having been waited for: an instant of the past and a duration of 0.
//! - `empty`: polls an empty list.
//! - `alone`: polls a list of one, which is what `block` does.
//! - `many`: polls 1,000 pollables of which only number 777 is ready.
//! - `stdin`: says whether stdin or a timer of 1 ms is ready while nobody
//!   writes, then waits for stdin beside a timer of an hour.
//! - `stdout`: waits for stdout to take bytes, beside a timer of an hour.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{argument, say, unknown};
    use wasip2::cli::stdin::get_stdin;
    use wasip2::cli::stdout::get_stdout;
    use wasip2::clocks::monotonic_clock::{now, subscribe_duration, subscribe_instant};
    use wasip2::io::poll::{Pollable, poll};

    const MILLISECOND: u64 = 1_000_000;
    /// Longer than any deadline: a timer that is never ready here.
    const HOUR: u64 = 3_600_000 * MILLISECOND;

    fn block() -> io::Result<()> {
        let begin = now();
        let timer = subscribe_duration(20 * MILLISECOND);
        let before = timer.ready();
        timer.block();
        let elapsed = now().saturating_sub(begin) >= 20 * MILLISECOND;
        let after = timer.ready();
        timer.block();
        say(&format!(
            "ready before: {before}\nblocked at least 20 ms: {elapsed}\nready after: {after}\n\
             ready again: {}\n",
            timer.ready()
        ))
    }

    fn stdin() -> io::Result<()> {
        let stdin = get_stdin();
        let input = stdin.subscribe();
        let ready = poll(&[&input, &subscribe_duration(MILLISECOND)]);
        say(&format!("without input: {ready:?}\n"))?;
        let ready = poll(&[&subscribe_duration(HOUR), &input]);
        say(&format!("with input: {ready:?}\n"))
    }

    pub fn run() -> io::Result<()> {
        match argument(1).as_str() {
            "block" => block(),
            "elapsed" => {
                let instant = subscribe_instant(now());
                let duration = subscribe_duration(0);
                say(&format!(
                    "an instant of the past: {}\na duration of 0: {}\n",
                    instant.ready(),
                    duration.ready()
                ))
            }
            "empty" => {
                say("polling nothing\n")?;
                say(&format!("ready: {:?}\n", poll(&[])))
            }
            "alone" => say(&format!("ready: {:?}\n", poll(&[&subscribe_duration(0)]))),
            "many" => {
                let timers: Vec<Pollable> = (0..1000)
                    .map(|number| subscribe_duration(if number == 777 { 0 } else { HOUR }))
                    .collect();
                let borrowed: Vec<&Pollable> = timers.iter().collect();
                say(&format!("ready: {:?}\n", poll(&borrowed)))
            }
            "stdin" => stdin(),
            "stdout" => {
                let stdout = get_stdout();
                let ready = poll(&[&subscribe_duration(HOUR), &stdout.subscribe()]);
                say(&format!("ready: {ready:?}\n"))
            }
            other => Err(io::Error::other(unknown(other))),
        }
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "wasi")]
    return match component::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell anybody if stderr is closed as well.
            let _ = assay_guests_cli_raw::complain(&format!("{error}\n"));
            std::process::ExitCode::FAILURE
        }
    };
    #[cfg(not(target_os = "wasi"))]
    assay_guests_cli_raw::component_only()
}
