//! What a run has found.

use crate::error::ErrorKind;
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::time::Duration;

/// Largest time that is told apart: 10 minutes. Above it counts as it.
const HIGHEST: u64 = 600 * 1_000_000_000;

/// Times of many requests, in an HDR histogram with 3 significant digits.
#[derive(Debug, Clone)]
pub struct Distribution(Histogram<u64>);

impl Distribution {
    pub(crate) fn new() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "invariant: fails only for bounds and digits out of range, and these are constants"
        )]
        let histogram = Histogram::new_with_bounds(1, HIGHEST, 3).expect("constant bounds");
        Self(histogram)
    }

    pub(crate) fn record(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.saturating_record(nanos);
    }

    /// Number of times.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The quantile, or `None` when fewer than ten times lie beyond it: p90
    /// needs 100, p99 needs 1,000. Half and below needs just one.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        let beyond = self.count() as f64 * (1.0 - quantile);
        // The margin is for 1 − 0.9, which is not quite 0.1.
        let enough = match quantile > 0.5 {
            true => beyond > 10.0 - 1e-6,
            false => self.count() > 0,
        };
        enough.then(|| Duration::from_nanos(self.0.value_at_quantile(quantile)))
    }

    /// The longest time; `None` without any.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        (self.count() > 0).then(|| Duration::from_nanos(self.0.max()))
    }

    /// The histogram itself, in nanoseconds, to add up or draw.
    #[must_use]
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.0
    }
}

/// The outcome of a run. Every request that was due is counted exactly once:
/// `due = correct + wrong + Σ errors`.
#[derive(Debug, Clone)]
pub struct LoadResult {
    /// Arrivals per second that were asked for.
    pub rate: f64,
    /// Requests that became due.
    pub due: u64,
    /// Responses that the caller's check accepted.
    pub correct: u64,
    /// Complete responses that it did not accept.
    pub wrong: u64,
    /// Requests without a complete response.
    pub errors: BTreeMap<ErrorKind, u64>,
    /// The first of these errors, or the mention of the first wrong response.
    pub first_failure: Option<String>,
    /// Connections that were opened again because the server closed them.
    pub reconnects: u64,
    /// From the instant the first request was due until the generator had sent
    /// out the last one.
    pub generating: Duration,
    /// From the instant the first request was due until the last one was over.
    pub elapsed: Duration,
    /// From the instant a request was due until its response was complete:
    /// correct responses, and requests that met the timeout with the time they
    /// had waited by then, which is too short for them ([`Self::censored`]).
    /// Leaving these out would make a stalled server look fast.
    pub latency: Distribution,
    /// Entries of `latency` that stand for more than they say.
    pub censored: u64,
    /// From the instant the first byte was handed to the kernel until the
    /// response was complete: what a closed-loop client would call latency.
    /// For comparison only; correct responses.
    pub service: Distribution,
    /// How late the generator itself was: from the instant a request was due
    /// until its task ran. When this is not small against `latency`, the
    /// generator is what was measured.
    pub lateness: Distribution,
}

impl LoadResult {
    /// Arrivals per second that were really generated; `None` for fewer than
    /// two.
    #[must_use]
    pub fn offered(&self) -> Option<f64> {
        // n arrivals span n − 1 gaps.
        (self.due > 1 && !self.generating.is_zero())
            .then(|| (self.due - 1) as f64 / self.generating.as_secs_f64())
    }

    /// Correct responses per second over the whole run.
    #[must_use]
    pub fn achieved(&self) -> Option<f64> {
        (!self.elapsed.is_zero()).then(|| self.correct as f64 / self.elapsed.as_secs_f64())
    }

    /// Requests that failed, by error or by a wrong response.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.wrong + self.errors.values().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_needs_ten_beyond_it() {
        let mut times = Distribution::new();
        assert_eq!((times.quantile(0.5), times.max()), (None, None));
        for i in 1..=1000 {
            times.record(Duration::from_micros(i));
            let has = |q| times.quantile(q).is_some();
            assert!(has(0.5));
            assert_eq!(has(0.9), i >= 100, "p90 of {i}");
            assert_eq!(has(0.99), i >= 1000, "p99 of {i}");
            assert!(!has(0.999));
        }
        let p99 = times.quantile(0.99).unwrap().as_secs_f64();
        assert!((p99 / 990e-6 - 1.0).abs() < 2e-3, "{p99}");
    }

    #[test]
    fn absurd_times_count_as_the_highest() {
        let mut times = Distribution::new();
        times.record(Duration::MAX);
        assert_eq!(times.count(), 1);
        assert!(times.max().unwrap() >= Duration::from_secs(599));
    }
}
