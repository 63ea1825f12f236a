//! Time stamps of a foreground run, for the harness's ladder.

use std::fs::File;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, RawFd};

use rustix::time::{ClockId, clock_gettime};

/// Writes `NAME NANOSECONDS` lines to the descriptor in `ASSAY_STAMP_FD`; does
/// nothing, at the cost of one look-up, where that is not set.
pub struct Stamps {
    /// Never closed here: the descriptor is the caller's.
    sink: Option<ManuallyDrop<File>>,
}

impl Stamps {
    /// Call as the first statement of `main`: writes the stamp `main`.
    pub fn at_main() -> Self {
        let now = monotonic_ns();
        let fd = std::env::var("ASSAY_STAMP_FD")
            .ok()
            .and_then(|text| text.parse::<RawFd>().ok())
            .filter(|fd| *fd > 2);
        let sink = fd.map(|fd| {
            // SAFETY: needed to write to a descriptor the caller named by number;
            // sound because nothing in this process has opened a descriptor yet,
            // so it is the caller's gift and nobody else owns it. If it is not
            // open, writing reports EBADF, which `write` passes over.
            ManuallyDrop::new(unsafe { File::from_raw_fd(fd) })
        });
        let mut stamps = Self { sink };
        stamps.write("main", now);
        stamps
    }

    /// Writes the stamp `name` with the time of this call.
    pub fn mark(&mut self, name: &str) {
        if self.sink.is_some() {
            self.write(name, monotonic_ns());
        }
    }

    /// A reader that went away must not stop the run, so an error only ends
    /// the stamping. The container never inherits the descriptor: libcontainer
    /// sets close-on-exec on everything above 2.
    fn write(&mut self, name: &str, ns: u64) {
        if let Some(sink) = &mut self.sink
            && sink.write_all(format!("{name} {ns}\n").as_bytes()).is_err()
        {
            self.sink = None;
        }
    }
}

fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    // CLOCK_MONOTONIC starts at boot: never negative, and 64 bits of
    // nanoseconds last for centuries.
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}
