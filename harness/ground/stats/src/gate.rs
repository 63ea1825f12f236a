//! When a change between two records counts as a regression.
//!
//! One condition alone always lies somewhere: significance finds tiny shifts,
//! a threshold finds noise. So all of them must hold, and the verdict names
//! the first that did not (`reports/METHODOLOGY.md`, "Gates").

use std::fmt;

use crate::bootstrap::Level;
use crate::effect::{Effect, NoiseFloor};

/// A change below this share is never a regression, however certain.
pub const SMALLEST_SHARE: f64 = 0.05;

/// A change must exceed this many times the noise floor of the run.
pub const FLOORS: f64 = 2.0;

/// What is known of one metric of one arm before and after. Ratios are new /
/// old with *larger = worse*; for a metric where larger is better the caller
/// hands over old / new.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// new / old over blocks.
    pub effect: Effect,
    /// Noise floor of the run; `None` when it had no A/A arm.
    pub floor: Option<NoiseFloor>,
    /// new − old of the medians, in the metric's unit.
    pub change: f64,
    /// The smallest change that matters, in the metric's unit.
    pub smallest_change: f64,
    /// Ratio pooled over all workloads and cases of the metric.
    pub pooled_ratio: Option<f64>,
    /// The effect in a second run; `None` while there was none.
    pub rerun: Option<Effect>,
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GateVerdict {
    /// All conditions hold.
    Regression,
    /// The 99 % interval includes 1, or lies below it.
    NotSignificant,
    /// Significant, but smaller than max(5 %, 2 × floor).
    TooSmall {
        /// The share it would have to exceed.
        needs: f64,
    },
    /// Significant, but the change itself is below the metric's floor.
    BelowAbsoluteFloor,
    /// The metric pooled over its parameterisations does not agree.
    PooledDisagrees,
    /// The run had no A/A arm, so nothing can be told from noise.
    NoFloor,
    /// Everything else holds: run again to be sure.
    NeedsRerun,
    /// The second run did not show it.
    NotConfirmed,
}

impl fmt::Display for GateVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regression => write!(f, "regression"),
            Self::NotSignificant => write!(f, "no significant change (99 % interval)"),
            Self::TooSmall { needs } => write!(
                f,
                "significant but below {:.1} %, the larger of 5 % and twice the noise floor",
                needs * 100.0
            ),
            Self::BelowAbsoluteFloor => {
                write!(f, "significant but too small a change in absolute terms")
            }
            Self::PooledDisagrees => {
                write!(f, "seen here, but not over all workloads of the metric")
            }
            Self::NoFloor => write!(
                f,
                "inconclusive: the run has no A/A arm; run again with the twin arm selected"
            ),
            Self::NeedsRerun => write!(f, "suspected: run again to confirm"),
            Self::NotConfirmed => write!(f, "suspected, but a second run did not show it"),
        }
    }
}

/// Whether `effect` excludes 1 upwards at 99 %.
fn is_worse(effect: &Effect) -> bool {
    effect.interval(Level::P99).low > 1.0
}

/// The gate. A regression needs all of: the 99 % interval lies above 1; the
/// effect exceeds max(5 %, 2 × floor); the change exceeds the metric's absolute
/// floor; the pooled ratio points the same way; a re-run shows it too.
#[must_use]
pub fn regression(gate: &Gate) -> GateVerdict {
    if !is_worse(&gate.effect) {
        return GateVerdict::NotSignificant;
    }
    let Some(floor) = gate.floor else {
        return GateVerdict::NoFloor;
    };
    let needs = SMALLEST_SHARE.max(FLOORS * floor.share());
    let exceeds = |effect: &Effect| effect.ratio - 1.0 > needs;
    if !exceeds(&gate.effect) {
        return GateVerdict::TooSmall { needs };
    }
    // A NaN compares with nothing, so it is not a regression either.
    let matters = gate.change > gate.smallest_change;
    if !matters {
        return GateVerdict::BelowAbsoluteFloor;
    }
    if !gate.pooled_ratio.is_some_and(|ratio| ratio > 1.0) {
        return GateVerdict::PooledDisagrees;
    }
    match &gate.rerun {
        None => GateVerdict::NeedsRerun,
        Some(again) if is_worse(again) && exceeds(again) => GateVerdict::Regression,
        Some(_) => GateVerdict::NotConfirmed,
    }
}
