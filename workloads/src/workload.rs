//! The types of a loaded definition.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use assay_model::outcome::Observed;
use assay_model::{CaseId, ExitClass, HttpOutcome, Outcome, StderrPolicy};

use crate::content::Content;
use crate::files::FileTree;

/// The id of a workload, `family/name`. A case of it is a [`CaseId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId(pub(crate) String);

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

/// The world a component is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum World {
    /// `wasi:cli/command@0.2`: a program with arguments, streams and files.
    Command,
    /// `wasi:http/proxy@0.2`: a handler of requests.
    Proxy,
}

impl World {
    /// Every world, in the order of the documentation.
    pub const ALL: [World; 2] = [World::Command, World::Proxy];

    /// Its name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            World::Command => "wasi:cli/command@0.2",
            World::Proxy => "wasi:http/proxy@0.2",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The native program from the same source as the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// The cargo package.
    pub package: String,
    /// Its binary target, and the name of the file it builds.
    pub bin: String,
}

/// Which part a workload plays in a density run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DensityRole {
    /// Instances inside one host process: the nonce is the first argument and
    /// comes back in stdout, and the store is kept after the run.
    InProcess,
    /// One process or container per instance: see [`crate::HoldLines`].
    Process,
    /// One server per instance, asked twice.
    Server,
}

impl DensityRole {
    /// Every role, in the order of the documentation.
    pub const ALL: [DensityRole; 3] = [
        DensityRole::InProcess,
        DensityRole::Process,
        DensityRole::Server,
    ];

    /// Its name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DensityRole::InProcess => "in-process",
            DensityRole::Process => "process",
            DensityRole::Server => "server",
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
    /// Requests per second under load.
    pub throughput: bool,
    /// Instances per machine.
    pub density: Option<DensityRole>,
}

/// A defect of a host that is known and linked: the cell is expected to fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDefect {
    /// The arm, as it is written in the definition.
    pub arm: String,
    /// The case, or every case of the workload.
    pub case: Option<CaseId>,
    /// Where the defect is reported.
    pub issue: String,
    /// What goes wrong.
    pub reason: String,
    /// `file:line`, and the line, for messages.
    pub(crate) line: usize,
}

/// One program with its inputs and expected outcomes.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its id.
    pub id: WorkloadId,
    /// The world of its component.
    pub world: World,
    /// The name of its component in the lock.
    pub component: String,
    /// Its native twin.
    pub twin: Twin,
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
    pub(crate) file: std::path::PathBuf,
}

/// One input and its expected outcome.
#[derive(Debug, Clone)]
pub struct Case {
    /// `cli/hello`, or `cli/exit#trap` where a workload has several.
    pub id: CaseId,
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
    /// What it writes to stdout.
    pub stdout: Content,
    /// How stderr is compared.
    pub stderr: StderrPolicy,
    /// What it leaves in its directory; `None` if it is given none.
    pub tree: Option<FileTree>,
}

/// One request and the expected answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What is sent.
    pub request: Request,
    /// What should come back.
    pub expect: ExpectedResponse,
}

/// A request in origin form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path and query.
    pub path: String,
    /// The fields, lower-case names in the order of the alphabet; neither
    /// `host` nor framing.
    pub headers: Vec<(String, String)>,
    /// The content; `None` for a request without any.
    pub body: Option<Content>,
    /// `Some(n)`: sent with chunked framing, n bytes a chunk. `None`: sent with
    /// `content-length`.
    pub chunk: Option<usize>,
}

/// The expected answer to a request.
#[derive(Debug, Clone)]
pub struct ExpectedResponse {
    /// Where this expectation comes from.
    pub source: String,
    /// The status code.
    pub status: u16,
    /// Every field but those of the host (see [`HttpOutcome::new`]).
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Content,
    /// The trailer fields.
    pub trailers: Vec<(String, String)>,
}

impl ExpectedResponse {
    /// The answer in normal form.
    #[must_use]
    pub fn outcome(&self) -> HttpOutcome {
        let fields = |list: &[(String, String)]| -> Vec<(String, Vec<u8>)> {
            list.iter()
                .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
                .collect()
        };
        HttpOutcome::new(
            self.status,
            fields(&self.headers),
            self.body.bytes().to_vec(),
            fields(&self.trailers),
        )
    }
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
                stdout: command.expect.stdout.bytes().to_vec(),
                tree: command.expect.tree.as_ref().map(FileTree::outcome),
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
        observed.expected(self.stderr_policy())
    }

    /// The outcome of what was observed, under the policy of this case.
    #[must_use]
    pub fn outcome(&self, observed: &Observed) -> Outcome {
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
