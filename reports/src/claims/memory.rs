//! Claim 2c: memory against a container's.

use assay_model::{ArmFacts, CaseId, Metric, Unit, Verdict};

use super::claim::{Claim, Judgement};
use crate::analyse::{Analysis, DensitySeries, Summary};
use crate::arms;
use crate::format;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[Claim {
    id: "2c",
    quote: "“a fraction of the memory required by a Linux container”",
    test: "PSS of one instance: marginal in a shared engine, and of a whole process, against \
               the charge set of a container",
    by_figures: true,
    decide: fraction_of_a_container,
}];

/// "A fraction" names no number; half is the most that the word still covers.
const A_FRACTION: f64 = 0.5;

/// Claim 2c.
fn fraction_of_a_container(analysis: &Analysis<'_>) -> Judgement {
    let Some(container) = smallest(analysis, None, |f| f.kind.is_contained()) else {
        return Judgement::not_measured(
            "This record has no memory reading of an idle container to compare with.",
        );
    };
    // The same program where possible; the container's decides.
    let workload = &container.key.workload;
    let engine = analysis.known.engine_under_test();
    let process = smallest(analysis, Some(workload), |f| {
        engine == Some(&f.engine) && arms::is_precompiled_process(f)
    });
    let native = smallest(analysis, Some(workload), ArmFacts::is_baseline);
    let tenant = cheapest_tenant(analysis, workload);
    let whole = container.estimate.median;
    let share = |bytes: f64| bytes / whole;
    let tenant_share = tenant.map(|(_, slope)| share(slope));
    let process_share = process.map(|s| share(s.estimate.median));
    let (verdict, words) = verdict_on(tenant_share, process_share);

    let mut reason = format!(
        "{words} Container: {} {workload} {}.",
        container.key.arm,
        container.text()
    );
    let mut rows = vec![container.row()];
    if let Some((series, slope)) = tenant {
        reason.push_str(&format!(
            " One more instance in a running engine ({} {}{}): {}, {} of the container; the engine \
             itself comes on top, once.",
            series.arm,
            series.workload,
            if series.workload == *workload {
                ""
            } else {
                ", not the same program"
            },
            format::value(Unit::Bytes, slope),
            format::ratio(share(slope)),
        ));
        rows.push(series.row());
    }
    if let Some(s) = process {
        reason.push_str(&format!(
            " Process of its own ({}): {}, {} of the container.",
            s.key.arm,
            s.text(),
            format::ratio(share(s.estimate.median)),
        ));
        rows.push(s.row());
    }
    if let Some(s) = native {
        reason.push_str(&format!(
            " The same program as a native process: {}.",
            s.text()
        ));
        rows.push(s.row());
    }
    reason.push_str(
        " That container is the smallest of the record; larger images, shims and daemons need more.",
    );
    Judgement::new(verdict, reason, rows)
}

/// The smallest PSS on arms that a predicate picks, of one case if it is named,
/// else `http/hello` preferred and
/// then `cli/hold`, whose instances are alive in every kind of arm.
fn smallest<'a>(
    analysis: &'a Analysis<'_>,
    of: Option<&CaseId>,
    pick: impl Fn(&ArmFacts) -> bool,
) -> Option<&'a Summary> {
    let place = |s: &Summary| match s.key.workload.as_str() {
        "http/hello" => 0,
        "cli/hold" => 1,
        _ => 2,
    };
    analysis
        .of_metric(Metric::MEMORY_PSS)
        .filter(|s| of.is_none_or(|workload| s.key.workload == *workload))
        .filter(|s| !s.key.arm.is_twin() && analysis.is(&s.key.arm, &pick))
        .filter(|s| s.estimate.median > 0.0)
        .min_by(|a, b| {
            let by_place = place(a).cmp(&place(b));
            by_place.then(a.estimate.median.total_cmp(&b.estimate.median))
        })
}

/// The smallest marginal memory of a tenant: of the same program where that was
/// measured, else of any.
fn cheapest_tenant<'a>(
    analysis: &'a Analysis<'_>,
    workload: &CaseId,
) -> Option<(&'a DensitySeries, f64)> {
    analysis
        .density
        .iter()
        .filter(|d| d.in_process && analysis.is(&d.arm, arms::is_resident))
        .filter_map(|d| Some((d, d.pss.as_ref()?.slope)))
        .filter(|(_, slope)| *slope > 0.0)
        .min_by(|a, b| {
            let other = |d: &DensitySeries| d.workload != *workload;
            other(a.0).cmp(&other(b.0)).then(a.1.total_cmp(&b.1))
        })
}

fn verdict_on(tenant: Option<f64>, process: Option<f64>) -> (Verdict, &'static str) {
    let small = |share: Option<f64>| share.map(|s| s <= A_FRACTION);
    match (small(tenant), small(process)) {
        (Some(true), Some(true)) => (
            Verdict::Confirmed,
            "Half of a container's memory or less, as a tenant and as a process.",
        ),
        (Some(true), Some(false)) => (
            Verdict::Depends,
            "It depends on whether instances share an engine: a tenant needs half of a container's \
             memory or less, a component in a separate process needs more.",
        ),
        (Some(false), Some(false)) => (
            Verdict::Refuted,
            "More than half of a container's memory, as a tenant and as a process.",
        ),
        (Some(false), Some(true)) => (
            Verdict::Depends,
            "It depends: a process of its own needs half of a container's memory or less, a \
             tenant more.",
        ),
        (Some(_), None) => (
            Verdict::NotMeasured,
            "This record has no memory of a component in its own process, which decides the claim.",
        ),
        (None, Some(_)) => (
            Verdict::NotMeasured,
            "This record has no marginal memory of a tenant, which decides the claim.",
        ),
        (None, None) => (
            Verdict::NotMeasured,
            "No memory of a component was measured.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_depends_on_sharing_an_engine() {
        for (tenant, process, expected) in [
            (Some(0.05), Some(3.0), Verdict::Depends),
            (Some(0.05), Some(0.4), Verdict::Confirmed),
            (Some(0.9), Some(3.0), Verdict::Refuted),
            (Some(0.05), None, Verdict::NotMeasured),
            (None, Some(3.0), Verdict::NotMeasured),
            (None, None, Verdict::NotMeasured),
        ] {
            assert_eq!(
                verdict_on(tenant, process).0,
                expected,
                "{tenant:?} {process:?}"
            );
        }
    }
}
