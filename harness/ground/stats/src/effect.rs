//! How much slower or larger one arm is than another, paired by block.

use std::collections::BTreeMap;

use crate::bootstrap::{Bootstrap, Estimate, Interval, Level, block_medians};
use crate::finite;

/// A ratio of two arms with its intervals. Above 1: the first arm is larger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// exp of the median over blocks of ln(a / b); no unit.
    pub ratio: f64,
    /// 95 % interval of the ratio.
    pub p95: Interval,
    /// 99 % interval of the ratio.
    pub p99: Interval,
    /// Blocks in which both arms have a value.
    pub n: usize,
}

impl Effect {
    /// The interval at a level.
    #[must_use]
    pub fn interval(&self, level: Level) -> Interval {
        match level {
            Level::P95 => self.p95,
            Level::P99 => self.p99,
        }
    }
}

/// Paired effect of `a` over `b`, each given as (block, value).
///
/// Per block that both arms have, d = ln(a) − ln(b); the effect is the median
/// of the d, its interval the percentile bootstrap over blocks, and both are
/// raised by exp to a ratio. Pairing inside a block cancels what disturbs the
/// whole block; the logarithm makes "twice" and "half" the same distance
/// (T. Kalibera and R. Jones, "Rigorous Benchmarking in Reasonable Time", ISMM
/// 2013, for ratios with intervals as the thing to report).
///
/// `None` when no block is shared, or a value is not finite and above zero.
#[must_use]
pub fn paired_effect(a: &[(u64, f64)], b: &[(u64, f64)], seed: u64) -> Option<Effect> {
    Bootstrap::new(seed).effect(a, b)
}

impl Bootstrap {
    /// As [`paired_effect`] with this seed.
    #[must_use]
    pub fn effect(&mut self, a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Effect> {
        let Estimate {
            median,
            p95,
            p99,
            n,
        } = self.median(&paired_logs(a, b)?)?;
        Some(Effect {
            ratio: finite(median.exp())?,
            p95: ratio_interval(p95)?,
            p99: ratio_interval(p99)?,
            n,
        })
    }
}

/// Paired difference of `a` minus `b`, each given as (block, value): the median
/// over blocks of a − b, with the percentile bootstrap over blocks.
///
/// For what one thing costs that `a` does and `b` does not. What both pay, and
/// what slowed a block as a whole by a fixed time, cancels within the block; a
/// difference of two medians would keep the latter. Both may be negative, and
/// so may their difference: that a cost is lost in noise must be seen.
///
/// `None` when no block is shared, or a value is not finite.
#[must_use]
pub fn paired_difference(a: &[(u64, f64)], b: &[(u64, f64)], seed: u64) -> Option<Estimate> {
    Bootstrap::new(seed).difference(a, b)
}

impl Bootstrap {
    /// As [`paired_difference`] with this seed.
    #[must_use]
    pub fn difference(&mut self, a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Estimate> {
        let other: BTreeMap<u64, f64> = block_medians(b)?.into_iter().collect();
        let differences: Vec<f64> = block_medians(a)?
            .into_iter()
            .filter_map(|(block, x)| other.get(&block).map(|&y| x - y))
            .collect();
        self.median(&differences)
    }
}

/// The interval of a ratio from that of its logarithm, if it is representable.
fn ratio_interval(logs: Interval) -> Option<Interval> {
    Some(Interval {
        low: finite(logs.low.exp())?,
        high: finite(logs.high.exp())?,
    })
}

/// ln(a) − ln(b) for each block that both have.
fn paired_logs(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Vec<f64>> {
    let positive = |v: f64| (v > 0.0).then(|| v.ln());
    let other: BTreeMap<u64, f64> = block_medians(b)?.into_iter().collect();
    block_medians(a)?
        .into_iter()
        .filter_map(|(block, x)| other.get(&block).map(|&y| (x, y)))
        .map(|(x, y)| Some(positive(x)? - positive(y)?))
        .collect()
}

/// Geometric mean, exp of the mean of the logarithms: the only mean of ratios
/// that does not depend on which arm is the denominator (P. J. Fleming and
/// J. J. Wallace, "How not to lie with statistics", CACM 29, 1986).
///
/// `None` if empty, or a value is not finite and above zero.
#[must_use]
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() || values.iter().any(|&v| !v.is_finite() || v <= 0.0) {
        return None;
    }
    let sum: f64 = values.iter().map(|v| v.ln()).sum();
    finite((sum / values.len() as f64).exp())
}

/// How far apart two arms come out that are the same arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseFloor {
    /// The effect of the twin over its original; the truth is a ratio of 1.
    pub effect: Effect,
}

impl NoiseFloor {
    /// Noise floor of an A/A pair. `None` as for [`paired_effect`].
    #[must_use]
    pub fn of(original: &[(u64, f64)], twin: &[(u64, f64)], seed: u64) -> Option<Self> {
        paired_effect(twin, original, seed).map(|effect| Self { effect })
    }

    /// |ln ratio| of the pair: how far apart they came out this time.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.effect.ratio.ln().abs()
    }

    /// The floor as a share (0.03 = 3 %): the end of the 95 % interval that is
    /// farther from 1. The distance itself would often be near zero by luck,
    /// and a floor that is too low makes noise look like news.
    #[must_use]
    pub fn share(&self) -> f64 {
        let far = self
            .effect
            .p95
            .low
            .ln()
            .abs()
            .max(self.effect.p95.high.ln().abs());
        far.exp_m1()
    }

    /// Whether the pair differs by more than chance: its 99 % interval
    /// excludes 1. Then the order of the arms, or the machine, favours one of
    /// them, and no other comparison of the run is better than that.
    #[must_use]
    pub fn is_biased(&self) -> bool {
        !self.effect.p99.contains(1.0)
    }
}
