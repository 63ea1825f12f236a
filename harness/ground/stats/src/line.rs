//! A straight line through points that a few outliers do not bend.

use crate::bootstrap::{Interval, Level};
use crate::quantile::median_of_sorted;
use crate::{finite, sorted_finite};

/// A Theil–Sen line y = intercept + slope · x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Median of the slopes of all pairs of points; unit of y per unit of x.
    pub slope: f64,
    /// Median of y − slope · x; unit of y.
    pub intercept: f64,
    /// 95 % interval of the slope, when there are enough points for one: at
    /// least five, as the widest that four can give has only 91.7 %.
    pub slope_p95: Option<Interval>,
    /// The intercepts that belong to the two ends of `slope_p95`, in order.
    /// An indication, not an interval of its own coverage.
    pub intercept_range: Option<Interval>,
    /// Number of points.
    pub n: usize,
}

impl Line {
    /// The line's y at x. `None` on overflow.
    #[must_use]
    pub fn at(&self, x: f64) -> Option<f64> {
        finite(self.intercept + self.slope * x)
    }
}

/// Theil–Sen line: the slope is the median of (yⱼ − yᵢ)/(xⱼ − xᵢ) over all
/// pairs with different x (H. Theil, 1950; P. K. Sen, "Estimates of the
/// Regression Coefficient Based on Kendall's Tau", JASA 63, 1968), the
/// intercept the median of y − slope·x (W. J. Conover, "Practical
/// Nonparametric Statistics", 1980). Up to 29 % of the points may be arbitrary
/// without carrying the slope away.
///
/// The interval of the slope is Sen's: of the ordered pair slopes, those
/// between the ranks that Kendall's S reaches by chance. The distribution of S
/// is exact where no x repeats and there are at most 60 points, and normal
/// with Sen's correction for ties otherwise.
///
/// `None` with fewer than two different x, or a value that is not finite.
#[must_use]
pub fn theil_sen(points: &[(f64, f64)]) -> Option<Line> {
    if points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len().pow(2) / 2);
    for (i, &(xi, yi)) in points.iter().enumerate() {
        for &(xj, yj) in points.get(i + 1..).unwrap_or_default() {
            if xi != xj {
                slopes.push((yj - yi) / (xj - xi));
            }
        }
    }
    let slopes = sorted_finite(&slopes)?;
    let slope = median_of_sorted(&slopes)?;
    let intercept = intercept_for(points, slope)?;
    let slope_p95 = slope_interval(points, &slopes, Level::P95);
    let intercept_range = slope_p95.and_then(|s| {
        // The steeper slope belongs to the lower intercept when x is positive.
        let (a, b) = (
            intercept_for(points, s.low)?,
            intercept_for(points, s.high)?,
        );
        Some(Interval {
            low: a.min(b),
            high: a.max(b),
        })
    });
    Some(Line {
        slope,
        intercept,
        slope_p95,
        intercept_range,
        n: points.len(),
    })
}

/// Median of y − slope · x.
fn intercept_for(points: &[(f64, f64)], slope: f64) -> Option<f64> {
    let rests: Vec<f64> = points.iter().map(|(x, y)| y - slope * x).collect();
    median_of_sorted(&sorted_finite(&rests)?)
}

/// Above this many points the normal approximation is used: it is good from
/// about ten, and the exact one is quadratic in the number of pairs.
const EXACT_UP_TO: usize = 60;

/// Sen's interval from the ordered pair slopes.
fn slope_interval(points: &[(f64, f64)], slopes: &[f64], level: Level) -> Option<Interval> {
    let pairs = slopes.len();
    let tail = (1.0 - level.share()) / 2.0;
    let ties = tied_groups(points);
    let outside = if ties.is_empty() && points.len() <= EXACT_UP_TO {
        exact_ranks_outside(points.len(), tail)?
    } else {
        normal_ranks_outside(points.len(), pairs, &ties, level)?
    };
    // With k slopes cut off at either end, the ends are the k-th from outside.
    let low = *slopes.get(outside.checked_sub(1)?)?;
    let high = *slopes.get(pairs.checked_sub(outside)?)?;
    (low <= high).then_some(Interval { low, high })
}

/// Sizes of the groups of points that share an x, those of one left out.
fn tied_groups(points: &[(f64, f64)]) -> Vec<usize> {
    let mut xs: Vec<f64> = points.iter().map(|p| p.0).collect();
    xs.sort_by(f64::total_cmp);
    xs.chunk_by(|a, b| a == b)
        .map(<[f64]>::len)
        .filter(|&len| len > 1)
        .collect()
}

/// The largest k with P(inversions of n ranks ≤ k − 1) ≤ `tail`: the k-th slope
/// from either end bounds the interval. `None` if not even k = 1 does.
fn exact_ranks_outside(n: usize, tail: f64) -> Option<usize> {
    // Share of permutations with j inversions, built up one rank at a time:
    // the m-th rank adds 0..m−1 inversions, each equally likely.
    let mut share = vec![1.0_f64];
    for m in 2..=n {
        let mut next = vec![0.0; share.len() + m - 1];
        for (j, p) in share.iter().enumerate() {
            for slot in next.iter_mut().skip(j).take(m) {
                *slot += p / m as f64;
            }
        }
        share = next;
    }
    let mut below = 0.0;
    let mut k = 0;
    for p in share {
        below += p;
        if below > tail {
            break;
        }
        k += 1;
    }
    (k > 0).then_some(k)
}

/// The same from the normal approximation, with Sen's variance under ties in x.
fn normal_ranks_outside(n: usize, pairs: usize, ties: &[usize], level: Level) -> Option<usize> {
    let z = match level {
        Level::P95 => 1.959_964,
        Level::P99 => 2.575_829,
    };
    let term = |t: usize| {
        let t = t as f64;
        t * (t - 1.0) * (2.0 * t + 5.0)
    };
    let variance = (term(n) - ties.iter().map(|&t| term(t)).sum::<f64>()) / 18.0;
    let reach = z * variance.max(0.0).sqrt();
    let k = ((pairs as f64 - reach) / 2.0).floor();
    (k >= 1.0).then_some(k as usize)
}
