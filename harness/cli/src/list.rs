//! `assay list`: what there is to run, and on what.

use crate::args::{Format, ListArgs};
use crate::console::{self, put};
use crate::exit::Failure;
use crate::select;
use crate::table::Table;
use assay_model::Profile;
use assay_workloads::{Catalog, Twin, Workload};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// One workload in `--format json`.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    world: &'static str,
    language: &'static str,
    tags: &'a [String],
    cases: Vec<&'a str>,
    component: &'a str,
    about: String,
}

impl<'a> Listed<'a> {
    fn of(workload: &'a Workload) -> Listed<'a> {
        let name = workload.id.as_str();
        Listed {
            name,
            world: workload.world.as_str(),
            language: workload.language.as_str(),
            tags: &workload.tags,
            // The only case of a workload needs no name of its own.
            cases: workload
                .cases
                .iter()
                .map(|case| case.id.case().unwrap_or(name))
                .collect(),
            component: &workload.component,
            about: first_sentence(&workload.analysis),
        }
    }
}

fn first_sentence(text: &str) -> String {
    let first = text.trim().split(". ").next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lists workloads (in JSON these alone: `assay doctor` tells of arms), then
/// arms.
///
/// # Errors
/// When the catalog is wrong.
pub fn list(args: &ListArgs) -> Result<(), Failure> {
    let arms = select::all_arms(Profile::Smoke)?;
    let catalog = select::catalog(args.catalog.as_deref(), &arms)?;
    if let Some(document) = &args.splice {
        return splice(&catalog, document);
    }
    if let Format::Json = args.format {
        return put(&json(&catalog)?);
    }
    let mut table = Table::new(&["kind", "id", "language", "about"]);
    for selected in catalog.cases() {
        table.row(vec![
            "workload".into(),
            selected.case.id.to_string(),
            selected.workload.language.to_string(),
            first_sentence(&selected.workload.analysis),
        ]);
    }
    for arm in &arms {
        table.row(vec![
            "arm".into(),
            arm.id().to_string(),
            String::new(),
            arm.summary().to_owned(),
        ]);
    }
    put(&table.render(args.format))
}

/// Puts a summary by family and a line for each workload into a document.
fn splice(catalog: &Catalog, document: &Path) -> Result<(), Failure> {
    console::splice(
        document,
        &[
            ("families", &families(catalog)),
            ("workloads", &figures(catalog)),
        ],
    )
}

fn families(catalog: &Catalog) -> String {
    #[derive(Default)]
    struct Sum {
        workloads: usize,
        cases: usize,
        twins: usize,
        known: usize,
    }
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for workload in catalog.workloads() {
        let family = workload.id.as_str().split('/').next().unwrap_or_default();
        for key in [family, TOTAL] {
            let sum = sums.entry(key).or_default();
            sum.workloads += 1;
            sum.cases += workload.cases.len();
            sum.twins += usize::from(!matches!(workload.twin, Twin::None { .. }));
            sum.known += workload.known_defects.len();
        }
    }
    let total = sums.remove(TOTAL);
    let columns = [
        "family",
        "workloads",
        "cases",
        "with a native twin",
        "known defects",
    ];
    let mut table = Table::new(&columns);
    for (family, sum) in sums.into_iter().chain(total.map(|sum| (TOTAL, sum))) {
        table.row(vec![
            family.to_owned(),
            sum.workloads.to_string(),
            sum.cases.to_string(),
            sum.twins.to_string(),
            sum.known.to_string(),
        ]);
    }
    table.render(Format::Md)
}

const TOTAL: &str = "**all**";

fn figures(catalog: &Catalog) -> String {
    let columns = [
        "workload",
        "world",
        "language",
        "cases",
        "component, bytes",
        "zstd, bytes",
        "native twin",
        "about",
    ];
    let mut table = Table::new(&columns);
    for workload in catalog.workloads() {
        let pin = catalog.pin(workload);
        let packed = match std::fs::metadata(&pin.file) {
            Ok(metadata) if pin.stored => metadata.len().to_string(),
            _ => "built on demand".to_owned(),
        };
        let twin = match &workload.twin {
            Twin::Cargo { bin, .. } => bin.clone(),
            Twin::Script { script, .. } => script.clone(),
            Twin::Go { package, .. } => package.clone(),
            Twin::None { .. } => "none".to_owned(),
        };
        table.row(vec![
            workload.id.to_string(),
            workload.world.to_string(),
            workload.language.to_string(),
            workload.cases.len().to_string(),
            pin.bytes.0.to_string(),
            packed,
            twin,
            first_sentence(&workload.analysis),
        ]);
    }
    table.render(Format::Md)
}

fn json(catalog: &Catalog) -> Result<String, Failure> {
    let listed: Vec<Listed<'_>> = catalog.workloads().iter().map(Listed::of).collect();
    let mut text = serde_json::to_string_pretty(&listed).map_err(Failure::internal)?;
    text.push('\n');
    Ok(text)
}
