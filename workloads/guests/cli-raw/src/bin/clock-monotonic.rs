//! `clock-monotonic HOW`: the monotonic clock and its two kinds of timer.
//!
//! - `steps`: the differences between five readings in a row.
//! - `order`: 10,000 readings, and how many were less than the one before.
//! - `resolution`: whether a tick takes any time, and is the same when asked again.
//! - `instant`, `duration`: waits 20 ms by an instant, or by a duration, and says
//!   whether that much has passed on the clock.
//! - `past`: waits for instants that have been: 0, and the present one.
//! - `far`: timers of the greatest number there is; they must not be ready.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{argument, say, unknown};
    use wasip2::clocks::monotonic_clock::{now, resolution, subscribe_duration, subscribe_instant};
    use wasip2::io::poll::poll;

    const WAIT: u64 = 20_000_000;

    fn waited(begin: u64) -> String {
        let passed = now().saturating_sub(begin) >= WAIT;
        format!("at least 20 ms: {passed}\n")
    }

    pub fn run() -> io::Result<()> {
        let text = match argument(1).as_str() {
            "steps" => {
                let readings: [u64; 5] = std::array::from_fn(|_| now());
                let steps: Vec<String> = readings
                    .windows(2)
                    .map(|pair| pair[1].wrapping_sub(pair[0]).to_string())
                    .collect();
                format!("{}\n", steps.join(" "))
            }
            "order" => {
                let mut before = now();
                let mut less = 0;
                for _ in 0..10_000 {
                    let reading = now();
                    less += u32::from(reading < before);
                    before = reading;
                }
                format!("readings 10000, less than the one before: {less}\n")
            }
            "resolution" => {
                let tick = resolution();
                format!(
                    "above 0: {}\nthe same again: {}\n",
                    tick > 0,
                    resolution() == tick
                )
            }
            "instant" => {
                let begin = now();
                subscribe_instant(begin + WAIT).block();
                waited(begin)
            }
            "duration" => {
                let begin = now();
                subscribe_duration(WAIT).block();
                waited(begin)
            }
            "past" => {
                let (first, present) = (subscribe_instant(0), subscribe_instant(now()));
                first.block();
                present.block();
                format!("0: {}\nthe present: {}\n", first.ready(), present.ready())
            }
            "far" => {
                let (instant, duration) =
                    (subscribe_instant(u64::MAX), subscribe_duration(u64::MAX));
                let short = subscribe_duration(1);
                let ready = poll(&[&instant, &duration, &short]);
                format!(
                    "instant {}\nduration {}\nbeside a short one: {ready:?}\n",
                    instant.ready(),
                    duration.ready()
                )
            }
            other => return Err(io::Error::other(unknown(other))),
        };
        say(&text)
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
