//! How long instances take to answer first while their number grows: the wall of
//! those that memory would have room for, and processors have not.

use assay_model::fingerprint::HostSample;
use assay_model::{Nanos, Stop, Wall};
use assay_observe::fingerprint::sample;
use std::fmt;
use std::time::Duration;

/// First responses that are compared with each other: the first of a run, and
/// the latest. A 99th percentile would need a thousand; where half of them are
/// late, it is late for certain, and a hiccup of the machine is not half.
const WINDOW: usize = 8;

/// Later by more than this is a wall.
const LATER: f64 = 10.0;

/// From this share of all processors on, it is they that are missing.
const BUSY: f64 = 0.9;

/// How long is looked at the processors, which tick a hundred times a second.
const LOOK: Duration = Duration::from_secs(1);

/// First responses of one density run.
#[derive(Debug, Default)]
pub struct Pace {
    all: Vec<f64>,
    told: usize,
}

/// What became of first responses.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Late {
    first: f64,
    now: f64,
}

impl Pace {
    /// Takes down what instances that were added took to answer, in order.
    pub fn note(&mut self, responses: &[Nanos]) {
        self.all.extend(responses.iter().map(|time| time.0 as f64));
    }

    /// The median of those that came since this was last asked, in nanoseconds.
    pub fn since_asked(&mut self) -> Option<f64> {
        let new = &self.all[self.told..];
        self.told = self.all.len();
        assay_stats::median(new)
    }

    /// Whether instances answer so late that nobody would add another one; asks
    /// what the idle ones do meanwhile, which takes a second.
    #[must_use]
    pub fn wall(&self) -> Option<Stop> {
        let late = self.late()?;
        let before = sample();
        std::thread::sleep(LOOK);
        Some(late.wall(busy(&before, &sample())))
    }

    fn late(&self) -> Option<Late> {
        // Those before and those after are not the same ones.
        let later = self.all.len().checked_sub(2 * WINDOW)?;
        let first = assay_stats::median(&self.all[..WINDOW])?;
        let now = assay_stats::median(&self.all[later + WINDOW..])?;
        (now > LATER * first).then_some(Late { first, now })
    }
}

fn busy(before: &HostSample, after: &HostSample) -> Option<f64> {
    after.disturbance_since(before).busy_share
}

impl Late {
    fn wall(self, busy: Option<f64>) -> Stop {
        let wall = match busy {
            Some(share) if share >= BUSY => Wall::Cpu,
            _ => Wall::P99,
        };
        let meanwhile = busy.map_or_else(String::new, |share| {
            format!(
                "; the idle instances keep {:.0} % of all processors busy",
                share * 100.0
            )
        });
        Stop::at(wall, format!("{self}{meanwhile}"))
    }
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [now, first] = [self.now, self.first].map(|nanos| nanos / 1e6);
        write!(
            f,
            "the first responses of the last {WINDOW} instances took {now:.0} ms at the median, \
             those of the first {WINDOW} {first:.0} ms"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(millis: impl IntoIterator<Item = u64>) -> Pace {
        let mut pace = Pace::default();
        let times: Vec<Nanos> = millis.into_iter().map(|ms| Nanos(ms * 1_000_000)).collect();
        pace.note(&times);
        pace
    }

    #[test]
    fn a_hiccup_is_no_wall_and_half_of_them_late_is_one() {
        let steady = [100; 40];
        assert_eq!(pace(steady).late(), None);
        assert_eq!(pace(steady.into_iter().chain([90_000; 3])).late(), None);
        assert_eq!(pace(steady.into_iter().chain([999; 8])).late(), None);
        let late = pace(steady.into_iter().chain([1_200; 6])).late();
        assert_eq!(late.map(|late| late.now), Some(1.2e9));
    }

    #[test]
    fn few_instances_have_no_later_ones_to_compare() {
        assert_eq!(pace([1; 8].into_iter().chain([100; 7])).late(), None);
        assert!(pace([1; 8].into_iter().chain([100; 8])).late().is_some());
    }

    #[test]
    fn the_wall_is_named_by_what_the_processors_do() {
        let late = Late {
            first: 1.5e8,
            now: 2e9,
        };
        for (busy, expected) in [
            (
                Some(0.97),
                "wall=cpu; the first responses of the last 8 instances took 2000 ms at the median, \
                 those of the first 8 150 ms; the idle instances keep 97 % of all processors busy",
            ),
            (Some(0.2), "wall=p99; the first responses of the last 8"),
            (None, "wall=p99; the first responses of the last 8"),
        ] {
            let told = late.wall(busy).to_string();
            assert!(told.starts_with(expected), "{told}");
        }
    }

    #[test]
    fn a_point_has_the_median_of_its_own_instances() {
        let mut pace = pace([1, 2, 3]);
        assert_eq!(pace.since_asked(), Some(2e6));
        assert_eq!(pace.since_asked(), None);
        pace.note(&[Nanos(7)]);
        assert_eq!(pace.since_asked(), Some(7.0));
    }
}
