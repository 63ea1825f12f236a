//! Density runs: points, fitted lines, and the wall that was hit.

use std::collections::BTreeMap;

use assay_model::{ArmId, Bytes, CaseId, DensityPlan, Metric, Plan, Sample, Stop};
use assay_stats::{Line, theil_sen};

use super::summary::POINTS;
use crate::anchor::{self, RowRef};
use crate::arms::{self, Arms};
use crate::format;

/// Memory at one number of live instances.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DensityPoint {
    /// Live instances.
    pub n: f64,
    /// `density.pss`, bytes.
    pub pss: Option<f64>,
    /// `density.available`, bytes.
    pub available: Option<f64>,
    /// `density.maps`.
    pub maps: Option<f64>,
    /// `density.first_response`, nanoseconds.
    pub first_response: Option<f64>,
}

/// One density run of one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct DensitySeries {
    /// The case that was held.
    pub workload: CaseId,
    /// The arm that held it.
    pub arm: ArmId,
    /// Tenants of one host process, or a process or container each.
    pub in_process: bool,
    /// Bytes each instance touched, where the plan says so.
    pub working_set: Option<Bytes>,
    /// The points, by growing N.
    pub points: Vec<DensityPoint>,
    /// `density.pss` over N: the slope is marginal bytes per instance.
    pub pss: Option<Line>,
    /// −MemAvailable over N: its slope is the cross-check; its intercept means
    /// nothing.
    pub available: Option<Line>,
    /// Live, proven instances when it stopped.
    pub count: Option<f64>,
    /// Why it stopped.
    pub stop: String,
    /// Whether it stopped at the budget that was declared, and not at a wall:
    /// then `count` is a lower bound and says nothing of capacity.
    pub by_budget: bool,
    /// Whether it stopped at a wall: then `count` is a capacity. Else something
    /// broke, or nobody knows.
    pub by_wall: bool,
    /// Tells several runs of one cell apart.
    run: u32,
}

impl DensitySeries {
    /// The id of its row in the report.
    #[must_use]
    pub fn anchor(&self) -> String {
        anchor::row(
            format!("density-fit{}", self.run),
            &self.workload,
            &self.arm,
        )
    }

    /// How many were alive, as it may be said: `≥ 1,000` where no wall was hit.
    #[must_use]
    pub fn count_text(&self) -> String {
        match self.count {
            None => "not recorded".to_owned(),
            Some(n) if self.by_wall => format::count(n),
            Some(n) => format!("≥ {}", format::count(n)),
        }
    }

    /// A link to its row in the report.
    #[must_use]
    pub fn row(&self) -> RowRef {
        let slope = self.pss.as_ref().map_or_else(
            || "no fit".to_owned(),
            |line| format::value(assay_model::Unit::Bytes, line.slope) + " each",
        );
        RowRef {
            anchor: self.anchor(),
            label: format!(
                "density · {} · {}: {} live, {slope}",
                self.workload,
                self.arm,
                self.count_text()
            ),
        }
    }
}

/// Every density run that the record has rows of. Where the plan holds one
/// run of a cell, all rows of the cell are its rows; where it holds several
/// (several working sets), they are told apart by their block, in plan order.
pub(super) fn series(known: &Arms, plan: &Plan, samples: &[&Sample]) -> Vec<DensitySeries> {
    let plans = |workload: &CaseId, arm: &ArmId| {
        let is_it = |d: &&DensityPlan| d.cell.workload == *workload && d.cell.arm == *arm;
        plan.density.iter().filter(is_it).collect::<Vec<_>>()
    };
    let mut runs: BTreeMap<(CaseId, ArmId, u32), Vec<&Sample>> = BTreeMap::new();
    for &s in samples {
        if POINTS.contains(&s.metric) || s.metric == Metric::DENSITY_COUNT {
            let several = plans(&s.workload, &s.arm).len() > 1;
            let run = if several { s.block } else { 0 };
            runs.entry((s.workload.clone(), s.arm.clone(), run))
                .or_default()
                .push(s);
        }
    }
    let mut seen: BTreeMap<(CaseId, ArmId), usize> = BTreeMap::new();
    let mut found: Vec<DensitySeries> = runs
        .into_iter()
        .map(|((workload, arm, run), rows)| {
            let place = seen.entry((workload.clone(), arm.clone())).or_default();
            let planned = plans(&workload, &arm).get(*place).copied();
            *place += 1;
            {
                let resident = known.is(&arm, arms::is_resident);
                one_run(workload, arm, run, planned, resident, &rows)
            }
        })
        .collect();
    found.sort_by_cached_key(|d| (known.sort_key(&d.arm), d.workload.clone(), d.run));
    found
}

fn one_run(
    workload: CaseId,
    arm: ArmId,
    run: u32,
    planned: Option<&DensityPlan>,
    resident: bool,
    rows: &[&Sample],
) -> DensitySeries {
    let points = points(rows);
    let count = rows.iter().find(|s| s.metric == Metric::DENSITY_COUNT);
    let stop = count.map(|s| s.note.clone()).unwrap_or_default();
    DensitySeries {
        in_process: planned.map_or(resident, |d| d.in_process),
        working_set: planned.map(|d| d.working_set),
        pss: fit(&points, |p| p.pss),
        available: fit(&points, |p| p.available.map(|a| -a)),
        count: count.map(|s| s.value),
        by_budget: Stop::of_note(&stop).is_some_and(|stop| stop.is_budget()),
        by_wall: Stop::of_note(&stop).is_some_and(|stop| stop.wall().is_some()),
        stop,
        points,
        workload,
        arm,
        run,
    }
}

/// Rows that share block and sequence number are one point.
fn points(rows: &[&Sample]) -> Vec<DensityPoint> {
    let mut by_seq: BTreeMap<(u32, u32), (Option<f64>, DensityPoint)> = BTreeMap::new();
    for s in rows {
        let (n, point) = by_seq.entry((s.block, s.seq)).or_default();
        let place = match s.metric {
            m if m == Metric::DENSITY_N => n,
            m if m == Metric::DENSITY_PSS => &mut point.pss,
            m if m == Metric::DENSITY_AVAILABLE => &mut point.available,
            m if m == Metric::DENSITY_MAPS => &mut point.maps,
            m if m == Metric::DENSITY_FIRST_RESPONSE => &mut point.first_response,
            _ => continue,
        };
        *place = Some(s.value);
    }
    let mut found: Vec<DensityPoint> = by_seq
        .into_values()
        .filter_map(|(n, point)| Some(DensityPoint { n: n?, ..point }))
        .collect();
    found.sort_by(|a, b| a.n.total_cmp(&b.n));
    found
}

/// A line through at least five points with different N (fewer say too little
/// to be published as a slope).
fn fit(points: &[DensityPoint], y: impl Fn(&DensityPoint) -> Option<f64>) -> Option<Line> {
    const FEWEST: usize = 5;
    let xy: Vec<(f64, f64)> = points.iter().filter_map(|p| Some((p.n, y(p)?))).collect();
    let mut ns: Vec<f64> = xy.iter().map(|p| p.0).collect();
    ns.dedup();
    if ns.len() < FEWEST {
        return None;
    }
    theil_sen(&xy)
}
