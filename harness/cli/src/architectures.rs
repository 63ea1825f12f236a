//! `--arch`: the same components on several architectures, and `assay merge`:
//! the records of several machines as one.

use crate::args::{Format, MainArgs, MergeArgs};
use crate::console;
use crate::exit::Failure;
use crate::job::new_record::{self, NewRecord};
use crate::job::{Done, Job, tell_failures};
use crate::programs::{self, Console};
use crate::table::Table;
use assay_build::{Architecture, Binaries, BuildError, Built, Programs};
use assay_model::record::Mixed;
use assay_model::{MeasureSet, Record, RunId};
use assay_reports::analyse::{Analysis, Architectures};
use assay_workloads::Catalog;
use std::path::{Path, PathBuf};

/// Carries the job out on each architecture in turn, leaves a record of each
/// and one of all, and compares their outcomes.
///
/// # Errors
/// See [`Failure`]; a cell that failed, or that differs between architectures,
/// is a conformance failure.
pub fn run(args: &MainArgs, measures: MeasureSet, suite: Option<&Path>) -> Result<(), Failure> {
    let architectures = named(&args.arch)?;
    let job = Job::new(&args.run, measures, suite)?;
    let all = NewRecord::choose(args.run.out.as_deref())?;
    let needed = job.programs()?;
    // Whatever is in the way of one of them is told before any is verified.
    let mut found_all: Vec<(Binaries, Built)> = Vec::new();
    for &architecture in &architectures {
        NewRecord::of_architecture(&all.dir, architecture.as_str())?;
        let mut watch = Console::new(job.cancel());
        let found = Binaries::of(architecture, &job.catalog, &needed, &mut watch);
        found_all.push(found.map_err(missing)?);
    }
    let mut records = Vec::new();
    for (architecture, (binaries, built)) in architectures.into_iter().zip(found_all) {
        match binaries.beside() {
            None => eprintln!("on {architecture}"),
            Some(foreign) => eprintln!(
                "on {architecture}, emulated: {}; programs: {}",
                foreign.emulator.version, foreign.builder
            ),
        }
        let new_record = NewRecord::of_architecture(&all.dir, architecture.as_str())?;
        let Done {
            record, verdicts, ..
        } = job.carry_out(&new_record, (binaries, built))?;
        eprintln!("record: {}", new_record.dir.display());
        tell_failures(&verdicts, &format!(", {architecture}"));
        records.push(record);
    }
    let merged = Record::merge(records, Mixed::Refused).map_err(Failure::internal)?;
    let analysis = Analysis::of(&merged);
    write(&analysis, &all.dir)?;
    all.link_latest()?;
    let beside = &analysis.architectures;
    tell(beside, &merged, args.run.format)?;
    outcome(beside)
}

/// Builds what is verified on an architecture, and maybe the harness for it; tells
/// the directory of what was built last.
///
/// # Errors
/// See [`Failure`].
pub fn build(name: &str, harness: bool, catalog: &Catalog) -> Result<PathBuf, Failure> {
    let architecture = name.parse().map_err(Failure::Usage)?;
    let mut watch = Console::new(&crate::job::interruptible()?);
    let all = Programs::all(catalog);
    let (binaries, _) = Binaries::of(architecture, catalog, &all, &mut watch).map_err(missing)?;
    if !harness || Architecture::here() == Some(architecture) {
        return Ok(binaries.dir().to_owned());
    }
    let harness = assay_build::harness(architecture, &mut watch).map_err(missing)?;
    Ok(harness.with_file_name(""))
}

/// Joins records into one grid.
///
/// # Errors
/// A record that cannot be read, or that is of other bytes, is usage; cells
/// that failed or differ are a conformance failure.
pub fn merge(args: &MergeArgs) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        new_record::is_free(out)?;
    }
    let mut records: Vec<Record> = Vec::new();
    let mut seen: Vec<(RunId, &PathBuf)> = Vec::new();
    for dir in &args.records {
        let record = Record::read(dir).map_err(|error| Failure::Usage(error.to_string()))?;
        let run = record.manifest.run_id.clone();
        if let Some((_, before)) = seen.iter().find(|(known, _)| *known == run) {
            return Err(Failure::Usage(format!(
                "{} and {} are the same run, {run}",
                before.display(),
                dir.display()
            )));
        }
        if !record.manifest.complete {
            eprintln!(
                "{}: this run did not finish; cells that are planned but missing count as failed",
                dir.display()
            );
        }
        seen.push((run, dir));
        records.push(record);
    }
    let mixed = match args.show_differing {
        true => Mixed::Shown,
        false => Mixed::Refused,
    };
    let merged =
        Record::merge(records, mixed).map_err(|error| Failure::Usage(error.to_string()))?;
    let beside = match &args.out {
        None => Architectures::of(&merged),
        Some(out) => {
            let analysis = Analysis::of(&merged);
            write(&analysis, out)?;
            analysis.architectures
        }
    };
    tell(&beside, &merged, args.format)?;
    if let Some(document) = &args.splice {
        splice(&beside, document)?;
    }
    outcome(&beside)
}

/// Writes a merged record with its report.
fn write(merged: &Analysis<'_>, dir: &Path) -> Result<(), Failure> {
    merged.record.write(dir).map_err(Failure::internal)?;
    let report = assay_reports::write_all(dir, merged).map_err(Failure::internal)?;
    eprintln!("merged report: {}", report.display());
    Ok(())
}

/// Prints the grid, and says on stderr which cells differ.
fn tell(beside: &Architectures, merged: &Record, format: Format) -> Result<(), Failure> {
    for difference in &beside.differences {
        eprintln!("{difference}");
    }
    for case in &beside.other_bytes {
        eprintln!("not compared: {case}, because its bytes are not the same in all records");
    }
    let table = match format {
        Format::Table | Format::Md => beside.table(),
        // For programs: every cell.
        Format::Csv | Format::Json => Architectures::cells(merged),
    };
    console::put(&Table::of(table).render(format))
}

/// A cell that is planned and missing counts as failed.
fn outcome(beside: &Architectures) -> Result<(), Failure> {
    let failures = beside.all.counts.iter().map(|count| count.failed).sum();
    match (failures, beside.differences.len()) {
        (0, 0) => Ok(()),
        (failures, differences) => Err(Failure::Outcome(format!(
            "{failures} verified cells failed, {differences} differ between machines"
        ))),
    }
}

/// Puts the grid into a document, with the machines it is of.
fn splice(beside: &Architectures, document: &Path) -> Result<(), Failure> {
    let grid = Table::of(beside.table()).render(Format::Md);
    let machines = beside
        .machines
        .iter()
        .map(|machine| format!("- {}: {}", machine.label, machine.about));
    let machines: Vec<String> = machines.collect();
    let text = format!("{grid}\n{}\n", machines.join("\n"));
    console::splice(document, &[("architectures", &text)])
}

/// The architectures of a command line, each once.
fn named(names: &[String]) -> Result<Vec<Architecture>, Failure> {
    let mut architectures: Vec<Architecture> = Vec::new();
    for name in names {
        let architecture = name.parse().map_err(Failure::Usage)?;
        if !architectures.contains(&architecture) {
            architectures.push(architecture);
        }
    }
    Ok(architectures)
}

/// What is not installed can be had; anything else went wrong.
fn missing(error: BuildError) -> Failure {
    match error {
        BuildError::Toolchain(_) | BuildError::Emulator(_) => {
            Failure::ArchitectureMissing(error.to_string())
        }
        other => programs::failure(other),
    }
}
