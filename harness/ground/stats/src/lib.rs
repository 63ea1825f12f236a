//! Pure statistics over slices of numbers.
//!
//! Nothing here knows of files, arms or units: a value comes back in the unit
//! it came in with, and ratios are plain numbers. Every function is *total*:
//! an input too small, or one that holds a NaN or an infinity, gives `None`
//! (or a named reason), never a panic and never a NaN.
//!
//! The methods and the reasons for them are those of `reports/METHODOLOGY.md`:
//!
//! | module | what |
//! | --- | --- |
//! | [`mod@quantile`] | median, Hyndman–Fan type 7 quantiles, the rule of how many samples a tail needs |
//! | [`spread`] | mean, standard deviation, coefficient of variation, MAD, outlier flags |
//! | [`bootstrap`] | percentile intervals of a median, resampled over blocks |
//! | [`effect`] | paired ratios and differences over blocks, geometric mean, the A/A noise floor |
//! | [`mod@line`] | Theil–Sen line with Sen's interval |
//! | [`gate`] | when a change counts as a regression |
//! | [`warning`] | what is suspicious in a set of samples, and what to do about it |

pub mod bootstrap;
pub mod effect;
pub mod gate;
pub mod line;
pub mod quantile;
pub mod spread;
pub mod warning;

pub use bootstrap::{
    Bootstrap, Estimate, Interval, Level, RESAMPLES, block_medians, median_estimate,
};
pub use effect::{Effect, NoiseFloor, geometric_mean, paired_difference, paired_effect};
pub use gate::{Gate, GateVerdict, regression};
pub use line::{Line, theil_sen};
pub use quantile::{Quantile, median, quantile, tail};
pub use spread::{coefficient_of_variation, mad, mad_flags, mean, standard_deviation, tukey_flags};
pub use warning::{Conditions, Warning, warnings};

/// The values sorted ascending, or `None` when one of them is not finite.
///
/// Every function of this crate starts here, so that a NaN is refused in one
/// place and no comparison below can be undefined.
pub(crate) fn sorted_finite(values: &[f64]) -> Option<Vec<f64>> {
    if values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(sorted)
}

/// A finite number or nothing: sums of finite numbers can still overflow.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
