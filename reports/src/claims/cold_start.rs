//! Claims 1 and 2: how long a start takes.

use assay_model::{ArmFacts, Metric, Verdict};

use super::claim::{Claim, Judgement, SMALLEST, list};
use crate::analyse::{Analysis, Summary};
use crate::arms;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "1",
        quote: "cold starts “typically sub-millisecond (around 0.5ms)”",
        test: "cold_start of the smallest programs, with the engine already running and as a \
               fresh process",
        by_figures: true,
        decide: sub_millisecond,
    },
    Claim {
        id: "2",
        quote: "a container “might take hundreds of milliseconds”",
        test: "cold_start of the smallest programs on every container arm",
        by_figures: true,
        decide: containers_take_hundreds,
    },
];

/// "Sub-millisecond" taken at its word; the "around 0.5ms" beside it is not
/// held against a figure between the two.
const ONE_MILLISECOND: f64 = 1e6;

/// "Hundreds of milliseconds", taken from its lower end.
const HUNDREDS_OF_MILLISECONDS: f64 = 100e6;

/// On which side of a limit a figure lies, interval and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
    /// The 95 % interval holds the limit.
    Undecided,
}

fn side(low: f64, high: f64, limit: f64) -> Side {
    if high < limit {
        Side::Below
    } else if low > limit {
        Side::Above
    } else {
        Side::Undecided
    }
}

/// The common side of several figures; `None` when there are none.
fn common(sides: &[Side]) -> Option<Side> {
    let first = *sides.first()?;
    Some(if sides.iter().all(|s| *s == first) {
        first
    } else {
        Side::Undecided
    })
}

fn sides(summaries: &[&Summary], limit: f64) -> Option<Side> {
    let all: Vec<Side> = summaries
        .iter()
        .map(|s| side(s.estimate.p95.low, s.estimate.p95.high, limit))
        .collect();
    common(&all)
}

/// Cold starts of the smallest programs on arms that a predicate picks.
fn starts<'a>(analysis: &'a Analysis<'_>, pick: impl Fn(&ArmFacts) -> bool) -> Vec<&'a Summary> {
    analysis
        .of_metric(Metric::COLD_START)
        .filter(|s| SMALLEST.contains(&s.key.workload.as_str()) && !s.key.arm.is_twin())
        .filter(|s| analysis.is(&s.key.arm, |facts| facts.untimed.is_none() && pick(facts)))
        .collect()
}

fn figures(summaries: &[&Summary]) -> String {
    let parts: Vec<String> = summaries
        .iter()
        .map(|s| format!("{} {} {}", s.key.arm, s.key.workload, s.text()))
        .collect();
    list(&parts)
}

/// Claim 1.
fn sub_millisecond(analysis: &Analysis<'_>) -> Judgement {
    let engine = analysis.known.engine_under_test();
    let tested = |facts: &ArmFacts| engine == Some(&facts.engine);
    let resident = starts(analysis, |f| tested(f) && arms::is_resident(f));
    // Of the fresh processes the one a deployer would choose: compiling at each
    // start is the reader's option, not the claim's.
    let fresh = starts(analysis, |f| tested(f) && arms::is_precompiled_process(f));
    let baseline = starts(analysis, ArmFacts::is_baseline);
    let (verdict, words) = verdict_on_sub_millisecond(
        sides(&resident, ONE_MILLISECOND),
        sides(&fresh, ONE_MILLISECOND),
    );
    let rows = [&resident, &fresh, &baseline]
        .into_iter()
        .flatten()
        .map(|s| s.row())
        .collect();
    let mut reason = words.to_owned();
    for (name, of) in [
        ("Engine already running", &resident),
        ("Fresh process, precompiled", &fresh),
        ("Native process, for comparison", &baseline),
    ] {
        if !of.is_empty() {
            reason.push_str(&format!(" {name}: {}.", figures(of)));
        }
    }
    Judgement::new(verdict, reason, rows)
}

fn verdict_on_sub_millisecond(
    resident: Option<Side>,
    fresh: Option<Side>,
) -> (Verdict, &'static str) {
    use Side::{Above, Below};
    match (resident, fresh) {
        (None, None) => (
            Verdict::NotMeasured,
            "This record has no cold starts of small components.",
        ),
        (Some(Below) | None, Some(Below)) => (
            Verdict::Confirmed,
            "Below one millisecond even as a fresh process.",
        ),
        (Some(Above), Some(Above) | None) => (
            Verdict::Refuted,
            "Above one millisecond even with the engine already running.",
        ),
        (Some(Below), Some(Above)) => (
            Verdict::Depends,
            "It depends on whether the engine is already running: below one millisecond in a \
             resident host, above it as a fresh process. The claim does not say where its \
             measurement starts and ends.",
        ),
        (Some(Below), None) => (
            Verdict::NotMeasured,
            "Below one millisecond with the engine already running, but this record has no fresh \
             process to decide the claim.",
        ),
        (None, Some(Above)) => (
            Verdict::NotMeasured,
            "Above one millisecond as a fresh process, but this record has no resident host to \
             decide the claim.",
        ),
        (Some(Side::Undecided), _) | (_, Some(Side::Undecided)) | (Some(Above), Some(Below)) => (
            Verdict::Depends,
            "It depends on the arm and the program: some figures are below one millisecond, and \
             others are above it or too close to tell.",
        ),
    }
}

/// Claim 2.
fn containers_take_hundreds(analysis: &Analysis<'_>) -> Judgement {
    let is = |f: &ArmFacts, engine: bool| f.kind.is_contained() && f.stack.is_engine() == engine;
    let runtimes = starts(analysis, |f| is(f, false));
    let stacks = starts(analysis, |f| is(f, true));
    let (verdict, words) = verdict_on_hundreds(
        sides(&runtimes, HUNDREDS_OF_MILLISECONDS),
        sides(&stacks, HUNDREDS_OF_MILLISECONDS),
    );
    let mut reason = words.to_owned();
    for (name, of) in [("Runtime alone", &runtimes), ("Whole stack", &stacks)] {
        if !of.is_empty() {
            reason.push_str(&format!(" {name}: {}.", figures(of)));
        }
    }
    if stacks.is_empty() && !runtimes.is_empty() {
        reason.push_str(
            " Published for docker start: 568 ms (arXiv 2602.15214), cited and not measured here.",
        );
    }
    let rows = runtimes.iter().chain(&stacks).map(|s| s.row()).collect();
    Judgement::new(verdict, reason, rows)
}

fn verdict_on_hundreds(runtimes: Option<Side>, stacks: Option<Side>) -> (Verdict, &'static str) {
    use Side::{Above, Below};
    match (runtimes, stacks) {
        (None, None) => (
            Verdict::NotMeasured,
            "No container arm could run here; the list of skipped arms says how to get one.",
        ),
        (Some(Above) | None, Some(Above)) | (Some(Above), None) => (
            Verdict::Confirmed,
            "Every container arm of this record took more than 100 ms.",
        ),
        (Some(Below) | None, Some(Below)) => (
            Verdict::Refuted,
            "Every container arm of this record, whole stacks included, took less than 100 ms.",
        ),
        (Some(Below), None) => (
            Verdict::Depends,
            "It depends on the stack: a container, that is namespaces, a control group and a root \
             file system of its own, starts in less than 100 ms when its runtime is called \
             directly. Whole stacks (docker, podman, containerd), which add daemons, image store \
             and network, are not in this record.",
        ),
        _ => (
            Verdict::Depends,
            "It depends on the stack: some container arms take less than 100 ms, others more.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::Side::{Above, Below, Undecided};
    use super::*;

    #[test]
    fn a_limit_inside_the_interval_decides_nothing() {
        assert_eq!(side(0.2, 0.9, 1.0), Below);
        assert_eq!(side(1.1, 1.9, 1.0), Above);
        assert_eq!(side(0.9, 1.1, 1.0), Undecided);
        assert_eq!(common(&[Below, Above]), Some(Undecided));
        assert_eq!(common(&[]), None);
    }

    #[test]
    fn sub_millisecond_depends_on_the_engine_being_up() {
        for (resident, fresh, expected) in [
            (Some(Below), Some(Above), Verdict::Depends),
            (Some(Below), Some(Below), Verdict::Confirmed),
            (Some(Above), Some(Above), Verdict::Refuted),
            (Some(Undecided), Some(Above), Verdict::Depends),
            (Some(Below), Some(Undecided), Verdict::Depends),
            (Some(Below), None, Verdict::NotMeasured),
            (None, Some(Above), Verdict::NotMeasured),
            (None, Some(Below), Verdict::Confirmed),
            (Some(Above), None, Verdict::Refuted),
            (None, None, Verdict::NotMeasured),
        ] {
            let found = verdict_on_sub_millisecond(resident, fresh).0;
            assert_eq!(found, expected, "{resident:?} {fresh:?}");
        }
    }

    #[test]
    fn a_bare_runtime_alone_refutes_nothing_of_whole_stacks() {
        for (runtimes, stacks, expected) in [
            (Some(Below), None, Verdict::Depends),
            (Some(Below), Some(Below), Verdict::Refuted),
            (Some(Below), Some(Above), Verdict::Depends),
            (Some(Above), Some(Above), Verdict::Confirmed),
            (Some(Undecided), None, Verdict::Depends),
            (None, Some(Above), Verdict::Confirmed),
            (None, None, Verdict::NotMeasured),
        ] {
            let found = verdict_on_hundreds(runtimes, stacks).0;
            assert_eq!(found, expected, "{runtimes:?} {stacks:?}");
        }
    }
}
