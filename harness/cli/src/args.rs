//! The command line.

pub use crate::exec::ExecArgs;
use crate::shard::Shard;
use assay_model::{Measure, MeasureSet, Profile};
use clap::builder::PossibleValue;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Is a WASI component the same program everywhere, and what does it cost to
/// start, to keep and to pack, next to the same program in a container?
///
/// Without a verb: `run` with the smoke profile.
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
5 inconclusive, 6 a required arm is missing, 100 conformance failure, 130 Ctrl-C.
Data goes to stdout, narration and progress to stderr. NO_COLOR is respected.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The main job: verify, measure, report
    Run(MainArgs),
    /// Conformance only
    Verify(VerifyArgs),
    /// Run any component on every arm that can hold it, and compare
    Exec(Box<ExecArgs>),
    /// Measure only
    Measure(MeasureArgs),
    /// Join the records of several machines into one grid
    Merge(MergeArgs),
    /// Render a record's report again, from its files alone
    Report(ReportArgs),
    /// Show workloads and arms
    List(ListArgs),
    /// What works here, what is missing, and how to get it
    Doctor(DoctorArgs),
    /// Build the measured binaries
    Build(BuildArgs),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Flags of everything that runs workloads.
#[derive(Debug, Clone, ClapArgs)]
pub struct RunArgs {
    /// How much: smoke takes a minute, standard is for publishing
    #[arg(long, value_name = "smoke|standard|nightly", default_value = "smoke")]
    pub profile: Profile,
    /// Arms to run; names or globs [default: all]
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',')]
    pub arms: Vec<String>,
    /// Workloads or cases to run; names or globs [default: all]
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',')]
    pub workloads: Vec<String>,
    /// The Kth of N parts of these workloads, for a process or machine of a
    /// fleet; `assay merge` joins the records [default: all]
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Arms that must work here; if one does not, nothing runs (exit code 6)
    #[arg(long, value_name = "ARM,…", value_delimiter = ',')]
    pub require: Vec<String>,
    /// Seeds the order of launches and the bootstrap [default: from the clock]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Workloads that are verified at a time; nothing is ever measured beside
    /// something else [default: one per processor, under an emulator one more]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Where the record goes [default: target/assay/RUN-ID]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Form of the summary on stdout
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
    /// Another directory of definitions and components
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
}

/// Flags of what can be done on several architectures.
#[derive(Debug, Clone, ClapArgs)]
pub struct MainArgs {
    /// Architectures to run on, a record each and one of all: x86_64, aarch64,
    /// s390x, riscv64. Programs of another one than this machine's are built
    /// for it and run under QEMU; outcomes are compared across all that are
    /// named [default: this machine's]
    #[arg(long, value_name = "ARCH,…", value_delimiter = ',')]
    pub arch: Vec<String>,
    /// The others.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Flags of `merge`.
#[derive(Debug, Clone, ClapArgs)]
pub struct MergeArgs {
    /// Directories of records; merged ones too
    #[arg(required = true, value_name = "RECORD")]
    pub records: Vec<PathBuf>,
    /// Where the merged record and its report go [default: only the grid is
    /// printed]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Merge records though some of their components are not the same bytes;
    /// these are listed, and their outcomes not compared
    #[arg(long)]
    pub show_differing: bool,
    /// Put the grid into this Markdown file, between its
    /// `assay:architectures` markers
    #[arg(long, value_name = "FILE")]
    pub splice: Option<PathBuf>,
    /// Form of the grid on stdout: families by machine, or as csv and json
    /// every cell
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
}

/// Flags of `verify`.
#[derive(Debug, Clone, ClapArgs)]
pub struct VerifyArgs {
    /// A directory of programs with JSON manifests, in the form of
    /// WebAssembly/wasi-testsuite, in place of the fixed set
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
            Measure::ColdStart => "From nothing to the first answer",
            Measure::Footprint => "Sizes of artifacts, memory of one idle instance",
            Measure::Density => "Live instances until a wall or the budget",
        };
        Some(PossibleValue::new(self.0.as_str()).help(help))
    }
}

/// Flags of `report`.
#[derive(Debug, Clone, ClapArgs)]
pub struct ReportArgs {
    /// The record's directory
    pub record: PathBuf,
    /// Where report.html and junit.xml go [default: the record's directory]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Put the figures of the record into this Markdown file, between its
    /// `assay:` markers, with the charts as SVG files in --out
    #[arg(long, value_name = "FILE")]
    pub splice: Option<PathBuf>,
    /// Form of the summary on stdout
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
}

/// Flags of `list`.
#[derive(Debug, Clone, ClapArgs)]
pub struct ListArgs {
    /// Form of the list
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
    /// Another directory of definitions and components
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
    /// Put the figures of the fixed set into FILE, between its markers
    #[arg(long, value_name = "FILE")]
    pub splice: Option<PathBuf>,
}

/// Flags of `build`.
#[derive(Debug, Clone, ClapArgs)]
pub struct BuildArgs {
    /// Build what is verified on another architecture, and assay itself for it
    #[arg(long, value_name = "ARCH")]
    pub arch: Option<String>,
    /// Leave out assay itself, which only a machine of that architecture needs
    #[arg(long, requires = "arch")]
    pub without_harness: bool,
}

/// Flags of `doctor`.
#[derive(Debug, Clone, ClapArgs)]
pub struct DoctorArgs {
    /// Form of the findings
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
}

/// Forms of data on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns
    Table,
    /// JSON
    Json,
    /// Comma-separated values
    Csv,
    /// Markdown
    Md,
}

impl From<Format> for assay_reports::summary::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => Self::Table,
            Format::Json => Self::Json,
            Format::Csv => Self::Csv,
            Format::Md => Self::Md,
        }
    }
}
