//! Percentile bootstrap of a median, resampled over blocks.
//!
//! The block is what was randomised and what shares a disturbance, so it is
//! what is drawn again; a block that holds several values of one arm counts
//! once, with their median ([`block_medians`]).

use std::collections::BTreeMap;

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::quantile::{median_of_sorted, quantile_of_sorted};
use crate::sorted_finite;

/// Resamples behind every interval of this suite.
///
/// At 10,000 the 2.5 % point of the bootstrap distribution is known to about
/// ±0.16 percentage points (√(p(1−p)/B)), well below what any n here resolves.
pub const RESAMPLES: usize = 10_000;

/// Confidence level of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 95 %: what is shown.
    P95,
    /// 99 %: what gates use.
    P99,
}

impl Level {
    /// The level as a share: 0.95 or 0.99.
    #[must_use]
    pub fn share(self) -> f64 {
        match self {
            Self::P95 => 0.95,
            Self::P99 => 0.99,
        }
    }
}

/// A closed interval, in the unit of what it is an interval of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end, never below the lower.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies inside, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The interval with `f`, which must be increasing, applied to both ends.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            low: f(self.low),
            high: f(self.high),
        }
    }
}

/// A median with its intervals, all in the unit of the input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The median of the values.
    pub median: f64,
    /// 95 % percentile interval.
    pub p95: Interval,
    /// 99 % percentile interval.
    pub p99: Interval,
    /// How many blocks stand behind it.
    pub n: usize,
}

impl Estimate {
    /// The estimate with everything divided by a number above zero: from the
    /// cost of many to that of one.
    #[must_use]
    pub fn per(self, count: f64) -> Option<Self> {
        (count.is_finite() && count > 0.0).then(|| Self {
            median: self.median / count,
            p95: self.p95.map(|end| end / count),
            p99: self.p99.map(|end| end / count),
            n: self.n,
        })
    }

    /// The interval at a level.
    #[must_use]
    pub fn interval(&self, level: Level) -> Interval {
        match level {
            Level::P95 => self.p95,
            Level::P99 => self.p99,
        }
    }
}

/// One value per block: the median of the values that share a block, in
/// ascending order of blocks. `None` if a value is not finite.
#[must_use]
pub fn block_medians(samples: &[(u64, f64)]) -> Option<Vec<(u64, f64)>> {
    let mut blocks: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for &(block, value) in samples {
        blocks.entry(block).or_default().push(value);
    }
    blocks
        .into_iter()
        .map(|(block, values)| Some((block, median_of_sorted(&sorted_finite(&values)?)?)))
        .collect()
}

/// Median of one value per block with percentile bootstrap intervals:
/// [`RESAMPLES`] times, draw n blocks with replacement and take their median;
/// the interval at level c runs from the (1 − c)/2 to the (1 + c)/2 quantile
/// (type 7) of those medians (B. Efron and R. J. Tibshirani, "An Introduction
/// to the Bootstrap", 1993, chapter 13).
///
/// The same values and the same seed give the same interval, in whatever order
/// the values come. With one value the interval is that value: n says so.
/// `None` if the input is empty or non-finite. For many inputs of like length
/// [`Bootstrap`] gives the same result sooner.
#[must_use]
pub fn median_estimate(values: &[f64], seed: u64) -> Option<Estimate> {
    Bootstrap::new(seed).median(values)
}

/// How often each pair of middle ranks came up.
type Ranks = BTreeMap<(u32, u32), usize>;

/// The resamples of one seed, kept for inputs of the same length.
///
/// Which *ranks* a resample draws does not depend on the values, and the median
/// of a resample depends only on the ranks of its two middle draws. So the
/// 10,000 resamples are drawn once for each n and kept as counts of rank pairs,
/// of which there are at most n(n + 1)/2; an estimate then only looks up values.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    seed: u64,
    by_length: BTreeMap<usize, Ranks>,
}

impl Bootstrap {
    /// No resamples yet; they are drawn when a length first comes up.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            by_length: BTreeMap::new(),
        }
    }

    /// As [`median_estimate`] with this seed.
    #[must_use]
    pub fn median(&mut self, values: &[f64]) -> Option<Estimate> {
        let sorted = sorted_finite(values)?;
        let median = median_of_sorted(&sorted)?;
        let n = sorted.len();
        let seed = self.seed;
        let ranks = self.by_length.entry(n).or_insert_with(|| draw(n, seed));
        let mut medians: Vec<(f64, usize)> = ranks
            .iter()
            .filter_map(|(&(lower, upper), &count)| {
                let (low, high) = (sorted.get(lower as usize)?, sorted.get(upper as usize)?);
                Some((median_of_sorted(&[*low, *high])?, count))
            })
            .collect();
        medians.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let interval = |level: Level| {
            let tail = (1.0 - level.share()) / 2.0;
            Some(Interval {
                low: quantile_of_counted(&medians, tail)?,
                high: quantile_of_counted(&medians, 1.0 - tail)?,
            })
        };
        Some(Estimate {
            median,
            p95: interval(Level::P95)?,
            p99: interval(Level::P99)?,
            n,
        })
    }
}

/// Draws [`RESAMPLES`] resamples of n ranks and counts their middle pairs.
fn draw(n: usize, seed: u64) -> Ranks {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut counts = vec![0_u32; n];
    let mut found = Ranks::new();
    if n == 1 {
        // There is one resample, whatever is drawn.
        found.insert((0, 0), RESAMPLES);
        return found;
    }
    for _ in 0..RESAMPLES {
        counts.fill(0);
        for _ in 0..n {
            // Multiply–shift instead of rejection: the bias is below n / 2³²,
            // far under the resolution of 10,000 resamples.
            let rank = (u64::from(rng.next_u32()) * n as u64) >> 32;
            if let Some(count) = counts.get_mut(rank as usize) {
                *count += 1;
            }
        }
        *found.entry(middle(&counts)).or_default() += 1;
    }
    found
}

/// The ranks of the lower and the upper middle draw, of counts per rank that
/// add up to the number of ranks.
fn middle(counts: &[u32]) -> (u32, u32) {
    let n = counts.len();
    let (lower_place, upper_place) = (n.saturating_sub(1) / 2, n / 2);
    let mut seen = 0_usize;
    let mut lower = None;
    for (rank, &count) in (0_u32..).zip(counts) {
        seen += count as usize;
        if lower.is_none() && seen > lower_place {
            lower = Some(rank);
        }
        if seen > upper_place {
            return (lower.unwrap_or(rank), rank);
        }
    }
    // Not reached while the counts add up to n.
    (0, 0)
}

/// Type 7 quantile of sorted values that stand for `count` equal ones each.
fn quantile_of_counted(values: &[(f64, usize)], p: f64) -> Option<f64> {
    let last = values.iter().map(|v| v.1).sum::<usize>().checked_sub(1)?;
    let h = last as f64 * p;
    let at = |place: usize| {
        let mut seen = 0;
        values.iter().find_map(|&(value, count)| {
            seen += count;
            (seen > place).then_some(value)
        })
    };
    let below = (h.floor() as usize).min(last);
    // The quantile of these two neighbours at the part of h between them.
    let neighbours = [at(below)?, at((below + 1).min(last))?];
    quantile_of_sorted(&neighbours, (h - below as f64).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plain way: every resample drawn, sorted and its median taken.
    fn plainly(values: &[f64], seed: u64) -> Vec<f64> {
        let sorted = sorted_finite(values).unwrap();
        let n = sorted.len();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut medians: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let mut drawn: Vec<f64> = (0..n)
                    .map(|_| sorted[((u64::from(rng.next_u32()) * n as u64) >> 32) as usize])
                    .collect();
                drawn.sort_by(f64::total_cmp);
                median_of_sorted(&drawn).unwrap()
            })
            .collect();
        medians.sort_by(f64::total_cmp);
        medians
    }

    #[test]
    fn counting_ranks_equals_resampling_plainly() {
        for n in [2_u32, 3, 10, 11, 30] {
            let values: Vec<f64> = (0..n).map(|i| f64::from((i * 37) % 101).powi(2)).collect();
            let medians = plainly(&values, 9);
            let found = median_estimate(&values, 9).unwrap();
            for (interval, tail) in [(found.p95, 0.025), (found.p99, 0.005)] {
                let low = quantile_of_sorted(&medians, tail).unwrap();
                let high = quantile_of_sorted(&medians, 1.0 - tail).unwrap();
                assert!((interval.low - low).abs() < 1e-9, "n = {n}");
                assert!((interval.high - high).abs() < 1e-9, "n = {n}");
            }
        }
    }

    #[test]
    fn a_kept_bootstrap_gives_what_a_new_one_gives() {
        let mut kept = Bootstrap::new(4);
        for values in [&[1.0, 5.0, 2.0][..], &[8.0, 1.0][..], &[3.0, 9.0, 4.0][..]] {
            assert_eq!(kept.median(values), median_estimate(values, 4));
        }
    }
}
