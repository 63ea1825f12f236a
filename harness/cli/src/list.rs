//! `assay list`: what there is to run, and on what.

use crate::args::{Format, ListArgs};
use crate::console::put;
use crate::exit::Failure;
use crate::select;
use crate::table::Table;
use assay_model::Profile;
use assay_workloads::{Catalog, Workload};
use serde::Serialize;

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
    let known: Vec<&str> = arms.iter().map(|arm| arm.id().as_str()).collect();
    let catalog = select::catalog(args.catalog.as_deref(), &known)?;
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

fn json(catalog: &Catalog) -> Result<String, Failure> {
    let listed: Vec<Listed<'_>> = catalog.workloads().iter().map(Listed::of).collect();
    let mut text = serde_json::to_string_pretty(&listed).map_err(Failure::internal)?;
    text.push('\n');
    Ok(text)
}
