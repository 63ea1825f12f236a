//! `assay verify --arch`: the same components on several architectures.

mod grid;

use crate::args::VerifyArgs;
use crate::console;
use crate::exit::Failure;
use crate::job::place::Place;
use crate::job::{Done, Job, Steps, tell_failures};
use assay_arms::{Architecture, Binaries, BuildError, Built};
use grid::Grid;

/// Verifies on each architecture in turn and compares their outcomes.
///
/// # Errors
/// See [`Failure`]; a cell that failed, or that differs between architectures,
/// is a conformance failure.
pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let architectures = named(&args.arch)?;
    let job = Job::new(&args.run, Steps::VERIFY, args.suite.as_deref())?;
    let all = match &args.run.out {
        Some(out) => out.clone(),
        None => Place::choose(None)?.dir,
    };
    // Whatever is in the way of one of them is told before any is verified.
    let mut programs: Vec<(Binaries, Built)> = Vec::new();
    for &architecture in &architectures {
        Place::of_architecture(&all, architecture.as_str())?;
        let mut tell = |what: &str| eprintln!("building what is verified: {what}");
        let found = Binaries::of(architecture, &job.catalog, &mut tell);
        let (binaries, built) = found.map_err(missing)?;
        programs.push((job.with_back_ends(binaries)?, built));
    }
    let mut done: Vec<(Architecture, Done)> = Vec::new();
    let mut failures = 0;
    for (architecture, (binaries, built)) in architectures.into_iter().zip(programs) {
        match binaries.beside() {
            None => eprintln!("verifying on {architecture}"),
            Some(foreign) => eprintln!(
                "verifying on {architecture}, emulated: {}; programs: {}",
                foreign.emulator.version, foreign.builder
            ),
        }
        let place = Place::of_architecture(&all, architecture.as_str())?;
        let this = job.carry_out(&place, (binaries, built))?;
        eprintln!("record: {}", place.dir.display());
        failures += tell_failures(&this.verdicts, &format!(", {architecture}"));
        done.push((architecture, this));
    }
    let is_control = |case: &str| {
        let selected = job.catalog.case(case);
        selected.is_some_and(|selected| selected.workload.control.is_some())
    };
    let columns = done
        .iter()
        .map(|(architecture, done)| (*architecture, done.record.outcomes.as_slice()));
    let grid = Grid::of(columns, is_control);
    for difference in &grid.differences {
        eprintln!("{difference}");
    }
    console::put(&grid.table().render(args.run.format))?;
    match (failures, grid.differences.len()) {
        (0, 0) => Ok(()),
        (failures, differences) => Err(Failure::Outcome(format!(
            "{failures} of the verified cells failed, {differences} differ between architectures"
        ))),
    }
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
        other => Failure::internal(other),
    }
}
