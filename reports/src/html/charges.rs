//! One idle instance by every count, and why the counts disagree; and program by
//! program.

use super::data::{Row, Table};
use crate::analyse::Analysis;
use crate::{anchor, format};
use assay_model::{ArmId, CaseId, Metric, Unit};
use std::collections::BTreeSet;

/// Counts nearer to each other than this say the same.
const TOLERANCE: f64 = 0.1;

/// What the noise of a machine moves `MemAvailable` by, in bytes.
const NOISE: f64 = 1024.0 * 1024.0;

struct Counts {
    pss: f64,
    group: Option<f64>,
    /// Per instance: the slope of a density run where there was one, which is
    /// of many instances, else the change by one.
    available: Option<(f64, &'static str)>,
}

/// The counts of every arm that was charged anything.
pub(super) fn table(analysis: &Analysis<'_>) -> Option<Table> {
    let cells: BTreeSet<(&CaseId, &ArmId)> = analysis
        .of_metric(Metric::MEMORY_PSS)
        .map(|summary| (&summary.key.workload, &summary.key.arm))
        .collect();
    let mut rows: Vec<_> = cells
        .into_iter()
        .filter_map(|(workload, arm)| {
            let median = |metric| {
                let found = analysis.summary(metric, workload.as_str(), arm.as_str());
                found.map(|summary| summary.estimate.median)
            };
            let mut density = analysis.density.iter();
            let slope = density
                .find(|run| run.workload == *workload && run.arm == *arm)
                .and_then(|run| Some(run.available.as_ref()?.slope));
            let one = median(Metric::MEMORY_AVAILABLE);
            let counts = Counts {
                pss: median(Metric::MEMORY_PSS)?,
                group: median(Metric::MEMORY_CGROUP),
                available: slope
                    .map(|slope| (slope, "slope"))
                    .or(one.map(|one| (one, "one"))),
            };
            // Tenants of a host are counted by the growth of the host alone.
            counts.available?;
            let size = |value: Option<f64>| {
                value.map_or_else(|| "–".to_owned(), |value| format::value(Unit::Bytes, value))
            };
            let cells = vec![
                workload.to_string(),
                arm.to_string(),
                size(Some(counts.pss)),
                size(median(Metric::MEMORY_USS)),
                size(median(Metric::MEMORY_RSS)),
                size(counts.group),
                counts.available.map_or_else(String::new, |(bytes, how)| {
                    format!("{} ({how})", format::value(Unit::Bytes, bytes))
                }),
                why(&counts).join("; "),
            ];
            let id = anchor::row("charges", workload, arm);
            Some((
                workload,
                analysis.known.sort_key(arm),
                Row {
                    id,
                    also: Vec::new(),
                    cells,
                },
            ))
        })
        .collect();
    rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let rows: Vec<Row> = rows.into_iter().map(|(.., row)| row).collect();
    (!rows.is_empty()).then(|| Table {
        caption: "The memory of one idle instance, counted in several ways: its processes (PSS, \
                  USS, RSS), its control groups, and the decrease of MemAvailable, as the slope of \
                  a density run or for one instance"
            .to_owned(),
        headers: vec![
            "workload",
            "arm",
            "PSS",
            "USS",
            "RSS",
            "control groups",
            "MemAvailable",
            "why they disagree",
        ],
        words: 2,
        rows,
    })
}

/// What each program of an instance takes, and each daemon beside it.
pub(super) fn parts(analysis: &Analysis<'_>) -> Option<Table> {
    let mut rows: Vec<_> = analysis
        .parts
        .iter()
        .map(|part| {
            let size = |bytes: f64| format::value(Unit::Bytes, bytes);
            let (charged, program) = part.name.split_once(": ").unwrap_or(("", part.name));
            let cells = vec![
                part.workload.to_string(),
                part.arm.to_string(),
                program.to_owned(),
                charged.to_owned(),
                size(part.pss),
                size(part.uss),
                size(part.rss),
            ];
            // A program may call itself anything.
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let name = part.name.replace(|c| !plain(c), "-");
            let id = anchor::row(format!("part-{name}"), part.workload, part.arm);
            (
                part.workload,
                analysis.known.sort_key(part.arm),
                Row {
                    id,
                    also: Vec::new(),
                    cells,
                },
            )
        })
        .collect();
    rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let rows: Vec<Row> = rows.into_iter().map(|(.., row)| row).collect();
    (!rows.is_empty()).then(|| Table {
        caption: "One idle instance program by program: what it is charged, and the daemons that \
                  all instances share, with whatever they keep of earlier ones (medians over \
                  readings)"
            .to_owned(),
        headers: vec!["workload", "arm", "program", "is", "PSS", "USS", "RSS"],
        words: 4,
        rows,
    })
}

/// What is known to be in one count and not in another, where they differ.
fn why(counts: &Counts) -> Vec<&'static str> {
    let pss = counts.pss;
    let mut reasons = Vec::new();
    match counts.group {
        None => reasons.push("no control group of its own"),
        Some(group) if group < pss * (1.0 - TOLERANCE) => reasons.push(
            "groups count less: shim, sandbox or monitor are in another, and pages of files are \
             charged to the group that read them first",
        ),
        Some(group) if group > pss * (1.0 + TOLERANCE) => reasons.push(
            "groups count more: page cache and kernel memory (page tables, sockets, the \
             group's own structures)",
        ),
        Some(_) => {}
    }
    match counts.available {
        Some((bytes, _)) if bytes < pss * (1.0 - TOLERANCE) && pss - bytes > NOISE => reasons
            .push("MemAvailable lost less: pages of files can be reclaimed and count as available"),
        Some((bytes, _)) if bytes > pss * (1.0 + TOLERANCE) && bytes - pss > NOISE => reasons.push(
            "MemAvailable lost more: front end, daemon and kernel (namespaces, mounts, page \
             tables) belong to no instance",
        ),
        _ => {}
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1024.0 * 1024.0;

    fn said(pss: f64, group: Option<f64>, available: f64) -> String {
        let counts = Counts {
            pss: pss * MIB,
            group: group.map(|group| group * MIB),
            available: Some((available * MIB, "one")),
        };
        why(&counts).join("; ")
    }

    #[test]
    fn counts_that_agree_need_no_reason_and_others_have_the_right_one() {
        assert_eq!(said(10.0, Some(10.5), 10.2), "");
        assert!(said(10.0, None, 10.0).contains("no control group"));
        assert!(said(10.0, Some(2.0), 10.0).contains("count less"));
        assert!(said(10.0, Some(20.0), 10.0).contains("count more"));
        assert!(said(10.0, Some(10.0), 4.0).contains("lost less"));
        assert!(said(10.0, Some(10.0), 25.0).contains("lost more"));
        // Within what the machine's noise moves it by.
        assert_eq!(said(0.5, Some(0.5), 1.2), "");
    }
}
