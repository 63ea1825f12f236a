//! Axes: from values to pixels, with round ticks and their unit.

use assay_model::Unit;

use super::canvas::{Align, Canvas};
use super::theme::Ink;
use crate::format::{self, Scale};

/// A horizontal or vertical axis over raw values of one unit.
pub(super) struct Axis {
    unit: Unit,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    log: bool,
}

impl Axis {
    /// A logarithmic axis from the round value below the smallest to that above
    /// the largest of the values that are above zero. Round are powers of ten,
    /// and of four for bytes, whose units are binary: 64 KiB, 256 KiB, 1 MiB.
    pub(super) fn log(unit: Unit, values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for v in values.filter(|&v| v > 0.0 && v.is_finite()) {
            low = low.min(v);
            high = high.max(v);
        }
        if low > high {
            (low, high) = (1.0, 10.0);
        }
        let base = base(unit);
        let low = base.powf((low.ln() / base.ln() + ROUNDING).floor());
        let mut high = base.powf((high.ln() / base.ln() - ROUNDING).ceil());
        if high <= low {
            high = low * base;
        }
        Self {
            unit,
            low,
            high,
            from,
            to,
            log: true,
        }
    }

    /// A linear axis from zero to a little above the largest value: the length
    /// of a bar must be its value.
    pub(super) fn linear(unit: Unit, largest: f64, from: f64, to: f64) -> Self {
        let high = if largest > 0.0 && largest.is_finite() {
            largest * 1.02
        } else {
            1.0
        };
        Self {
            unit,
            low: 0.0,
            high,
            from,
            to,
            log: false,
        }
    }

    /// The pixel of a value; values outside are drawn at the edge.
    pub(super) fn at(&self, value: f64) -> f64 {
        let part = if self.log {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + part.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// The unit of the tick labels of a linear axis.
    fn scale(&self) -> Scale {
        format::scale_for(self.unit, self.high)
    }

    /// Values and labels of the ticks.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        if self.log {
            let base = base(self.unit);
            let steps = ((self.high / self.low).ln() / base.ln()).round() as i32;
            // At most about ten labels, or they would touch.
            let stride = (steps / 10 + 1) as usize;
            return (0..=steps)
                .step_by(stride)
                .map(|power| {
                    let value = self.low * base.powi(power);
                    (value, tick_label(self.unit, value))
                })
                .collect();
        }
        let scale = self.scale();
        let top = self.high / scale.divisor;
        let step = round_step(top / 5.0, self.unit);
        (0..=12)
            .map(|k| f64::from(k) * step)
            .take_while(|&v| v <= top)
            .map(|v| {
                let digits = (-step.log10().floor()).max(0.0) as usize;
                let label = match self.unit {
                    Unit::Count => format::count(v),
                    _ if v == 0.0 => "0".to_owned(),
                    _ => format!("{v:.digits$} {}", scale.name),
                };
                (v * scale.divisor, label)
            })
            .collect()
    }

    /// Grid lines and labels below (and, for tall charts, above) a horizontal
    /// axis that spans `top..bottom`.
    pub(super) fn draw_horizontal(&self, c: &Canvas<'_>, top: f64, bottom: f64, above: bool) {
        for (value, label) in self.ticks() {
            let x = self.at(value);
            c.line((x, top), (x, bottom), Ink::Grid, 1);
            c.text(x, bottom + 14.0, Align::Middle, Ink::Muted, &label);
            if above {
                c.text(x, top - 12.0, Align::Middle, Ink::Muted, &label);
            }
        }
    }

    /// Grid lines and labels at the left of a vertical axis.
    pub(super) fn draw_vertical(&self, c: &Canvas<'_>, left: f64, right: f64) {
        for (value, label) in self.ticks() {
            let y = self.at(value);
            c.line((left, y), (right, y), Ink::Grid, 1);
            c.text(left - 8.0, y, Align::Right, Ink::Muted, &label);
        }
    }
}

/// Between a power of the base and its neighbour in floating point.
const ROUNDING: f64 = 1e-9;

/// The step of a logarithmic axis.
fn base(unit: Unit) -> f64 {
    match unit {
        Unit::Bytes => 4.0,
        Unit::Ns | Unit::Count => 10.0,
    }
}

/// `10 µs`, `256 KiB`: ticks are whole numbers of their unit.
fn tick_label(unit: Unit, value: f64) -> String {
    // A hair more, so that 1 ms is not written as 1,000 µs.
    let scale = format::scale_for(unit, value * (1.0 + ROUNDING));
    format!("{} {}", format::count(value / scale.divisor), scale.name)
        .trim_end()
        .to_owned()
}

/// The next round step: 1, 2 or 5 times a power of ten. Counts have no halves.
fn round_step(raw: f64, unit: Unit) -> f64 {
    let raw = if unit == Unit::Count {
        raw.max(1.0)
    } else {
        raw
    };
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|&s| s >= raw * 0.999);
    step.unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_ticks_are_round_with_units() {
        let axis = Axis::log(Unit::Ns, [23_000.0, 41e6].into_iter(), 0.0, 400.0);
        let labels: Vec<String> = axis.ticks().into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["10 µs", "100 µs", "1 ms", "10 ms", "100 ms"]);
        assert!((axis.at(1e6) - 200.0).abs() < 1e-6);
        assert_eq!(axis.at(0.0), 0.0);
        let axis = Axis::log(Unit::Bytes, [31e3, 14e6].into_iter(), 0.0, 400.0);
        let labels: Vec<String> = axis.ticks().into_iter().map(|t| t.1).collect();
        assert_eq!(
            labels,
            ["16 KiB", "64 KiB", "256 KiB", "1 MiB", "4 MiB", "16 MiB"]
        );
    }

    #[test]
    fn linear_ticks_are_round_and_start_at_zero() {
        let axis = Axis::linear(Unit::Bytes, 46.0 * 1_048_576.0, 0.0, 100.0);
        let labels: Vec<String> = axis.ticks().into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["0", "10 MiB", "20 MiB", "30 MiB", "40 MiB"]);
        let axis = Axis::linear(Unit::Count, 3.0, 0.0, 100.0);
        let labels: Vec<String> = axis.ticks().into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["0", "1", "2", "3"]);
    }

    #[test]
    fn an_axis_of_nothing_still_has_ticks() {
        assert_eq!(
            Axis::log(Unit::Ns, std::iter::empty(), 0.0, 1.0)
                .ticks()
                .len(),
            2
        );
        assert!(Axis::linear(Unit::Ns, 0.0, 0.0, 1.0).ticks().len() > 1);
        assert!(
            Axis::linear(Unit::Ns, f64::NAN, 0.0, 1.0)
                .at(f64::NAN)
                .is_nan()
        );
    }
}
