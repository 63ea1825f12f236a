//! Figures for people: three significant digits, a unit, an interval.

use assay_model::Unit;
use assay_stats::{Effect, Estimate, Interval};

/// A divisor with the name of the unit it leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What a raw value is divided by.
    pub divisor: f64,
    /// The name: `ms`, `KiB`.
    pub name: &'static str,
}

const TIMES: [Scale; 4] = [
    Scale {
        divisor: 1.0,
        name: "ns",
    },
    Scale {
        divisor: 1e3,
        name: "µs",
    },
    Scale {
        divisor: 1e6,
        name: "ms",
    },
    Scale {
        divisor: 1e9,
        name: "s",
    },
];

const SIZES: [Scale; 4] = [
    Scale {
        divisor: 1.0,
        name: "B",
    },
    Scale {
        divisor: 1024.0,
        name: "KiB",
    },
    Scale {
        divisor: 1_048_576.0,
        name: "MiB",
    },
    Scale {
        divisor: 1_073_741_824.0,
        name: "GiB",
    },
];

const COUNTS: [Scale; 1] = [Scale {
    divisor: 1.0,
    name: "",
}];

/// The scale in which a raw value reads best.
#[must_use]
pub fn scale_for(unit: Unit, value: f64) -> Scale {
    let scales: &[Scale] = match unit {
        Unit::Ns => &TIMES,
        Unit::Bytes => &SIZES,
        Unit::Count => &COUNTS,
    };
    let mut best = COUNTS[0];
    for (place, scale) in scales.iter().enumerate() {
        if place == 0 || value.abs() >= scale.divisor {
            best = *scale;
        }
    }
    best
}

/// Decimals that give a value three significant digits.
fn decimals(value: f64) -> usize {
    match value.abs() {
        v if v >= 99.95 || v == 0.0 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    }
}

/// A raw value with its unit: `1.23 ms`, `46.2 KiB`, `1,000`.
#[must_use]
pub fn value(unit: Unit, raw: f64) -> String {
    if unit == Unit::Count {
        return count(raw);
    }
    let scale = scale_for(unit, raw);
    let scaled = raw / scale.divisor;
    // Whole bytes and nanoseconds were counted; decimals would be invented.
    let digits = if scale.divisor == 1.0 && scaled.fract() == 0.0 {
        0
    } else {
        decimals(scaled)
    };
    format!("{scaled:.digits$} {}", scale.name)
}

/// A count, thousands apart: `65,530`.
#[must_use]
pub fn count(raw: f64) -> String {
    let digits = format!("{:.0}", raw.abs());
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if raw < 0.0 { format!("−{out}") } else { out }
}

/// An interval in the scale of the value it belongs to: `[1.10–1.31]`.
#[must_use]
pub fn interval(unit: Unit, centre: f64, interval: Interval) -> String {
    let scale = scale_for(unit, centre);
    let digits = decimals(centre / scale.divisor);
    format!(
        "[{:.digits$}–{:.digits$}]",
        interval.low / scale.divisor,
        interval.high / scale.divisor
    )
}

/// A median with its 95 % interval: `1.23 ms [1.10–1.31]`. From one value
/// there is no interval, and none is printed.
#[must_use]
pub fn estimate(unit: Unit, e: &Estimate) -> String {
    let centre = value(unit, e.median);
    if e.n < 2 {
        return centre;
    }
    format!("{centre} {}", interval(unit, e.median, e.p95))
}

/// Ratios reach far below 1, where two decimals would leave one digit.
fn ratio_decimals(raw: f64) -> usize {
    match raw.abs() {
        v if v >= 0.995 || v == 0.0 => decimals(v),
        v => (2.0 - v.log10().floor()).clamp(2.0, 9.0) as usize,
    }
}

/// A ratio: `3.01×`.
#[must_use]
pub fn ratio(raw: f64) -> String {
    let digits = ratio_decimals(raw);
    format!("{raw:.digits$}×")
}

/// A ratio with its 95 % interval: `3.01× [2.90–3.15]`.
#[must_use]
pub fn effect(e: &Effect) -> String {
    let centre = ratio(e.ratio);
    if e.n < 2 {
        return centre;
    }
    let digits = ratio_decimals(e.ratio);
    format!("{centre} [{:.digits$}–{:.digits$}]", e.p95.low, e.p95.high)
}

/// A share as per cent: `3.1 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Breaks text into lines of at most `width` characters, at spaces.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        assert_eq!(value(Unit::Ns, 1_234_567.0), "1.23 ms");
        assert_eq!(value(Unit::Ns, 8.0), "8 ns");
        assert_eq!(value(Unit::Bytes, 47_309.0), "46.2 KiB");
        assert_eq!(value(Unit::Count, 65_530.0), "65,530");
        assert_eq!(value(Unit::Bytes, -2048.0), "-2.00 KiB");
        assert_eq!(count(-1234.0), "−1,234");
        assert_eq!(count(999.0), "999");
        assert_eq!(ratio(0.0123), "0.0123×");
        assert_eq!(ratio(0.00123), "0.00123×");
        assert_eq!(ratio(0.5), "0.500×");
        assert_eq!(percent(0.031), "3.1 %");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert!(wrap("", 5).is_empty());
    }

    #[test]
    fn an_interval_shares_the_unit_of_its_median() {
        let e = Estimate {
            median: 1.5e6,
            p95: Interval {
                low: 0.9e6,
                high: 12e6,
            },
            p99: Interval {
                low: 0.8e6,
                high: 13e6,
            },
            n: 10,
        };
        assert_eq!(estimate(Unit::Ns, &e), "1.50 ms [0.90–12.00]");
        assert_eq!(estimate(Unit::Ns, &Estimate { n: 1, ..e }), "1.50 ms");
    }
}
