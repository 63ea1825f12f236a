//! Location and spread, and flags for outliers. Flags only: a launch that took
//! long took long, and removing it would be choosing the result.

use crate::quantile::{median_of_sorted, quantile_of_sorted};
use crate::{finite, sorted_finite};

/// Arithmetic mean, in the unit of the input. `None` if empty or non-finite.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    finite(values.iter().sum::<f64>() / values.len() as f64)
}

/// Sample standard deviation with n − 1 in the denominator (Bessel), in the
/// unit of the input. `None` for fewer than two values or non-finite ones.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let centre = mean(values)?;
    let squares: f64 = values.iter().map(|v| (v - centre).powi(2)).sum();
    finite((squares / (values.len() - 1) as f64).sqrt())
}

/// Coefficient of variation: standard deviation / |mean|, a plain ratio.
///
/// `None` for fewer than two values, non-finite ones, or a mean of zero.
#[must_use]
pub fn coefficient_of_variation(values: &[f64]) -> Option<f64> {
    let centre = mean(values)?;
    if centre == 0.0 {
        return None;
    }
    finite(standard_deviation(values)? / centre.abs())
}

/// Median absolute deviation from the median, *unscaled*, in the unit of the
/// input. `None` if empty or non-finite.
#[must_use]
pub fn mad(values: &[f64]) -> Option<f64> {
    let centre = median_of_sorted(&sorted_finite(values)?)?;
    let deviations: Vec<f64> = values.iter().map(|v| (v - centre).abs()).collect();
    median_of_sorted(&sorted_finite(&deviations)?)
}

/// Scales a MAD to a standard deviation under normality: 1 / Φ⁻¹(3/4).
const MAD_TO_SIGMA: f64 = 1.482_602_218_505_602;

/// A modified z-score beyond 3.5 is flagged: B. Iglewicz and D. C. Hoaglin,
/// "How to Detect and Handle Outliers", ASQC (1993), chapter 3.
pub const MAD_LIMIT: f64 = 3.5;

/// Tukey's fences: 1.5 × the interquartile range beyond the quartiles
/// (J. W. Tukey, "Exploratory Data Analysis", 1977, section 2C).
pub const TUKEY_REACH: f64 = 1.5;

/// Too few values to call any of them an outlier: quartiles of fewer than four
/// values are interpolations between the same two or three numbers.
const FEWEST_FOR_FLAGS: usize = 4;

/// One flag per value: is `|x − median| / (1.4826 · MAD)` above [`MAD_LIMIT`]?
///
/// Where more than half of the values are equal the MAD is 0 and says nothing;
/// then no value is flagged. Nor is any among fewer than four, or in an input
/// that is not finite. The result is always as long as the input.
#[must_use]
pub fn mad_flags(values: &[f64]) -> Vec<bool> {
    let none = vec![false; values.len()];
    if values.len() < FEWEST_FOR_FLAGS {
        return none;
    }
    let Some(sorted) = sorted_finite(values) else {
        return none;
    };
    let (Some(centre), Some(spread)) = (median_of_sorted(&sorted), mad(values)) else {
        return none;
    };
    if spread == 0.0 {
        return none;
    }
    let limit = MAD_LIMIT * MAD_TO_SIGMA * spread;
    values.iter().map(|v| (v - centre).abs() > limit).collect()
}

/// One flag per value: does it lie outside Tukey's fences,
/// `[Q1 − 1.5·IQR, Q3 + 1.5·IQR]` with type 7 quartiles?
///
/// Same exceptions as [`mad_flags`].
#[must_use]
pub fn tukey_flags(values: &[f64]) -> Vec<bool> {
    let none = vec![false; values.len()];
    if values.len() < FEWEST_FOR_FLAGS {
        return none;
    }
    let Some(sorted) = sorted_finite(values) else {
        return none;
    };
    let (Some(q1), Some(q3)) = (
        quantile_of_sorted(&sorted, 0.25),
        quantile_of_sorted(&sorted, 0.75),
    ) else {
        return none;
    };
    let reach = TUKEY_REACH * (q3 - q1);
    if reach == 0.0 || !reach.is_finite() {
        return none;
    }
    values
        .iter()
        .map(|&v| v < q1 - reach || v > q3 + reach)
        .collect()
}
