use assay_arms::{Arm, ArmError, Binaries, BuildError, Lab, ProgramInput};
use assay_build::Programs;
use assay_model::outcome::Observed;
use assay_model::{ArmId, Availability, Difference};
use assay_workloads::{Action, Case, Catalog, CatalogError, Command, Workload};

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The measured binaries are not there.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The workloads could not be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// An arm, or a process of the harness, broke.
    #[error(transparent)]
    Arm(#[from] ArmError),
    /// The catalog has no such workload that runs as a command.
    #[error("the catalog has no command '{0}': a bench target names a workload that is gone")]
    NoCommand(String),
    /// The program did something else than it should: its times mean nothing.
    #[error("{workload} on {arm} has a wrong outcome, so it is not timed: {what}")]
    Wrong {
        /// The case.
        workload: String,
        /// Where it ran.
        arm: String,
        /// The first difference, or how it ended instead.
        what: String,
    },
    /// A launch without a usable time.
    #[error("{workload} on {arm} gave no usable time: {what}")]
    NoTime {
        /// The case.
        workload: String,
        /// Where it ran.
        arm: String,
        /// What is wrong with its stamps.
        what: String,
    },
}

/// The measured binaries, the catalog and a launcher.
///
/// Made only when something is to be run: `--list` needs none of it.
pub struct Setup {
    /// Where arms work.
    pub lab: Lab,
}

impl Setup {
    /// Finds the measured binaries, or has cargo build them.
    ///
    /// # Errors
    /// When they cannot be built, or the catalog or the launcher is broken.
    pub fn new() -> Result<Setup, BenchError> {
        let mut tell = |what: &str| eprintln!("assay-benches: {what}");
        let catalog = Catalog::load(Catalog::default_directory())?;
        let (binaries, _) = Binaries::find_or_build(&catalog, &Programs::all(&catalog), &mut tell)?;
        let lab = Lab::new(binaries, catalog)?;
        Ok(Setup { lab })
    }

    /// Whether an arm works here; if not, stderr says why and what to do.
    pub fn has(&mut self, arm: &dyn Arm) -> bool {
        match arm.detect(&mut self.lab).availability {
            Availability::Available { .. } => true,
            Availability::Unavailable { reason, remedy } => {
                let id = arm.id();
                eprintln!("assay-benches: {id} is not available: {reason}; {remedy}");
                false
            }
        }
    }

    /// A workload and its first case, which must be a command.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn command(&self, id: &str) -> Result<Program, BenchError> {
        let missing = || BenchError::NoCommand(id.to_owned());
        let workload = self.lab.catalog().workload(id).ok_or_else(missing)?;
        let case = workload.cases.first().ok_or_else(missing)?;
        match &case.action {
            Action::Command(command) => Ok(Program {
                workload: workload.clone(),
                command: (**command).clone(),
                case: case.clone(),
            }),
            Action::Server(_) => Err(missing()),
        }
    }
}

/// A command with its input and its expected outcome.
pub struct Program {
    pub(crate) workload: Workload,
    pub(crate) command: Command,
    case: Case,
}

impl Program {
    /// What it is given.
    pub(crate) fn input(&self) -> ProgramInput {
        ProgramInput::of_case(&self.command, &self.case.setting, self.workload.deadline)
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        self.case.id.to_string()
    }

    /// Compares what a run did with what it should have done.
    pub(crate) fn check(&self, arm: &ArmId, observed: &Observed) -> Result<(), BenchError> {
        let actual = self.case.outcome(observed);
        match self.case.expected().difference(&actual) {
            None => Ok(()),
            Some(difference) => Err(self.wrong(arm, &difference)),
        }
    }

    fn wrong(&self, arm: &ArmId, difference: &Difference) -> BenchError {
        self.ended(arm, difference.to_string())
    }

    /// It ended in a way that has no outcome.
    pub(crate) fn ended(&self, arm: &ArmId, what: impl Into<String>) -> BenchError {
        BenchError::Wrong {
            workload: self.name(),
            arm: arm.to_string(),
            what: what.into(),
        }
    }
}

/// Whether only the names of benchmarks are asked for.
pub(crate) fn is_listing() -> bool {
    std::env::args().any(|arg| arg == "--list")
}

/// The value, or the end of this bench process. Criterion's closures cannot
/// return errors; unwinding still ends workers and containers and removes
/// scratch files.
pub(crate) fn or_stop<T>(result: Result<T, BenchError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
