//! One function per verb.

use crate::architectures;
use crate::args::{Args, BuildArgs, DoctorArgs, MainArgs, ReportArgs, Verb};
use crate::console::{self, put, summary};
use crate::exit::Failure;
use crate::job;
use crate::list::list;
use crate::programs::{self, Console};
use crate::select;
use crate::table::Table;
use assay_arms::Lab;
use assay_build::{Binaries, Programs};
use assay_model::{Availability, MeasureSet, Profile, Record};
use assay_reports::analyse::Analysis;
use assay_workloads::Workload;
use clap::CommandFactory as _;
use std::path::Path;

/// Carries out the command line.
///
/// # Errors
/// See [`Failure`].
pub fn run(args: Args) -> Result<(), Failure> {
    match args.verb {
        None => main_job(&args.main, MeasureSet::ALL, None),
        Some(Verb::Run(main)) => main_job(&main, MeasureSet::ALL, None),
        Some(Verb::Verify(verify)) => main_job(
            &verify.main,
            MeasureSet::VERIFICATION,
            verify.suite.as_deref(),
        ),
        Some(Verb::Merge(merge)) => architectures::merge(&merge),
        Some(Verb::Exec(exec)) => crate::exec::run(&exec),
        Some(Verb::Measure(measure)) => job::run(&measure.run, measure.measures(), None),
        Some(Verb::Report(args)) => report(&args),
        Some(Verb::List(args)) => list(&args),
        Some(Verb::Doctor(args)) => doctor(&args),
        Some(Verb::Build(args)) => build(&args),
        Some(Verb::Baselines(verb)) => crate::baselines::run(&verb),
        Some(Verb::Completions { shell }) => {
            let mut command = Args::command();
            clap_complete::generate(shell, &mut command, "assay", &mut std::io::stdout());
            Ok(())
        }
    }
}

fn main_job(args: &MainArgs, measures: MeasureSet, suite: Option<&Path>) -> Result<(), Failure> {
    match args.arch.is_empty() {
        true => job::run(&args.run, measures, suite),
        false => architectures::run(args, measures, suite),
    }
}

fn report(args: &ReportArgs) -> Result<(), Failure> {
    let record = Record::read(&args.record).map_err(|error| Failure::Usage(error.to_string()))?;
    let out = args.out.as_deref().unwrap_or(&args.record);
    std::fs::create_dir_all(out).map_err(Failure::internal)?;
    let analysis = Analysis::of(&record);
    let path = assay_reports::write_all(out, &analysis).map_err(Failure::internal)?;
    if let Some(document) = &args.splice {
        splice(&analysis, out, document)?;
    }
    put(&summary(&analysis, args.format, args.verbose, &path)?)
}

/// Writes every chart as a file of its own and splices the digest of the
/// record into a document.
fn splice(analysis: &Analysis<'_>, out: &Path, document: &Path) -> Result<(), Failure> {
    use assay_reports::{charts, summary};
    for chart in charts::all(analysis).map_err(Failure::internal)? {
        let path = out.join(format!("{}.svg", chart.id));
        std::fs::write(&path, charts::standalone(&chart, analysis)).map_err(Failure::internal)?;
    }
    console::splice(document, &[("summary", &summary::digest(analysis))])
}

fn doctor(args: &DoctorArgs) -> Result<(), Failure> {
    let arms = select::all_arms(Profile::Smoke)?;
    let catalog = select::catalog(None, &arms)?;
    let workloads: Vec<&Workload> = catalog.workloads().iter().collect();
    let needed = programs::needed(&arms, &workloads);
    let cancel = job::interruptible()?;
    let (binaries, _) = programs::find_or_build(&catalog, &needed, &cancel)?;
    let mut lab = Lab::new(binaries, catalog).map_err(Failure::internal)?;
    let mut table = Table::new(&["arm", "state", "about", "remedy"]);
    for arm in &arms {
        let detected = arm.detect(&mut lab);
        let labels = match detected.labels.is_empty() {
            true => String::new(),
            false => format!(" [{}]", detected.labels.join(", ")),
        };
        let (state, about, remedy) = match detected.availability {
            Availability::Available { version } => ("works", version + &labels, String::new()),
            Availability::Unavailable { reason, remedy } => ("missing", reason, remedy),
        };
        table.row(vec![arm.id().to_string(), state.to_owned(), about, remedy]);
    }
    put(&table.render(args.format))
}

fn build(args: &BuildArgs) -> Result<(), Failure> {
    let catalog = select::catalog(None, &select::all_arms(Profile::Smoke)?)?;
    if let Some(name) = &args.arch {
        let dir = architectures::build(name, !args.without_harness, &catalog)?;
        return put(&format!("{}\n", dir.display()));
    }
    let mut watch = Console::new(&job::interruptible()?);
    let all = Programs::all(&catalog);
    let built = Binaries::build(&catalog, &all, &mut watch);
    let (binaries, built) = built.map_err(programs::failure)?;
    eprintln!("up to date after {:.1} s", built.took.as_secs_f64());
    put(&format!("{}\n", binaries.dir().display()))
}
