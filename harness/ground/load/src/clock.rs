//! The clock of every stamp: `CLOCK_MONOTONIC`, which all processes of the
//! machine share, so that a stamp of the launcher and one of the harness can be
//! subtracted.

use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::Duration;

const PER_SECOND: u64 = 1_000_000_000;

/// Nanoseconds of `CLOCK_MONOTONIC`, or a difference of two such instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(pub u64);

impl Nanos {
    /// This instant moved into the future, ending at the end of time.
    #[must_use]
    pub fn after(self, duration: Duration) -> Nanos {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Nanos(self.0.saturating_add(nanos))
    }

    /// The time left until this instant; zero when it is past.
    #[must_use]
    pub fn left(self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(now().0))
    }

    /// The duration since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Nanos) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    pub(crate) fn timespec(self) -> Timespec {
        // Both parts fit: u64::MAX ns is about 585 years.
        Timespec {
            tv_sec: (self.0 / PER_SECOND) as _,
            tv_nsec: (self.0 % PER_SECOND) as _,
        }
    }
}

/// Reads `CLOCK_MONOTONIC`, in nanoseconds.
#[must_use]
pub fn now() -> Nanos {
    let time = clock_gettime(ClockId::Monotonic);
    // The monotonic clock starts at boot and is never negative.
    Nanos(time.tv_sec as u64 * PER_SECOND + time.tv_nsec as u64)
}

/// The instant `duration` from now: how callers write a deadline.
#[must_use]
pub fn deadline_in(duration: Duration) -> Nanos {
    now().after(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_the_one_std_uses() {
        // std's Instant is CLOCK_MONOTONIC on Linux: both must advance alike.
        let (a, b) = (now(), std::time::Instant::now());
        std::thread::sleep(Duration::from_millis(20));
        let (ours, theirs) = (now().since(a), b.elapsed());
        assert!(ours >= Duration::from_millis(20));
        assert!(ours.abs_diff(theirs) < Duration::from_millis(10));
    }

    #[test]
    fn a_deadline_saturates_at_both_ends() {
        assert_eq!(Nanos(5).after(Duration::MAX), Nanos(u64::MAX));
        assert_eq!(Nanos(1).left(), Duration::ZERO);
        assert_eq!(Nanos(1).since(Nanos(2)), Duration::ZERO);
        let spec = Nanos(3_000_000_007).timespec();
        assert_eq!((spec.tv_sec, spec.tv_nsec), (3, 7));
    }
}
