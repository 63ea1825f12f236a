//! When requests are due.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// How arrivals are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly.
    Constant,
    /// As independent visitors come: exponential gaps, reproducible by seed.
    Poisson {
        /// Seed of the gaps.
        seed: u64,
    },
}

/// The instants at which requests are due, as time since the start, ascending,
/// bounded by number and time.
pub(crate) struct Schedule {
    rate: f64,
    max_time: Duration,
    left: u64,
    issued: u64,
    poisson: Option<(ChaCha8Rng, f64)>,
}

impl Schedule {
    pub(crate) fn new(arrivals: Arrivals, rate: f64, requests: u64, max_time: Duration) -> Self {
        Self {
            rate,
            max_time,
            left: requests,
            issued: 0,
            poisson: match arrivals {
                Arrivals::Constant => None,
                Arrivals::Poisson { seed } => Some((ChaCha8Rng::seed_from_u64(seed), 0.0)),
            },
        }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let seconds = match &mut self.poisson {
            // By multiplication: a sum of gaps would drift.
            None => self.issued as f64 / self.rate,
            Some((rng, at)) => {
                // In (0, 1], so that the logarithm is finite.
                let uniform = 1.0 - rng.random::<f64>();
                *at -= uniform.ln() / self.rate;
                *at
            }
        };
        self.issued += 1;
        let due = Duration::try_from_secs_f64(seconds).ok()?;
        if due > self.max_time {
            self.left = 0;
            return None;
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(1000);

    fn due(arrivals: Arrivals, rate: f64, requests: u64, max_time: Duration) -> Vec<Duration> {
        Schedule::new(arrivals, rate, requests, max_time).collect()
    }

    #[test]
    fn constant_arrivals_are_even_and_do_not_drift() {
        let times = due(Arrivals::Constant, 3000.0, 300_001, LONG);
        assert_eq!(times.len(), 300_001);
        assert_eq!(times[0], Duration::ZERO);
        assert_eq!(times[300_000], Duration::from_secs(100));
    }

    #[test]
    fn number_and_time_bound_the_schedule() {
        let second = Duration::from_secs(1);
        assert_eq!(due(Arrivals::Constant, 10.0, 1000, second).len(), 11);
        assert_eq!(due(Arrivals::Constant, 10.0, 5, second).len(), 5);
        let mut schedule = Schedule::new(Arrivals::Constant, 1e-300, 9, second);
        assert_eq!(schedule.next(), Some(Duration::ZERO));
        assert_eq!(schedule.next(), None);
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn poisson_arrivals_have_exponential_gaps() {
        let count = 100_000;
        let times = due(Arrivals::Poisson { seed: 7 }, 1000.0, count, LONG);
        let gaps: Vec<f64> = times
            .windows(2)
            .map(|w| (w[1] - w[0]).as_secs_f64() * 1000.0)
            .collect();
        let n = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        let variance = gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / n;
        // Mean and standard deviation of an exponential distribution are
        // equal, 1/e of it lies above them; 5 standard errors of room.
        assert!((mean - 1.0).abs() < 0.016, "mean {mean}");
        assert!((variance.sqrt() - 1.0).abs() < 0.023, "variance {variance}");
        let above = gaps.iter().filter(|&&g| g > 1.0).count() as f64 / n;
        assert!((above - (-1.0_f64).exp()).abs() < 0.008, "above {above}");
    }

    #[test]
    fn a_seed_is_a_schedule() {
        let of = |seed| due(Arrivals::Poisson { seed }, 100.0, 50, LONG);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
