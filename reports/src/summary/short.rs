//! What the short table holds, before it has a form.

use std::path::Path;

use assay_model::{ArmId, CaseId, Metric};
use serde::Serialize;

use super::lines;
use crate::analyse::{Analysis, CellState};
use crate::charts;
use crate::claims;

/// A median with its 95 % interval, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Median over launches.
    pub median: f64,
    /// Lower end; absent with fewer than two launches.
    pub low: Option<f64>,
    /// Upper end; absent with fewer than two launches.
    pub high: Option<f64>,
    /// Launches.
    pub n: usize,
    /// The same for people.
    pub text: String,
}

/// A ratio with its 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RatioFigure {
    /// Median over blocks.
    pub ratio: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The same for people.
    pub text: String,
}

/// One workload on one arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellLine {
    /// The case.
    pub workload: String,
    /// The arm.
    pub arm: String,
    /// Conformance state, or `missing`, or `not-planned`.
    pub outcome: String,
    /// Why, where it is not a pass.
    pub detail: String,
    /// Whether it makes a verification fail.
    pub is_failure: bool,
    /// Whether its arm is what the others are compared with.
    pub is_baseline: bool,
    /// Cold start in nanoseconds.
    pub cold_start: Option<Figure>,
    /// Cold start over the native one.
    pub ratio_to_native: Option<RatioFigure>,
    /// PSS of one idle instance in bytes.
    pub pss_bytes: Option<f64>,
}

/// Interface coverage in two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CoverageLine {
    /// Functions that some case called.
    pub called: usize,
    /// Functions there are.
    pub functions: usize,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimLine {
    /// Its number.
    pub id: String,
    /// The published words.
    pub quote: String,
    /// The verdict's name.
    pub verdict: String,
    /// Why, with figures.
    pub reason: String,
}

/// An arm that could not run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkippedArm {
    /// The arm.
    pub arm: String,
    /// Why not.
    pub reason: String,
    /// How to get it.
    pub remedy: String,
}

/// The grid in numbers, counted against the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counts {
    /// Planned cells and rows beyond the plan.
    pub total: usize,
    /// Passed.
    pub pass: usize,
    /// Failed in any way, missing rows included.
    pub failed: usize,
    /// Of the failed, those without a row.
    pub missing: usize,
    /// Unsupported.
    pub unsupported: usize,
    /// Skipped.
    pub skipped: usize,
    /// Known, linked defects.
    pub expected_fail: usize,
}

/// The short summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Short {
    /// The run.
    pub run_id: String,
    /// Profile of the run.
    pub profile: String,
    /// Whether the whole plan was carried out.
    pub complete: bool,
    /// The machine in one line.
    pub environment: String,
    /// The grid in numbers.
    pub counts: Counts,
    /// How much of the interfaces the verified cases call; none where no arm
    /// of the run can tell.
    pub coverage: Option<CoverageLine>,
    /// The capability grid in a line; none where the record asks nothing of it.
    pub access: Option<String>,
    /// The pairs in a line.
    pub pairs: Option<String>,
    /// Largest A/A noise floor, as a share.
    pub noise_floor: Option<f64>,
    /// The table.
    pub cells: Vec<CellLine>,
    /// The claims.
    pub claims: Vec<ClaimLine>,
    /// Arms that could not run.
    pub skipped: Vec<SkippedArm>,
    /// What to know before believing a figure.
    pub warnings: Vec<String>,
    /// Path of the report.
    pub report: Option<String>,
}

impl Short {
    /// Gathers the summary.
    #[must_use]
    pub fn of(analysis: &Analysis<'_>, report: Option<&Path>) -> Self {
        let manifest = &analysis.record.manifest;
        let c = analysis.grid.counts;
        Self {
            run_id: manifest.run_id.to_string(),
            profile: manifest.plan.profile.to_string(),
            complete: manifest.complete,
            environment: charts::environment(analysis),
            counts: Counts {
                total: c.total,
                pass: c.pass,
                failed: c.failed,
                missing: c.missing,
                unsupported: c.unsupported,
                skipped: c.skipped,
                expected_fail: c.expected_fail,
            },
            coverage: Some(&manifest.coverage)
                .filter(|covered| !covered.is_empty())
                .map(|covered| CoverageLine {
                    called: covered.iter().filter(|function| function.cases > 0).count(),
                    functions: covered.len(),
                }),
            access: lines::access_line(analysis),
            pairs: lines::pairs_line(analysis),
            noise_floor: analysis.worst_floor(),
            cells: cells(analysis),
            claims: claims::findings(analysis)
                .into_iter()
                .map(|f| ClaimLine {
                    id: f.id.to_string(),
                    quote: f.quote.to_owned(),
                    verdict: f.verdict.to_string(),
                    reason: f.reason,
                })
                .collect(),
            skipped: analysis
                .unavailable()
                .map(|(arm, reason, remedy)| SkippedArm {
                    arm: arm.to_string(),
                    reason: reason.to_owned(),
                    remedy: remedy.to_owned(),
                })
                .collect(),
            warnings: analysis.warnings(),
            report: report.map(|path| path.display().to_string()),
        }
    }
}

/// The cells of the main table: every workload with a row, a plan or a figure,
/// on every arm but the A/A twins.
pub(crate) fn table_axes(analysis: &Analysis<'_>) -> (Vec<CaseId>, Vec<ArmId>) {
    let mut workloads: Vec<CaseId> = analysis
        .grid
        .rows
        .iter()
        .map(|row| &row.workload)
        .chain(
            analysis
                .of_metric(Metric::COLD_START)
                .map(|s| &s.key.workload),
        )
        .chain(
            analysis
                .of_metric(Metric::MEMORY_PSS)
                .map(|s| &s.key.workload),
        )
        .cloned()
        .collect();
    workloads.sort();
    workloads.dedup();
    let arms = analysis.arms().into_iter().filter(|a| !a.is_twin());
    (workloads, arms.collect())
}

fn cells(analysis: &Analysis<'_>) -> Vec<CellLine> {
    let (workloads, arms) = table_axes(analysis);
    let mut lines = Vec::new();
    for workload in &workloads {
        for arm in &arms {
            lines.extend(cell(analysis, workload, arm));
        }
    }
    lines
}

/// One cell, unless the run neither planned nor measured it.
pub(crate) fn cell(analysis: &Analysis<'_>, workload: &CaseId, arm: &ArmId) -> Option<CellLine> {
    let outcome = analysis.grid.cell(&analysis.arch, workload, arm);
    let state = outcome.map_or(CellState::NotPlanned, |c| c.state);
    let cold = analysis.summary(Metric::COLD_START, workload.as_str(), arm.as_str());
    let pss = analysis.summary(Metric::MEMORY_PSS, workload.as_str(), arm.as_str());
    if state == CellState::NotPlanned && cold.is_none() && pss.is_none() {
        return None;
    }
    let effect = analysis.effect(workload, arm).map(|row| &row.effect);
    Some(CellLine {
        workload: workload.to_string(),
        arm: arm.to_string(),
        outcome: state.as_str().to_owned(),
        detail: outcome.map(|c| c.detail.clone()).unwrap_or_default(),
        is_failure: state.is_failure(),
        is_baseline: analysis.known.baseline() == Some(arm),
        cold_start: cold.map(|s| {
            let interval = (s.estimate.n > 1).then_some(s.estimate.p95);
            Figure {
                median: s.estimate.median,
                low: interval.map(|i| i.low),
                high: interval.map(|i| i.high),
                n: s.estimate.n,
                text: s.text(),
            }
        }),
        ratio_to_native: effect.map(|e| RatioFigure {
            ratio: e.ratio,
            low: e.p95.low,
            high: e.p95.high,
            text: crate::format::effect(e),
        }),
        pss_bytes: pss.map(|s| s.estimate.median),
    })
}
