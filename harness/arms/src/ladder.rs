//! The stamps of one launch.

use assay_model::outcome::Observed;
use assay_model::{Metric, Nanos};
use std::collections::BTreeMap;

/// Instants of one launch, nanoseconds of `CLOCK_MONOTONIC`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ladder {
    /// The launch began.
    pub t0: u64,
    /// Everything after it.
    pub stamps: BTreeMap<Metric, u64>,
}

impl Ladder {
    /// Starts a ladder.
    #[must_use]
    pub fn new(t0: u64) -> Ladder {
        Ladder {
            t0,
            stamps: BTreeMap::new(),
        }
    }

    /// Notes an instant, if it was taken.
    pub fn note(&mut self, metric: Metric, at: impl Into<Option<u64>>) {
        if let Some(at) = at.into() {
            self.stamps.insert(metric, at);
        }
    }

    /// Notes what a measured process stamped itself; other names are its own
    /// affair.
    pub fn note_own(&mut self, stamps: &[(String, u64)]) {
        for (name, at) in stamps {
            if let Ok(metric) = format!("stamp.{name}").parse() {
                self.note(metric, *at);
            }
        }
    }

    /// Every stamp as a duration since t0; one before t0 is left out and makes
    /// the launch invalid.
    pub fn durations(&self) -> impl Iterator<Item = (Metric, Nanos)> + '_ {
        self.stamps
            .iter()
            .filter_map(|(&metric, &at)| Some((metric, Nanos(at).since(Nanos(self.t0))?)))
    }

    /// The duration until one stamp.
    #[must_use]
    pub fn until(&self, metric: Metric) -> Option<Nanos> {
        Nanos(*self.stamps.get(&metric)?).since(Nanos(self.t0))
    }

    /// t10 - t9.
    #[must_use]
    pub fn teardown(&self) -> Option<Nanos> {
        let at = |metric| self.stamps.get(&metric).copied().map(Nanos);
        at(Metric::STAMP_T10)?.since(at(Metric::STAMP_T9)?)
    }

    /// From t0 to the first observable answer: t8 where there is one (http),
    /// else t7; none for a program that writes nothing.
    #[must_use]
    pub fn cold_start(&self) -> Option<Nanos> {
        self.until(Metric::STAMP_T8)
            .or_else(|| self.until(Metric::STAMP_T7))
    }

    /// The first pair of stamps out of order, if any (METHODOLOGY.md).
    #[must_use]
    pub fn disorder(&self) -> Option<String> {
        const CLI: &[Metric] = &[
            Metric::STAMP_T1,
            Metric::STAMP_T2,
            Metric::STAMP_T3,
            Metric::STAMP_T4,
            Metric::STAMP_T5,
            Metric::STAMP_SINK,
            Metric::STAMP_T7,
            Metric::STAMP_T9,
            Metric::STAMP_T10,
        ];
        const HTTP: &[&[Metric]] = &[
            &[
                Metric::STAMP_T7,
                Metric::STAMP_T8,
                Metric::STAMP_T9,
                Metric::STAMP_T10,
            ],
            &[
                Metric::STAMP_T1,
                Metric::STAMP_T2,
                Metric::STAMP_T3,
                Metric::STAMP_T4,
                Metric::STAMP_T5,
                Metric::STAMP_T8,
            ],
        ];
        if let Some((metric, at)) = self.stamps.iter().find(|&(_, &at)| at < self.t0) {
            return Some(format!("{metric} is {} ns before t0", self.t0 - at));
        }
        let chains = match self.stamps.contains_key(&Metric::STAMP_T8) {
            true => HTTP,
            false => &[CLI],
        };
        chains.iter().find_map(|chain| self.disorder_in(chain))
    }

    fn disorder_in(&self, chain: &[Metric]) -> Option<String> {
        let taken: Vec<_> = chain
            .iter()
            .filter_map(|metric| Some((*metric, *self.stamps.get(metric)?)))
            .collect();
        taken.windows(2).find_map(|pair| match pair {
            [(first, a), (second, b)] if a > b => {
                Some(format!("{first} is {} ns after {second}", a - b))
            }
            _ => None,
        })
    }
}

/// How a launch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The program did something that can be compared.
    Outcome(Observed),
    /// Its deadline passed.
    TimedOut,
    /// The runtime broke, not the program.
    Crashed(String),
}

/// One launch, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launched {
    /// When things happened.
    pub ladder: Ladder,
    /// What happened.
    pub ended: Ended,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(stamps: &[(Metric, u64)]) -> Ladder {
        Ladder {
            t0: 100,
            stamps: stamps.iter().copied().collect(),
        }
    }

    #[test]
    fn an_ordered_ladder_is_valid() {
        let ladder = ladder(&[
            (Metric::STAMP_T1, 110),
            (Metric::STAMP_T5, 120),
            (Metric::STAMP_T7, 130),
            (Metric::STAMP_T9, 140),
            (Metric::STAMP_T10, 145),
        ]);
        assert_eq!(ladder.disorder(), None);
        assert_eq!(ladder.cold_start(), Some(Nanos(30)));
        assert_eq!(ladder.teardown(), Some(Nanos(5)));
    }

    #[test]
    fn stamps_out_of_order_are_named() {
        let late = ladder(&[(Metric::STAMP_T5, 150), (Metric::STAMP_T7, 130)]);
        assert_eq!(late.disorder().unwrap(), "stamp.t5 is 20 ns after stamp.t7");
        let early = ladder(&[(Metric::STAMP_T1, 90)]);
        assert_eq!(early.disorder().unwrap(), "stamp.t1 is 10 ns before t0");
    }

    #[test]
    fn a_server_may_instantiate_after_it_accepts() {
        let http = [
            (Metric::STAMP_T4, 110),
            (Metric::STAMP_T7, 120),
            (Metric::STAMP_T5, 130),
            (Metric::STAMP_T8, 140),
        ];
        assert_eq!(ladder(&http).disorder(), None);
        assert_eq!(ladder(&http).cold_start(), Some(Nanos(40)));
    }
}
