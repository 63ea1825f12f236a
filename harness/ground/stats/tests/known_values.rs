//! Values worked out by hand, from tables, or from the cited definitions.

use assay_stats::quantile::samples_needed;
use assay_stats::*;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

#[test]
fn quantiles_follow_definition_seven() {
    // h = (5 − 1)·0.3 = 1.2 → 20 + 0.2·(35 − 20) = 23.
    let values = [50.0, 15.0, 40.0, 20.0, 35.0];
    assert!(close(quantile(&values, 0.3).unwrap(), 23.0));
    assert_eq!(quantile(&values, 0.0), Some(15.0));
    assert_eq!(quantile(&values, 1.0), Some(50.0));
    assert_eq!(median(&values), Some(35.0));
    assert_eq!(median(&[1.0, 2.0]), Some(1.5));
    assert_eq!(median(&[7.0]), Some(7.0));
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[1.0, f64::NAN]), None);
    assert_eq!(quantile(&values, 1.1), None);
}

#[test]
fn tails_need_ten_samples_beyond_them() {
    assert_eq!(samples_needed(0.5), 1);
    assert_eq!(samples_needed(0.9), 100);
    assert_eq!(samples_needed(0.99), 1000);
    assert_eq!(samples_needed(0.999), 10_000);
    assert_eq!(samples_needed(0.01), 1000);
    let ramp: Vec<f64> = (0..100).map(f64::from).collect();
    assert!(tail(&ramp, 0.9).unwrap().value().is_some());
    assert_eq!(
        tail(&ramp[1..], 0.9),
        Some(Quantile::NotPrinted { n: 99, needs: 100 })
    );
    assert_eq!(
        tail(&ramp, 0.99).unwrap().to_string(),
        "not printed (n = 100, needs 1000)"
    );
}

#[test]
fn spread_matches_textbook_values() {
    let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
    assert_eq!(mean(&values), Some(5.0));
    // Σ(x − 5)² = 32, over n − 1 = 7.
    assert!(close(
        standard_deviation(&values).unwrap(),
        (32.0_f64 / 7.0).sqrt()
    ));
    assert!(close(
        coefficient_of_variation(&values).unwrap(),
        (32.0_f64 / 7.0).sqrt() / 5.0
    ));
    // Deviations from 2: 1 1 0 0 2 4 7, middle 1.
    assert_eq!(mad(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), Some(1.0));
    assert_eq!(standard_deviation(&[1.0]), None);
    assert_eq!(coefficient_of_variation(&[-1.0, 1.0]), None);
}

#[test]
fn a_far_value_is_flagged_and_kept() {
    let values = [10.0, 10.1, 9.9, 10.2, 9.8, 10.0, 30.0];
    let expected = [false, false, false, false, false, false, true];
    assert_eq!(mad_flags(&values), expected);
    assert_eq!(tukey_flags(&values), expected);
    assert_eq!(mad_flags(&[1.0, 1.0, 1.0, 1.0, 5.0]), [false; 5]);
    assert_eq!(tukey_flags(&[1.0, 100.0]), [false; 2]);
}

#[test]
fn the_interval_of_a_constant_is_the_constant() {
    let e = median_estimate(&[4.0; 9], 1).unwrap();
    assert_eq!((e.median, e.p95.low, e.p99.high, e.n), (4.0, 4.0, 4.0, 9));
    assert!(median_estimate(&[], 1).is_none());
    let one = median_estimate(&[3.0], 1).unwrap();
    assert_eq!((one.p95.low, one.p95.high), (3.0, 3.0));
}

#[test]
fn the_bootstrap_reproduces_the_binomial_of_three_values() {
    // The median of a resample of {1,2,3} is 1 when at least two draws are 1:
    // 3·(1/3)²·(2/3) + (1/3)³ = 7/27 ≈ 26 %, so both 95 % ends are the extremes.
    let e = median_estimate(&[1.0, 2.0, 3.0], 7).unwrap();
    assert_eq!((e.p95.low, e.p95.high), (1.0, 3.0));
    // For 0..=20: P(resampled median ≤ 4) = P(Bin(21, 5/21) ≥ 11) ≈ 0.4 %, and
    // P(≤ 6) = P(Bin(21, 7/21) ≥ 11) ≈ 5.6 %: the 2.5 % point is 5 or 6.
    let ramp: Vec<f64> = (0..21).map(f64::from).collect();
    let e = median_estimate(&ramp, 7).unwrap();
    assert!((5.0..=6.0).contains(&e.p95.low), "{e:?}");
    assert!((14.0..=15.0).contains(&e.p95.high), "{e:?}");
}

#[test]
fn effects_are_paired_by_block() {
    // The blocks differ tenfold, the arms by exactly two.
    let a: Vec<(u64, f64)> = (0..9).map(|b| (b, 2.0 * 10f64.powi(b as i32))).collect();
    let b: Vec<(u64, f64)> = (0..9).rev().map(|b| (b, 10f64.powi(b as i32))).collect();
    let e = paired_effect(&a, &b, 3).unwrap();
    assert!(close(e.ratio, 2.0) && close(e.p99.low, 2.0) && close(e.p99.high, 2.0));
    assert_eq!(e.n, 9);
    assert!(paired_effect(&a, &[(99, 1.0)], 3).is_none());
    assert!(paired_effect(&[(0, 0.0)], &[(0, 1.0)], 3).is_none());
    assert!(close(geometric_mean(&[1.0, 4.0, 16.0]).unwrap(), 4.0));
    assert_eq!(geometric_mean(&[1.0, 0.0]), None);
    assert_eq!(geometric_mean(&[]), None);
}

#[test]
fn an_identical_twin_has_no_floor_and_a_shifted_one_is_biased() {
    let a: Vec<(u64, f64)> = (0..12).map(|b| (b, 5.0 + b as f64)).collect();
    let same = NoiseFloor::of(&a, &a, 1).unwrap();
    assert_eq!((same.distance(), same.share()), (0.0, 0.0));
    assert!(!same.is_biased());
    let shifted: Vec<_> = a.iter().map(|&(b, v)| (b, v * 1.1)).collect();
    let floor = NoiseFloor::of(&a, &shifted, 1).unwrap();
    assert!(floor.is_biased());
    assert!(close(floor.share(), 0.1));
}

#[test]
fn the_line_shrugs_off_an_outlier() {
    let mut points: Vec<(f64, f64)> = [1.0, 64.0, 128.0, 256.0, 512.0, 768.0, 1000.0]
        .iter()
        .map(|&x| (x, 12_000.0 + 46.0 * x))
        .collect();
    points[3].1 *= 3.0;
    let line = theil_sen(&points).unwrap();
    assert!(close(line.slope, 46.0), "{line:?}");
    assert!(close(line.intercept, 12_000.0), "{line:?}");
    assert!(line.slope_p95.unwrap().contains(46.0));
}

#[test]
fn sens_interval_is_that_of_kendalls_table() {
    // n = 5: P(S = 10) = 1/120 ≤ 2.5 %, P(S ≥ 8) = 5/120 > 2.5 %: the whole
    // range of the ten slopes.
    let points = [(1.0, 1.0), (2.0, 2.5), (3.0, 2.9), (4.0, 4.2), (5.0, 5.0)];
    let line = theil_sen(&points).unwrap();
    let interval = line.slope_p95.unwrap();
    assert!(
        close(interval.low, 0.4) && close(interval.high, 1.5),
        "{interval:?}"
    );
    // n = 4: the widest has 1 − 2/24 = 91.7 %, so there is no 95 % interval.
    assert!(theil_sen(&points[..4]).unwrap().slope_p95.is_none());
    // n = 10: of 45 slopes, the tables give the critical S = 23 at 2.5 %
    // one-sided, i.e. inversions ≤ 11; the ends are the 12th from outside… less
    // the one that exceeds: P(S ≥ 23) = 0.0233, P(S ≥ 21) = 0.0363.
    let ten: Vec<(f64, f64)> = (0..10)
        .map(|i| (f64::from(i), f64::from(i * i % 7)))
        .collect();
    let mut slopes = Vec::new();
    for i in 0..10 {
        for j in i + 1..10 {
            slopes.push((ten[j].1 - ten[i].1) / (ten[j].0 - ten[i].0));
        }
    }
    slopes.sort_by(f64::total_cmp);
    let interval = theil_sen(&ten).unwrap().slope_p95.unwrap();
    assert!(close(interval.low, slopes[11]) && close(interval.high, slopes[45 - 12]));
}

#[test]
fn repeated_x_uses_only_pairs_that_have_a_slope() {
    let points: Vec<(f64, f64)> = (0..12)
        .map(|i| (f64::from(i / 2), 3.0 * f64::from(i / 2)))
        .collect();
    let line = theil_sen(&points).unwrap();
    assert!(close(line.slope, 3.0) && line.slope_p95.unwrap().contains(3.0));
    assert!(theil_sen(&[(1.0, 1.0), (1.0, 2.0)]).is_none());
    assert!(theil_sen(&[(1.0, 1.0)]).is_none());
    assert!(theil_sen(&[(1.0, f64::INFINITY), (2.0, 0.0)]).is_none());
}

fn effect(ratio: f64, half: f64) -> Effect {
    let around = |h: f64| Interval {
        low: ratio - h,
        high: ratio + h,
    };
    Effect {
        ratio,
        p95: around(half * 0.7),
        p99: around(half),
        n: 30,
    }
}

#[test]
fn a_regression_needs_every_condition() {
    let yes = Gate {
        effect: effect(1.2, 0.05),
        floor: Some(NoiseFloor {
            effect: effect(1.0, 0.02),
        }),
        change: 200.0,
        smallest_change: 100.0,
        pooled_ratio: Some(1.1),
        rerun: Some(effect(1.18, 0.05)),
    };
    assert_eq!(regression(&yes), GateVerdict::Regression);
    let with = |f: fn(&mut Gate)| {
        let mut gate = yes;
        f(&mut gate);
        regression(&gate)
    };
    assert_eq!(
        with(|g| g.effect = effect(1.2, 0.3)),
        GateVerdict::NotSignificant
    );
    assert_eq!(
        with(|g| g.effect = effect(0.8, 0.05)),
        GateVerdict::NotSignificant
    );
    assert_eq!(
        with(|g| g.effect = effect(1.04, 0.01)),
        GateVerdict::TooSmall { needs: 0.05 }
    );
    assert!(matches!(
        with(|g| g.floor = Some(NoiseFloor { effect: effect(1.0, 0.2) })),
        GateVerdict::TooSmall { needs } if needs > 0.2
    ));
    assert_eq!(with(|g| g.change = 50.0), GateVerdict::BelowAbsoluteFloor);
    assert_eq!(
        with(|g| g.change = f64::NAN),
        GateVerdict::BelowAbsoluteFloor
    );
    assert_eq!(
        with(|g| g.pooled_ratio = Some(0.99)),
        GateVerdict::PooledDisagrees
    );
    assert_eq!(
        with(|g| g.pooled_ratio = None),
        GateVerdict::PooledDisagrees
    );
    assert_eq!(with(|g| g.floor = None), GateVerdict::NoFloor);
    assert_eq!(with(|g| g.rerun = None), GateVerdict::NeedsRerun);
    assert_eq!(
        with(|g| g.rerun = Some(effect(1.01, 0.05))),
        GateVerdict::NotConfirmed
    );
}

#[test]
fn warnings_say_what_to_do() {
    let calm = Conditions::default();
    assert!(warnings(&[10.0, 10.1, 9.9, 10.05, 9.95], &calm).is_empty());
    let found = warnings(&[40.0, 10.1, 9.9, 10.0, 10.05, 10.0], &calm);
    assert!(matches!(found[0], Warning::SlowFirstRun { ratio } if ratio > 3.9));
    assert!(matches!(found[1], Warning::Noisy { .. }));
    assert!(matches!(found[2], Warning::Outliers { flagged: 1, n: 6 }));
    assert!(found[0].to_string().contains("raise the number of warm-up"));
    let busy = Conditions {
        steal: Some(0.05),
        load_per_core: Some(1.5),
        throttled: Some(3),
    };
    assert_eq!(warnings(&[], &busy).len(), 3);
    for warning in warnings(&[], &busy) {
        let text = warning.to_string();
        assert!(text.contains(": "), "no advice in `{text}`");
    }
}

#[test]
fn a_difference_is_taken_within_blocks() {
    // Each block is slower than the one before by more than what a costs over
    // b: medians of the whole would not show it, pairs do. Block 9 has no
    // partner.
    let b: Vec<(u64, f64)> = (0..9_u32)
        .map(|i| (u64::from(i), f64::from(i) * 1000.0))
        .collect();
    let mut a: Vec<(u64, f64)> = b.iter().map(|&(i, v)| (i, v + 300.0)).collect();
    a.push((9, 5.0));
    let found = paired_difference(&a, &b, 7).unwrap();
    assert_eq!(
        (found.median, found.p95.low, found.p95.high, found.n),
        (300.0, 300.0, 300.0, 9)
    );
    // The other way round it is negative, not gone.
    let back = paired_difference(&b, &a, 7).unwrap();
    assert_eq!(back.median, -300.0);
    let each = found.per(100.0).unwrap();
    assert_eq!((each.median, each.p99.high, each.n), (3.0, 3.0, 9));
    assert_eq!(found.per(0.0), None);
    assert_eq!(paired_difference(&a, &[], 7), None);
    assert_eq!(paired_difference(&[(0, f64::NAN)], &[(0, 1.0)], 7), None);
}
