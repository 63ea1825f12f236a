//! Properties that hold for any input.

use assay_stats::*;
use proptest::prelude::*;

/// Anything a float can be, so that totality is really tested.
fn wild() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop::num::f64::ANY, 0..12)
}

/// Values such as are measured.
fn sane() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(1.0..1e9_f64, 1..40)
}

fn blocks(values: &[f64]) -> Vec<(u64, f64)> {
    (0..).zip(values.iter().copied()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics_or_returns_nan(values in wild(), more in wild(), p in prop::num::f64::ANY) {
        for found in [
            median(&values), quantile(&values, p), quantile(&values, 0.3), mean(&values),
            standard_deviation(&values), coefficient_of_variation(&values), mad(&values),
            geometric_mean(&values), tail(&values, p).and_then(Quantile::value),
        ].into_iter().flatten() {
            prop_assert!(found.is_finite());
        }
        prop_assert_eq!(mad_flags(&values).len(), values.len());
        prop_assert_eq!(tukey_flags(&values).len(), values.len());
        if let Some(e) = median_estimate(&values, 1) {
            prop_assert!(e.median.is_finite() && e.p99.low.is_finite() && e.p99.high.is_finite());
        }
        if let Some(e) = paired_effect(&blocks(&values), &blocks(&more), 1) {
            prop_assert!(e.ratio.is_finite() && !e.p99.low.is_nan() && !e.p99.high.is_nan());
        }
        let points: Vec<(f64, f64)> = values.iter().copied().zip(more.iter().copied()).collect();
        if let Some(line) = theil_sen(&points) {
            prop_assert!(line.slope.is_finite() && line.intercept.is_finite());
        }
        for warning in warnings(&values, &Conditions { steal: Some(p), ..Conditions::default() }) {
            prop_assert!(!warning.to_string().is_empty());
        }
    }

    #[test]
    fn the_median_splits_the_values(values in sane()) {
        let m = median(&values).unwrap();
        let half = values.len() / 2;
        prop_assert!(values.iter().filter(|&&v| v < m).count() <= half);
        prop_assert!(values.iter().filter(|&&v| v > m).count() <= half);
        prop_assert_eq!(quantile(&values, 0.5).map(|q| (q - m).abs() <= 1e-9 * m), Some(true));
    }

    #[test]
    fn quantiles_grow_with_p(values in sane(), p in 0.0..1.0_f64, q in 0.0..1.0_f64) {
        let (low, high) = (p.min(q), p.max(q));
        prop_assert!(quantile(&values, low).unwrap() <= quantile(&values, high).unwrap());
    }

    #[test]
    fn intervals_nest_and_hold_the_median(values in sane(), seed in any::<u64>()) {
        let e = median_estimate(&values, seed).unwrap();
        prop_assert!(e.p99.low <= e.p95.low && e.p95.high <= e.p99.high);
        prop_assert!(e.p95.contains(e.median));
        let (min, max) = (quantile(&values, 0.0).unwrap(), quantile(&values, 1.0).unwrap());
        prop_assert!(min <= e.p99.low && e.p99.high <= max);
    }

    #[test]
    fn order_does_not_matter_but_the_seed_is_all(values in sane(), seed in any::<u64>()) {
        let mut reversed = values.clone();
        reversed.reverse();
        prop_assert_eq!(median_estimate(&values, seed), median_estimate(&reversed, seed));
    }

    #[test]
    fn scaling_scales_and_swapping_inverts(values in sane(), factor in 0.1..10.0_f64) {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
        let a = blocks(&values);
        let scaled: Vec<(u64, f64)> = a.iter().map(|&(b, v)| (b, v * factor)).collect();
        let e = paired_effect(&scaled, &a, 5).unwrap();
        prop_assert!(near(e.ratio, factor) && near(e.p99.low, factor) && near(e.p99.high, factor));
        let back = paired_effect(&a, &scaled, 5).unwrap();
        prop_assert!(near(back.ratio, 1.0 / factor));
    }

    #[test]
    fn the_line_finds_an_exact_line(
        slope in -1e6..1e6_f64, intercept in -1e9..1e9_f64,
        xs in prop::collection::btree_set(1_u32..100_000, 2..15),
    ) {
        let points: Vec<(f64, f64)> =
            xs.iter().map(|&x| (f64::from(x), intercept + slope * f64::from(x))).collect();
        let line = theil_sen(&points).unwrap();
        let scale = slope.abs() * 1e5 + intercept.abs() + 1.0;
        prop_assert!((line.slope - slope).abs() <= 1e-9 * scale);
        prop_assert!((line.intercept - intercept).abs() <= 1e-3 * scale);
        prop_assert_eq!(line.slope_p95.is_some(), points.len() >= 5);
    }

    #[test]
    fn the_geometric_mean_is_between_the_extremes_and_inverts(values in sane()) {
        let g = geometric_mean(&values).unwrap();
        let inverse: Vec<f64> = values.iter().map(|v| 1.0 / v).collect();
        let (min, max) = (quantile(&values, 0.0).unwrap(), quantile(&values, 1.0).unwrap());
        prop_assert!(min * (1.0 - 1e-9) <= g && g <= max * (1.0 + 1e-9));
        prop_assert!((geometric_mean(&inverse).unwrap() * g - 1.0).abs() < 1e-9);
    }

    #[test]
    fn without_an_upward_shift_there_is_no_regression(ratio in 0.1..1.0_f64, change in any::<f64>()) {
        let same = |r: f64| Effect {
            ratio: r,
            p95: Interval { low: r, high: r },
            p99: Interval { low: r, high: r },
            n: 10,
        };
        let gate = Gate {
            effect: same(ratio), floor: Some(NoiseFloor { effect: same(1.0) }), change,
            smallest_change: 0.0, pooled_ratio: Some(2.0), rerun: Some(same(2.0)),
        };
        prop_assert_eq!(regression(&gate), GateVerdict::NotSignificant);
    }
}

/// The smoke run has about 20 pairs of arm and workload; the intervals of all
/// of them must not be felt. The quickest of some attempts counts, because a busy
/// machine only ever makes it slower.
#[test]
fn a_smoke_run_of_intervals_is_quick() {
    let values: Vec<f64> = (0..10).map(|i| 1e6 + f64::from(i * i) * 1e4).collect();
    let attempt = |_| {
        let start = std::time::Instant::now();
        for seed in 0..60 {
            std::hint::black_box(median_estimate(&values, seed));
        }
        start.elapsed()
    };
    let took = (0..5).map(attempt).min().unwrap();
    assert!(took.as_millis() < 500, "60 intervals took {took:?}");
}
