//! `clock-wall fixed|free`: the wall clock.
//!
//! `fixed` prints what two readings give, to the nanosecond. `free` prints what
//! holds for any clock that is roughly right. Both say whether the resolution
//! is a time at all and has fewer than a thousand million nanoseconds.

#[cfg(target_os = "wasi")]
mod component {
    use std::io;

    use assay_guests_cli_raw::{argument, say, unknown};
    use wasip2::clocks::wall_clock::{Datetime, now, resolution};

    const SECOND: u32 = 1_000_000_000;
    /// 2025-01-01T00:00:00Z: before this program was written.
    const WRITTEN: u64 = 1_735_689_600;

    fn shown(time: &Datetime) -> String {
        format!("{}.{:09}", time.seconds, time.nanoseconds)
    }

    pub fn run() -> io::Result<()> {
        let (first, second, tick) = (now(), now(), resolution());
        let text = match argument(1).as_str() {
            "fixed" => format!("{}\n{}\n", shown(&first), shown(&second)),
            "free" => format!(
                "nanoseconds below a second: {}\nafter the program was written: {}\n\
                 a minute apart at most: {}\n",
                first.nanoseconds < SECOND && second.nanoseconds < SECOND,
                first.seconds > WRITTEN,
                second.seconds.abs_diff(first.seconds) <= 60
            ),
            other => return Err(io::Error::other(unknown(other))),
        };
        say(&format!(
            "{text}resolution above 0: {}, nanoseconds below a second: {}\n",
            (tick.seconds, tick.nanoseconds) > (0, 0),
            tick.nanoseconds < SECOND
        ))
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
