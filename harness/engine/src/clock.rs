//! The one clock of all stamps.

/// Nanoseconds of `CLOCK_MONOTONIC`, the clock that launcher, runner and
/// worker share.
#[must_use]
pub fn now() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    // Linux documents both fields as non-negative for this clock.
    (now.tv_sec as u64) * 1_000_000_000 + now.tv_nsec as u64
}
