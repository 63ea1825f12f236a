//! The command line.

mod baselines;
mod format;

pub use crate::exec::ExecArgs;
use crate::shard::Shard;
use assay_model::{Measure, MeasureSet, Profile};
use clap::builder::PossibleValue;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

pub use baselines::{BaselinesVerb, StatusArgs};
pub use format::Format;

/// Checks that WASI components behave the same everywhere, and measures their
/// start time, memory and density next to the same programs in containers.
///
/// Without a command, `assay` does what `assay run` does.
#[derive(Debug, Parser)]
#[command(name = "assay", version, after_help = AFTER_HELP)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// Flags of `run`.
    #[command(flatten)]
    pub main: MainArgs,
}

const AFTER_HELP: &str = "\
Exit codes: 0 ok, 1 internal error, 2 usage, 3 regression, 4 nothing selected,
5 inconclusive, 6 a required arm or engine is missing, 100 conformance failure, 130 Ctrl-C.
Results go to stdout, messages and progress to stderr. NO_COLOR is respected.";

const ABOUT_BASELINES: &str = "\
The daemons are a containerd, a dockerd that uses it, and a Podman service. Their sockets
and state are in target/baselines, or in the folder that ASSAY_BASELINES names. For `crun`,
`start` only prepares the control groups, if both versions are mounted. Your own daemons
are not touched, and nothing is pulled. scripts/setup-baselines installs the engines.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Verify, measure and report
    Run(MainArgs),
    /// Only verify that outcomes are as expected
    Verify(VerifyArgs),
    /// Run your own component on every arm that supports it, and compare outcomes
    Exec(Box<ExecArgs>),
    /// Only measure cold start, footprint and density
    Measure(MeasureArgs),
    /// Merge the records of several machines into one grid
    Merge(MergeArgs),
    /// Render the report of a record again from its files
    Report(ReportArgs),
    /// List workloads and arms
    List(ListArgs),
    /// Show which arms work here, which do not, and how to get them
    Doctor(DoctorArgs),
    /// Build the measured binaries
    Build(BuildArgs),
    /// Start, stop or show the private daemons of the container arms
    #[command(subcommand, after_help = ABOUT_BASELINES)]
    Baselines(BaselinesVerb),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Flags of everything that runs workloads.
#[derive(Debug, Clone, ClapArgs)]
pub struct RunArgs {
    /// Size of the run: smoke takes about a minute, standard is for published
    /// figures, nightly also has the cases that take long
    #[arg(long, value_name = "smoke|standard|nightly", default_value = "smoke")]
    pub profile: Profile,
    /// Arms to run; names or globs [default: all]
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',')]
    pub arms: Vec<String>,
    /// Workloads or cases to run; names or globs [default: all]
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',')]
    pub workloads: Vec<String>,
    /// Run only the Kth of N parts of the workloads, to share the work between
    /// processes or machines; `assay merge` merges the records [default: all]
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Arms that must work here; if one does not, nothing runs (exit code 6)
    #[arg(long, value_name = "ARM,…", value_delimiter = ',')]
    pub require: Vec<String>,
    /// Seed for the order of launches and the bootstrap [default: from the clock]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Number of workloads to verify at the same time; measurements never run
    /// in parallel [default: one per processor, plus one under an emulator]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub jobs: Option<NonZeroUsize>,
    /// Directory of the record [default: target/assay/RUN-ID]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Output format of the summary on stdout
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
    /// Print every figure, sentence and warning of the summary
    #[arg(long)]
    pub verbose: bool,
    /// Directory of definitions and components [default: the one in ASSAY_HOME,
    /// or beside this program, or in its checkout]
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
}

fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    let wrong = |_| "expected a whole number of at least 1".to_owned();
    text.parse().map_err(wrong)
}

/// Flags of verbs that support several architectures.
#[derive(Debug, Clone, ClapArgs)]
pub struct MainArgs {
    /// Architectures to run on: x86_64, aarch64, s390x, riscv64. Programs for
    /// other architectures than this machine's run under QEMU. Each architecture
    /// gets a record, and a merged record compares the outcomes [default: this
    /// machine's]
    #[arg(long, value_name = "ARCH,…", value_delimiter = ',')]
    pub arch: Vec<String>,
    /// The others.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Flags of `merge`.
#[derive(Debug, Clone, ClapArgs)]
pub struct MergeArgs {
    /// Directories of records; these may be merged records
    #[arg(required = true, value_name = "RECORD")]
    pub records: Vec<PathBuf>,
    /// Directory of the merged record and its report [default: print the grid
    /// and write nothing]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Merge records even if some components differ between them; these are
    /// listed, and their outcomes are not compared
    #[arg(long)]
    pub show_differing: bool,
    /// Write the grid into this Markdown file, between its
    /// `assay:architectures` markers
    #[arg(long, value_name = "FILE")]
    pub splice: Option<PathBuf>,
    /// Output format of the grid on stdout: table and md print families by
    /// machine, csv and json print every cell
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
}

/// Flags of `verify`.
#[derive(Debug, Clone, ClapArgs)]
pub struct VerifyArgs {
    /// Verify another suite instead of the fixed set: a directory of programs
    /// with JSON manifests, in the format of WebAssembly/wasi-testsuite
    #[arg(long, value_name = "DIR", conflicts_with = "catalog")]
    pub suite: Option<PathBuf>,
    /// Flags shared with `run`.
    #[command(flatten)]
    pub main: MainArgs,
}

/// Flags of `measure`.
#[derive(Debug, Clone, ClapArgs)]
pub struct MeasureArgs {
    /// What to measure [default: all]
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Vec<Figures>,
    /// Flags shared with `run`.
    #[command(flatten)]
    pub run: RunArgs,
}

impl MeasureArgs {
    /// What is measured.
    #[must_use]
    pub fn measures(&self) -> MeasureSet {
        let named: Vec<Measure> = match self.what.as_slice() {
            [] => Figures::value_variants().iter().map(|all| all.0).collect(),
            named => named.iter().map(|one| one.0).collect(),
        };
        MeasureSet::of(&named)
    }
}

/// A measure that leaves figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures(Measure);

impl ValueEnum for Figures {
    fn value_variants<'a>() -> &'a [Figures] {
        &[
            Figures(Measure::ColdStart),
            Figures(Measure::Footprint),
            Figures(Measure::Density),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self.0 {
            Measure::Verification => return None,
            Measure::ColdStart => "Time from the start of a launch to its first output or response",
            Measure::Footprint => "Sizes of artifacts, and memory of one idle instance",
            Measure::Density => {
                "Number of live instances, up to a limit of the machine or of the profile"
            }
        };
        Some(PossibleValue::new(self.0.as_str()).help(help))
    }
}

/// Flags of `report`.
#[derive(Debug, Clone, ClapArgs)]
pub struct ReportArgs {
    /// Directory of the record
    pub record: PathBuf,
    /// Directory for report.html and junit.xml [default: that of the record]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write a summary by class of arms, with the claims, into this Markdown file,
    /// between its `assay:summary` markers, and the charts as SVG files into --out
    #[arg(long, value_name = "FILE")]
    pub splice: Option<PathBuf>,
    /// Output format of the summary on stdout
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
    /// Print every figure, sentence and warning of the summary
    #[arg(long)]
    pub verbose: bool,
}

/// Flags of `list`.
#[derive(Debug, Clone, ClapArgs)]
pub struct ListArgs {
    /// Output format
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
    /// Directory of definitions and components [default: the one in ASSAY_HOME,
    /// or beside this program, or in its checkout]
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
    /// Write tables of the workloads into this Markdown file, between its
    /// `assay:families` and `assay:workloads` markers
    #[arg(long, value_name = "FILE")]
    pub splice: Option<PathBuf>,
}

/// Flags of `build`.
#[derive(Debug, Clone, ClapArgs)]
pub struct BuildArgs {
    /// Build for this other architecture: assay itself, and the programs that it
    /// verifies
    #[arg(long, value_name = "ARCH")]
    pub arch: Option<String>,
    /// With --arch, do not build assay itself, which only a machine of that
    /// architecture needs
    #[arg(long, requires = "arch")]
    pub without_harness: bool,
}

/// Flags of `doctor`.
#[derive(Debug, Clone, ClapArgs)]
pub struct DoctorArgs {
    /// Output format
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
}
