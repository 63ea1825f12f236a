//! Claim 5: thousands of instances where a few dozen containers struggle.

use assay_model::{ArmFacts, Verdict};

use super::claim::{Claim, Judgement};
use crate::analyse::{Analysis, DensitySeries, slope_text};
use crate::arms;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[Claim {
    id: "5",
    quote: "“thousands of individual Wasm instances on the same hardware that would struggle \
                to support a few dozen Linux containers”",
    test: "density.count with the wall that was hit, instances in process against containers",
    by_figures: true,
    decide: thousands_against_dozens,
}];

/// "Thousands", in the plural.
const THOUSANDS: f64 = 2000.0;

/// "A few dozen": three.
const FEW_DOZEN: f64 = 36.0;

/// What a run of instances or containers has shown of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// That many were alive.
    Reached,
    /// It hit a wall before.
    Stopped,
    /// Its declared budget ended before, or something broke that is no wall:
    /// nothing shown.
    Unknown,
}

fn reach(count: f64, by_wall: bool, goal: f64) -> Reach {
    if count >= goal {
        Reach::Reached
    } else if by_wall {
        Reach::Stopped
    } else {
        Reach::Unknown
    }
}

/// The run that got farthest on arms that a predicate picks.
fn farthest<'a>(
    analysis: &'a Analysis<'_>,
    pick: fn(&ArmFacts) -> bool,
) -> Option<(&'a DensitySeries, f64)> {
    analysis
        .density
        .iter()
        .filter(|d| analysis.is(&d.arm, pick))
        .filter_map(|d| Some((d, d.count?)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Claim 5.
fn thousands_against_dozens(analysis: &Analysis<'_>) -> Judgement {
    let instances = farthest(analysis, arms::is_resident);
    let containers = farthest(analysis, |facts| facts.kind.is_contained());
    let of = |found: Option<(&DensitySeries, f64)>, goal| {
        found.map(|(series, count)| reach(count, series.by_wall, goal))
    };
    let (verdict, words) = verdict_on(of(instances, THOUSANDS), of(containers, FEW_DOZEN));
    let mut reason = words.to_owned();
    let mut rows = Vec::new();
    for (name, found) in [("Instances", instances), ("Containers", containers)] {
        let Some((series, _)) = found else { continue };
        let stop = if series.stop.is_empty() {
            String::new()
        } else {
            format!(" ({})", series.stop)
        };
        let slope = series
            .pss
            .as_ref()
            .map_or(String::new(), |line| format!(", {}", slope_text(line)));
        reason.push_str(&format!(
            " {name}, {} {}: {} live{stop}{slope}.",
            series.arm,
            series.workload,
            series.count_text()
        ));
        rows.push(series.row());
    }
    if !rows.is_empty() {
        reason.push_str(
            " A tenant of one process and a unit that the kernel isolates are not the same thing.",
        );
    }
    Judgement::new(verdict, reason, rows)
}

fn verdict_on(instances: Option<Reach>, containers: Option<Reach>) -> (Verdict, &'static str) {
    use Reach::{Reached, Stopped};
    match (instances, containers) {
        (Some(Stopped), _) => (
            Verdict::Refuted,
            "Instances hit a wall before there were thousands of them.",
        ),
        (_, Some(Reached)) => (
            Verdict::Refuted,
            "The second half does not hold: this hardware held more than a few dozen containers.",
        ),
        (Some(Reached), Some(Stopped)) => (
            Verdict::Confirmed,
            "Thousands of instances were alive, and containers hit a wall within a few dozen.",
        ),
        (None, None) => (
            Verdict::NotMeasured,
            "This record has no density runs of instances and containers.",
        ),
        (_, None) => (
            Verdict::NotMeasured,
            "This record has no density runs of containers.",
        ),
        (None, _) => (
            Verdict::NotMeasured,
            "This record has no density runs of instances.",
        ),
        (Some(_), Some(_)) => (
            Verdict::NotMeasured,
            "The runs ended below the numbers that the claim names without hitting a wall; a larger \
             profile has larger budgets. The numbers reached are lower bounds, not capacities.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::Reach::{Reached, Stopped, Unknown};
    use super::*;

    #[test]
    fn a_budget_shows_nothing_of_what_lies_beyond_it() {
        assert_eq!(reach(1000.0, false, THOUSANDS), Unknown);
        assert_eq!(reach(1000.0, true, THOUSANDS), Stopped);
        assert_eq!(reach(16_000.0, false, THOUSANDS), Reached);
        for (instances, containers, expected) in [
            (Some(Unknown), Some(Unknown), Verdict::NotMeasured),
            (Some(Reached), Some(Unknown), Verdict::NotMeasured),
            (Some(Reached), Some(Stopped), Verdict::Confirmed),
            (Some(Reached), Some(Reached), Verdict::Refuted),
            (Some(Stopped), Some(Unknown), Verdict::Refuted),
            (Some(Reached), None, Verdict::NotMeasured),
            (None, None, Verdict::NotMeasured),
        ] {
            assert_eq!(verdict_on(instances, containers).0, expected);
        }
    }
}
