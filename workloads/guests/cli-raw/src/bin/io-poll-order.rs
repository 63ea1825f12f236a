//! `io-poll-order HOW`: lists of timers in different orders.
//!
//! - `permuted`: one timer that is ready and three that will not be within an
//!   hour, with the ready one at each of the four places.
//! - `ready`: three timers, of which those named by each of the seven subsets
//!   are ready. The specification promises at least one index and only of ready
//!   ones; which of several is the host's choice, so it is not printed.
//! - `twice`: the same pollable at two places of a list, ready or beside one
//!   that is.
//! - `timers`: timers of 10, 30 and 50 ms in each of their six orders, polled
//!   until all have been reported; whether one was too early, or twice.

#[cfg(target_os = "wasi")]
mod component {
    use std::fmt::Write as _;
    use std::io;

    use assay_guests_cli_raw::{argument, say, unknown};
    use wasip2::clocks::monotonic_clock::{now, subscribe_duration, subscribe_instant};
    use wasip2::io::poll::{Pollable, poll};

    const MILLISECOND: u64 = 1_000_000;
    /// Longer than any deadline: a timer that is never ready here.
    const HOUR: u64 = 3_600_000 * MILLISECOND;
    const ORDERS: [[u64; 3]; 6] = [
        [10, 30, 50],
        [10, 50, 30],
        [30, 10, 50],
        [30, 50, 10],
        [50, 10, 30],
        [50, 30, 10],
    ];

    fn ready_or_not(ready: bool) -> Pollable {
        subscribe_duration(if ready { 0 } else { HOUR })
    }

    /// Whether `answer` names something, and only what is ready.
    fn sound(answer: &[u32], ready: &[bool]) -> bool {
        !answer.is_empty()
            && answer
                .iter()
                .all(|index| ready.get(*index as usize).copied().unwrap_or(false))
    }

    fn subsets() -> String {
        let mut text = String::new();
        for subset in 1_u32..8 {
            let ready: Vec<bool> = (0..3).map(|place| subset & (1 << place) != 0).collect();
            let timers: Vec<Pollable> = ready.iter().map(|ready| ready_or_not(*ready)).collect();
            let answer = poll(&timers.iter().collect::<Vec<_>>());
            // Writing into a String cannot fail, hence `let _ =` in this file.
            let _ = writeln!(text, "{ready:?}: {}", sound(&answer, &ready));
        }
        text
    }

    fn twice() -> String {
        let (ready, never) = (ready_or_not(true), ready_or_not(false));
        let both = poll(&[&ready, &ready]);
        let beside = poll(&[&never, &ready, &never]);
        let around = poll(&[&ready, &never, &ready]);
        format!(
            "the ready one twice: {}\nthe other twice: {beside:?}\nthe ready one around it: {}\n",
            sound(&both, &[true, true]),
            sound(&around, &[true, false, true])
        )
    }

    fn timers() -> String {
        let mut text = String::new();
        for order in ORDERS {
            let begin = now();
            let timers: Vec<(u64, Pollable)> = order
                .iter()
                .map(|after| begin + after * MILLISECOND)
                .map(|when| (when, subscribe_instant(when)))
                .collect();
            let mut left: Vec<usize> = (0..timers.len()).collect();
            let (mut reported, mut early, mut unasked) = (0, 0, 0);
            while !left.is_empty() {
                let answer = poll(&left.iter().map(|at| &timers[*at].1).collect::<Vec<_>>());
                let time = now();
                let mut gone = Vec::new();
                for index in answer {
                    match left.get(index as usize) {
                        Some(at) => {
                            early += u32::from(time < timers[*at].0);
                            gone.push(*at);
                        }
                        None => unasked += 1,
                    }
                }
                gone.dedup();
                reported += gone.len();
                left.retain(|at| !gone.contains(at));
            }
            let _ = writeln!(
                text,
                "{order:?}: reported {reported}, early {early}, not in the list {unasked}"
            );
        }
        text
    }

    pub fn run() -> io::Result<()> {
        match argument(1).as_str() {
            "permuted" => {
                let mut text = String::new();
                for place in 0..4 {
                    let timers: Vec<Pollable> =
                        (0..4).map(|at| ready_or_not(at == place)).collect();
                    let answer = poll(&timers.iter().collect::<Vec<_>>());
                    let _ = writeln!(text, "ready at {place}: {answer:?}");
                }
                say(&text)
            }
            "ready" => say(&subsets()),
            "twice" => say(&twice()),
            "timers" => say(&timers()),
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
