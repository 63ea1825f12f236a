//! The types of a loaded definition.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use assay_model::outcome::{Canary, Observed};
use assay_model::{Access, ArmSelector, CaseId, Compare, ExitClass, Outcome, Per, StderrPolicy};

use assay_stage::script::Step;
use serde::Deserialize;

use crate::content::Content;
use crate::exchange::Exchange;
use crate::files::FileTree;
use crate::language::{Interpreter, Language};
use crate::setting::Setting;
use crate::world::World;

/// The id of a workload, `family/name`. A case of it is a [`CaseId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "CaseId")]
pub struct WorkloadId(pub(crate) String);

impl TryFrom<CaseId> for WorkloadId {
    type Error = &'static str;
    fn try_from(id: CaseId) -> Result<Self, &'static str> {
        match id.case() {
            None => Ok(WorkloadId(id.into())),
            Some(_) => Err(
                "a '#' separates a workload from its case; name a case with the key 'name' of [[case]]",
            ),
        }
    }
}

impl WorkloadId {
    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkloadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The native program that does the same as the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Twin {
    /// Built by cargo from the same source.
    Cargo {
        /// The cargo package.
        package: String,
        /// Its binary target, and the name of the file it builds.
        bin: String,
    },
    /// A script, run by an interpreter of this machine.
    Script {
        /// What runs it.
        interpreter: Interpreter,
        /// The file, relative to the catalog's `sources`.
        script: String,
    },
    /// Built by `go build` where there is a Go toolchain.
    Go {
        /// The directory of its package, relative to the catalog's `sources`.
        package: String,
        /// The name of the file it builds.
        bin: String,
    },
    /// There is none.
    None {
        /// Why not.
        reason: String,
    },
}

/// What makes a workload a negative control: a program whose outcome cannot
/// be the expected one, so that every run shows that the difference is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// What would go unnoticed if this control passed.
    pub catches: String,
    /// Whether the component is compiled with canonical NaNs, as others are.
    pub canonical_nans: bool,
    /// The architecture on which there is nothing to catch, and why.
    pub moot: Option<Moot>,
}

/// An architecture on which a control cannot go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moot {
    /// As Rust names it.
    pub architecture: String,
    /// Why not.
    pub why: String,
}

/// Which part a workload plays in a density run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DensityRole {
    /// Instances inside one host process: the nonce is the first argument and
    /// comes back in stdout, and the store is kept after the run.
    InProcess,
    /// One process or container per instance: see [`crate::HoldLines`].
    Process,
}

impl DensityRole {
    /// Every role, in the order of the documentation.
    pub const ALL: [DensityRole; 2] = [DensityRole::InProcess, DensityRole::Process];

    /// Its name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DensityRole::InProcess => "in-process",
            DensityRole::Process => "process",
        }
    }
}

/// What a workload is measured for, beside being verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measures {
    /// Time from start to first byte or response.
    pub cold_start: bool,
    /// Memory of a live instance. Artifact sizes are taken of every workload.
    pub footprint: bool,
    /// Instances per machine.
    pub density: Option<DensityRole>,
}

/// The workload that another is set beside, case by case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedWith {
    /// Which one, and what the difference shows.
    pub compare: Compare,
    /// Where the definition names it, for messages.
    pub(crate) line: usize,
}

/// A defect of a host that is known and linked: the cell is expected to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDefect {
    /// The arms that have it, by their facts.
    pub on: ArmSelector,
    /// The case, or every case of the workload.
    pub case: Option<CaseId>,
    /// Where the defect is reported.
    pub issue: String,
    /// What goes wrong.
    pub reason: String,
    /// The outcomes it leads to, each the first digits of a digest; none where
    /// they vary.
    pub outcomes: Vec<String>,
    /// Whether it shows now and then: a cell that passes is no news then.
    pub intermittent: bool,
    /// The emulator whose defect it is; none where it shows everywhere.
    pub emulator: Option<OldEmulator>,
    /// `file:line`, and the line, for messages.
    pub(crate) line: usize,
}

/// Versions of QEMU that emulate an architecture with a defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldEmulator {
    /// The architecture, as Rust names it.
    pub architecture: String,
    /// The first version without the defect: major and minor.
    pub before: (u32, u32),
}

impl KnownDefect {
    /// Whether it shows where programs of an architecture run, under this
    /// version of an emulator or under none.
    #[must_use]
    pub fn shows_on(&self, architecture: &str, emulator: Option<(u32, u32)>) -> bool {
        match (&self.emulator, emulator) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(old), Some(version)) => old.architecture == architecture && version < old.before,
        }
    }

    /// Whether this is what it leads to. A defect without outcomes explains
    /// every difference.
    #[must_use]
    pub fn explains(&self, digest: &str) -> bool {
        let same = |outcome: &String| digest.starts_with(outcome.as_str());
        self.outcomes.is_empty() || self.outcomes.iter().any(same)
    }
}

/// One program with its inputs and expected outcomes.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its id.
    pub id: WorkloadId,
    /// The world of its component.
    pub world: World,
    /// The language of its source.
    pub language: Language,
    /// What it can be found by.
    pub tags: Vec<String>,
    /// The name of its component in the lock.
    pub component: String,
    /// Its native twin.
    pub twin: Twin,
    /// What it controls, if its outcome must not be the expected one.
    pub control: Option<Control>,
    /// The workload that it is set beside.
    pub compare: Option<ComparedWith>,
    /// What it exercises, why it is here, and what could mislead.
    pub analysis: String,
    /// How long one run may take before it is stopped.
    pub deadline: Duration,
    /// What it is measured for.
    pub measures: Measures,
    /// Its cases, at least one.
    pub cases: Vec<Case>,
    /// Its known defects on certain arms.
    pub known_defects: Vec<KnownDefect>,
    /// Why no arm can be asked to run it: a program of another suite may need
    /// what this harness cannot express.
    pub beyond: Option<String>,
    /// Where it is defined.
    pub file: PathBuf,
}

impl Workload {
    /// A workload with one case that is made in memory: somebody's component,
    /// of which only the world is known. It has no native twin and is not
    /// measured.
    #[must_use]
    pub fn ad_hoc(id: CaseId, world: World, deadline: Duration, file: PathBuf) -> Self {
        let name = id.workload().to_owned();
        Self {
            component: name.rsplit('/').next().unwrap_or_default().to_owned(),
            id: WorkloadId(name),
            world,
            // Nothing is known of its source, and nothing depends on it.
            language: Language::Rust,
            tags: Vec::new(),
            twin: Twin::None {
                reason: "no equivalent native program is known".to_owned(),
            },
            control: None,
            compare: None,
            analysis: format!("The component in {}.", file.display()),
            deadline,
            measures: Measures::default(),
            cases: Vec::new(),
            known_defects: Vec::new(),
            beyond: None,
            file,
        }
    }

    /// The workload with this as its only case.
    #[must_use]
    pub fn with_case(mut self, id: CaseId, setting: Setting, action: Action) -> Self {
        self.cases = vec![Case {
            id,
            measured: true,
            access: None,
            heavy: None,
            per: None,
            received: BTreeMap::new(),
            setting,
            action,
        }];
        self
    }
}

/// One input and its expected outcome.
#[derive(Debug, Clone)]
pub struct Case {
    /// `cli/hello`, or `cli/exit#trap` where a workload has several.
    pub id: CaseId,
    /// Whether what its workload is measured for is measured of it.
    pub measured: bool,
    /// What it asks, in the capability grid.
    pub access: Option<Access>,
    /// What takes it minutes under an emulator, if anything does.
    pub heavy: Option<String>,
    /// What it does many times, if its start is a price list.
    pub per: Option<Per>,
    /// What surrounds the program.
    pub setting: Setting,
    /// What peers receive, for those where that is part of the outcome.
    pub received: BTreeMap<String, Content>,
    /// What is done.
    pub action: Action,
}

/// What is done with the program.
#[derive(Debug, Clone)]
pub enum Action {
    /// It is run once.
    Command(Box<Command>),
    /// It is asked, in this order, on one server.
    Server(Vec<Exchange>),
}

/// One run of a command.
#[derive(Debug, Clone)]
pub struct Command {
    /// Its arguments, without the program's own name.
    pub args: Vec<String>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// What it reads.
    pub stdin: Content,
    /// The directory it starts in, with what is there before; `None` for a
    /// case that is given no directory at all.
    pub directory: Option<FileTree>,
    /// What the harness does beside it; without steps it feeds `stdin` and
    /// reads to the end.
    pub steps: Vec<Step>,
    /// How it should end.
    pub expect: ExpectedExit,
}

/// The expected outcome of a command.
#[derive(Debug, Clone)]
pub struct ExpectedExit {
    /// Where this expectation comes from.
    pub source: String,
    /// How it ends.
    pub exit: ExitClass,
    /// What it writes to stdout; `None` if that is not compared, which only a
    /// case of another suite leaves open.
    pub stdout: Option<Content>,
    /// How stderr is compared.
    pub stderr: StderrPolicy,
    /// What it leaves in its directory; `None` if it is given none, or in a
    /// case of another suite that does not say.
    pub tree: Option<FileTree>,
    /// What connections that steps opened receive.
    pub received: BTreeMap<String, Content>,
}

fn said(contents: &BTreeMap<String, Content>) -> BTreeMap<String, Vec<u8>> {
    let said = |(name, content): (&String, &Content)| (name.clone(), content.bytes().to_vec());
    contents.iter().map(said).collect()
}

impl Case {
    /// How stderr is compared. What a server writes to its log is not part of
    /// an outcome.
    #[must_use]
    pub fn stderr_policy(&self) -> &StderrPolicy {
        match &self.action {
            Action::Command(command) => &command.expect.stderr,
            Action::Server(_) => &StderrPolicy::Ignore,
        }
    }

    /// The outcome this case should have.
    #[must_use]
    pub fn expected(&self) -> Outcome {
        let observed = match &self.action {
            Action::Command(command) => Observed {
                exit: Some(command.expect.exit),
                stdout: match &command.expect.stdout {
                    Some(stdout) => stdout.bytes().to_vec(),
                    None => Vec::new(),
                },
                tree: command.expect.tree.as_ref().map(FileTree::outcome),
                received: said(&command.expect.received),
                ..Observed::default()
            },
            Action::Server(exchanges) => Observed {
                http: exchanges
                    .iter()
                    .map(|exchange| exchange.expect.outcome())
                    .collect(),
                ..Observed::default()
            },
        };
        let observed = Observed {
            canary: self.setting.canary.then_some(Canary::Untouched),
            peers: said(&self.received),
            ..observed
        };
        observed.expected(self.stderr_policy())
    }

    /// The outcome of what was observed, under the policy of this case.
    #[must_use]
    pub fn outcome(&self, observed: &Observed) -> Outcome {
        let mut observed = observed.clone();
        // What a peer received counts where the case says what it should be.
        observed
            .peers
            .retain(|name, _| self.received.contains_key(name));
        match &self.action {
            Action::Command(command) => {
                if command.expect.stdout.is_none() {
                    observed.stdout.clear();
                }
                if command.expect.tree.is_none() {
                    observed.tree = None;
                }
            }
            Action::Server(exchanges) => {
                for (answer, exchange) in observed.http.iter_mut().zip(exchanges) {
                    exchange.expect.end.reduce(answer);
                }
            }
        }
        observed.outcome(self.stderr_policy())
    }

    /// Where the expectations of this case come from.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let (command, exchanges) = match &self.action {
            Action::Command(command) => (Some(command.expect.source.as_str()), [].as_slice()),
            Action::Server(exchanges) => (None, exchanges.as_slice()),
        };
        command.into_iter().chain(
            exchanges
                .iter()
                .map(|exchange| exchange.expect.source.as_str()),
        )
    }
}
