//! Quantiles, and how many samples one may be read from.

use std::fmt;

use crate::{finite, sorted_finite};

/// Median: the middle value, or the mean of the two middle values.
///
/// Same unit as the input. `None` for an empty or non-finite input.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    median_of_sorted(&sorted_finite(values)?)
}

/// Median of values that are known to be sorted and finite.
pub(crate) fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    if n == 0 {
        return None;
    }
    let upper = *sorted.get(n / 2)?;
    if n % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(n / 2 - 1)?;
    // Halved before added: two values near the largest float must not overflow.
    Some(lower / 2.0 + upper / 2.0)
}

/// Quantile by linear interpolation between order statistics, definition 7 of
/// R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The
/// American Statistician 50 (1996) 361–365: with `h = (n − 1)·p`, the value is
/// `x[⌊h⌋] + (h − ⌊h⌋)·(x[⌊h⌋+1] − x[⌊h⌋])` (indices from 0).
///
/// Same unit as the input. `None` when the input is empty or non-finite or `p`
/// lies outside 0..=1. This does not ask whether the sample is large enough to
/// *print* such a quantile; [`tail`] does.
#[must_use]
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    quantile_of_sorted(&sorted_finite(values)?, p)
}

/// Type 7 quantile of values that are known to be sorted and finite.
pub(crate) fn quantile_of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    let h = last as f64 * p;
    let below = (h.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (*sorted.get(below)?, *sorted.get(above)?);
    let part = h - below as f64;
    if part == 0.0 || low == high {
        return Some(low);
    }
    // As a weighted sum, not low + part·(high − low): the difference of two
    // finite numbers can overflow, the weighted sum cannot.
    finite((low * (1.0 - part) + high * part).clamp(low, high))
}

/// A tail quantile that is printed only when enough samples stand behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantile {
    /// The quantile, in the unit of the input.
    Value(f64),
    /// Not printed: so few samples that the figure would be the luck of a few.
    NotPrinted {
        /// Samples there are.
        n: usize,
        /// Samples this quantile needs.
        needs: usize,
    },
}

impl Quantile {
    /// The value, if it may be printed.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(v) => Some(v),
            Self::NotPrinted { .. } => None,
        }
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(v) => write!(f, "{v}"),
            Self::NotPrinted { n, needs } => {
                write!(f, "not printed (n = {n}, needs {needs})")
            }
        }
    }
}

/// How many samples quantile `p` needs before it may be printed.
///
/// Ten samples must lie beyond it: p90 needs 100, p99 needs 1,000. The median
/// and everything below p90 (mirrored: above p10) is not a tail and needs one.
#[must_use]
pub fn samples_needed(p: f64) -> usize {
    let outside = p.min(1.0 - p);
    if outside > 0.1 {
        1
    } else if outside <= 0.0 {
        usize::MAX
    } else {
        // Rounded to a millionth first: 1.0 − 0.9 is not 0.1 in binary.
        let millionths = (outside * 1e6).round().max(1.0);
        (10.0 * 1e6 / millionths).ceil() as usize
    }
}

/// Quantile `p` under the rule of [`samples_needed`].
///
/// `None` for a non-finite input or a `p` outside 0..=1; an input that is only
/// too small gives [`Quantile::NotPrinted`].
#[must_use]
pub fn tail(values: &[f64], p: f64) -> Option<Quantile> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let sorted = sorted_finite(values)?;
    let needs = samples_needed(p);
    if sorted.len() < needs {
        return Some(Quantile::NotPrinted {
            n: sorted.len(),
            needs,
        });
    }
    quantile_of_sorted(&sorted, p).map(Quantile::Value)
}
