//! `clock-sleep MILLISECONDS…`: sleeps for each in turn and says whether the
//! monotonic clock moved by at least that much meanwhile.
//!
//! How much longer it was is a matter of the machine and is not printed.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

use assay_guests_cli::{number, say};

fn main() -> io::Result<()> {
    let mut text = String::new();
    let begin = Instant::now();
    let mut asked = Duration::ZERO;
    for position in 1..std::env::args_os().len() {
        let duration = Duration::from_millis(number(position, "milliseconds to sleep")?);
        let before = Instant::now();
        std::thread::sleep(duration);
        let enough = before.elapsed() >= duration;
        asked += duration;
        // Writing into a String cannot fail: its `fmt::Write` has no error path.
        let _ = writeln!(text, "slept at least {} ms: {enough}", duration.as_millis());
    }
    let _ = writeln!(
        text,
        "all together at least {} ms: {}",
        asked.as_millis(),
        begin.elapsed() >= asked
    );
    say(&text)
}
