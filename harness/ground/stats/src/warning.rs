//! What is suspicious in a set of samples, each with what to do next.

use std::fmt;

use crate::quantile::median;
use crate::spread::{MAD_LIMIT, coefficient_of_variation, mad_flags, tukey_flags};

/// CV above which the spread is reported.
pub const CV_LIMIT: f64 = 0.10;

/// A first run this many times the median of the rest is called slow.
pub const SLOW_FIRST: f64 = 1.5;

/// Share of processor time stolen by the hypervisor that is reported.
pub const STEAL_LIMIT: f64 = 0.01;

/// Runnable tasks per core before the run that are reported.
pub const LOAD_LIMIT: f64 = 0.25;

/// What the machine was doing, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Conditions {
    /// Share of processor time stolen during the run, 0..=1.
    pub steal: Option<f64>,
    /// One-minute load average per core before the run.
    pub load_per_core: Option<f64>,
    /// Thermal or frequency throttling events during the run.
    pub throttled: Option<u64>,
}

/// One thing to know before believing a figure. Its text says what to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Warning {
    /// The first measured run was much slower than the rest.
    SlowFirstRun {
        /// first / median of the rest.
        ratio: f64,
    },
    /// The spread is large against the mean.
    Noisy {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Some values are flagged by MAD or Tukey. None was removed.
    Outliers {
        /// Flagged values.
        flagged: usize,
        /// All values.
        n: usize,
    },
    /// A hypervisor took processor time away.
    Steal {
        /// Share of processor time, 0..=1.
        share: f64,
    },
    /// Something else was running.
    Load {
        /// Load average per core.
        per_core: f64,
    },
    /// The processor slowed itself down.
    Throttled {
        /// Events seen.
        events: u64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SlowFirstRun { ratio } => write!(
                f,
                "the first measured run took {ratio:.1}× the median of the rest because caches were \
                 still cold: raise the number of warm-up blocks"
            ),
            Self::Noisy { cv } => write!(
                f,
                "the values vary by {:.0} % of their mean (limit {:.0} %): close other programs \
                 or use a larger profile, and trust the interval rather than the median",
                cv * 100.0,
                CV_LIMIT * 100.0
            ),
            Self::Outliers { flagged, n } => write!(
                f,
                "{flagged} of {n} values are outliers (more than {MAD_LIMIT} scaled MADs from \
                 the median, or beyond Tukey's fences); none was removed. Look at them in \
                 samples.csv; if they cluster, run again on an idle machine"
            ),
            Self::Steal { share } => write!(
                f,
                "the hypervisor took {:.1} % of the processor time: use a dedicated host, or \
                 compare only within this run",
                share * 100.0
            ),
            Self::Load { per_core } => write!(
                f,
                "the machine was already busy before the run began (load {per_core:.2} per core): stop \
                 other work and run again"
            ),
            Self::Throttled { events } => write!(
                f,
                "the processor was throttled {events} times: let it cool, or fix its \
                 frequency, and run again"
            ),
        }
    }
}

/// The warnings for one arm's values in launch order, and for the conditions.
/// Values of fewer than four runs only get the warnings about conditions.
#[must_use]
pub fn warnings(values: &[f64], conditions: &Conditions) -> Vec<Warning> {
    let mut found = Vec::new();
    if let [first, rest @ ..] = values
        && rest.len() >= 3
    {
        if let Some(typical) = median(rest)
            && typical > 0.0
            && first / typical > SLOW_FIRST
        {
            found.push(Warning::SlowFirstRun {
                ratio: first / typical,
            });
        }
        if let Some(cv) = coefficient_of_variation(values)
            && cv > CV_LIMIT
        {
            found.push(Warning::Noisy { cv });
        }
        let flagged = mad_flags(values)
            .into_iter()
            .zip(tukey_flags(values))
            .filter(|&(by_mad, by_tukey)| by_mad || by_tukey)
            .count();
        if flagged > 0 {
            found.push(Warning::Outliers {
                flagged,
                n: values.len(),
            });
        }
    }
    if let Some(share) = conditions.steal.filter(|&s| s > STEAL_LIMIT) {
        found.push(Warning::Steal { share });
    }
    if let Some(per_core) = conditions.load_per_core.filter(|&l| l > LOAD_LIMIT) {
        found.push(Warning::Load { per_core });
    }
    if let Some(events) = conditions.throttled.filter(|&e| e > 0) {
        found.push(Warning::Throttled { events });
    }
    found
}
