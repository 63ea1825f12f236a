//! An arm that does as a script says.

use assay_arms::{
    Arm, ArmError, Artifact, Detected, Ended, Grown, Hold, Lab, Ladder, Launched, Life, Offer,
    Prepared, ProgramInput, ProgramName, RunOnce, Serve,
};
use assay_model::outcome::Observed;
use assay_model::{
    ArmFacts, ArmId, ArmKind, Bytes, ExitClass, HttpOutcome, InstanceUnit, Metric, Nanos, Stop,
};
use assay_wire::launcher::HttpRequest;
use assay_workloads::{Setting, Workload};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// What comes of one launch.
type Launching = dyn Fn() -> Result<Launched, ArmError> + Send + Sync;
/// What comes of asking for more live instances, by how many there are and
/// shall be.
type Growing = dyn Fn(u64, u64) -> Result<Grown, ArmError> + Send + Sync;

/// What an arm does.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) prepare: Arc<dyn Fn() -> Result<(), ArmError> + Send + Sync>,
    pub(crate) run: Arc<Launching>,
    pub(crate) start: Arc<Launching>,
    pub(crate) exchange: Arc<dyn Fn() -> Result<HttpOutcome, ArmError> + Send + Sync>,
    pub(crate) grow: Arc<Growing>,
    pub(crate) release: Arc<dyn Fn() -> Result<(), ArmError> + Send + Sync>,
    pub(crate) charged: Vec<u32>,
}

pub(crate) const HELLO: &[u8] = b"hello\n";

/// The outcome that the command of the catalog must have.
pub(crate) fn hello() -> Launched {
    said(HELLO)
}

pub(crate) fn said(stdout: &[u8]) -> Launched {
    Launched {
        ladder: ladder(&[
            (Metric::STAMP_T7, 1_100),
            (Metric::STAMP_T9, 1_200),
            (Metric::STAMP_T10, 1_250),
        ]),
        ended: Ended::Outcome(Observed {
            exit: Some(ExitClass::Ok),
            stdout: stdout.to_vec(),
            ..Observed::default()
        }),
    }
}

/// Instants after t0 = 1,000.
pub(crate) fn ladder(stamps: &[(Metric, u64)]) -> Ladder {
    let mut ladder = Ladder::new(1_000);
    for (metric, at) in stamps {
        ladder.note(*metric, *at);
    }
    ladder
}

/// The answer that the server of the catalog must give.
pub(crate) fn answer() -> HttpOutcome {
    HttpOutcome::new(200, [], HELLO.to_vec(), [])
}

pub(crate) fn answered() -> Launched {
    Launched {
        ladder: ladder(&[(Metric::STAMP_T7, 1_100), (Metric::STAMP_T8, 1_300)]),
        ended: Ended::Outcome(Observed {
            http: vec![answer()],
            ..Observed::default()
        }),
    }
}

pub(crate) fn ended(ended: Ended) -> Launched {
    Launched {
        ladder: Ladder::default(),
        ended,
    }
}

pub(crate) fn broken<T>(why: &str) -> Result<T, ArmError> {
    Err(ArmError::Runtime(why.to_owned()))
}

pub(crate) fn live(live: u64, stop: Option<Stop>) -> Grown {
    Grown {
        live,
        stop,
        first_responses: Vec::new(),
    }
}

/// All is well: outcomes are the expected ones, instances start in 5 ms.
impl Default for Script {
    fn default() -> Script {
        Script {
            prepare: Arc::new(|| Ok(())),
            run: Arc::new(|| Ok(hello())),
            start: Arc::new(|| Ok(answered())),
            exchange: Arc::new(|| Ok(answer())),
            grow: Arc::new(|live, until| {
                Ok(Grown {
                    live: until,
                    stop: None,
                    first_responses: vec![Nanos(5_000_000); (until - live) as usize],
                })
            }),
            release: Arc::new(|| Ok(())),
            charged: vec![std::process::id()],
        }
    }
}

/// What an arm was asked, in order.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

pub(crate) struct Scripted {
    id: ArmId,
    pub(crate) facts: ArmFacts,
    script: Script,
    pub(crate) log: Log,
}

impl Scripted {
    pub(crate) fn new(id: &str, script: Script) -> Scripted {
        Scripted {
            id: id.parse().unwrap(),
            facts: ArmFacts::of(ArmKind::NativeProcess, "scripted".parse().unwrap()),
            script,
            log: Log::default(),
        }
    }

    pub(crate) fn of_kind(id: &str, kind: ArmKind) -> Scripted {
        Scripted {
            facts: ArmFacts::of(kind, "scripted".parse().unwrap()),
            ..Scripted::new(id, Script::default())
        }
    }

    /// With facts that are changed.
    pub(crate) fn with_facts(mut self, change: impl FnOnce(&mut ArmFacts)) -> Scripted {
        change(&mut self.facts);
        self
    }
}

impl Arm for Scripted {
    fn id(&self) -> &ArmId {
        &self.id
    }
    fn summary(&self) -> &str {
        "it does as a test says"
    }
    fn facts(&self) -> &ArmFacts {
        &self.facts
    }
    fn charge_set(&self) -> &str {
        "the process of the test"
    }
    fn detect(&self, _: &mut Lab) -> Detected {
        Detected::available("1")
    }
    fn needs(&self, _: &[&Workload]) -> Vec<ProgramName> {
        Vec::new()
    }
    fn prepare_held(&self, _: &mut Lab, _: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        self.log.lock().unwrap().push("prepare".to_owned());
        (self.script.prepare)()?;
        Ok(Box::new(Ready {
            in_process: self.facts.unit == InstanceUnit::Tenant,
            script: self.script.clone(),
            log: Arc::clone(&self.log),
            held: 0,
        }))
    }
}

struct Ready {
    in_process: bool,
    script: Script,
    log: Log,
    held: u64,
}

impl Ready {
    fn log(&self, what: impl Into<String>) {
        self.log.lock().unwrap().push(what.into());
    }
}

impl Prepared for Ready {
    fn build_cost(&self) -> Option<Nanos> {
        Some(Nanos(77))
    }
    fn artifacts(&self) -> Vec<Artifact> {
        vec![Artifact {
            metric: Metric::ARTIFACT_CWASM,
            size: Bytes(4_096),
        }]
    }
    fn run_once(&mut self) -> Offer<'_, dyn RunOnce + '_> {
        Ok(self)
    }
    fn serve(&mut self) -> Offer<'_, dyn Serve + '_> {
        Ok(self)
    }
    fn hold(&mut self) -> Offer<'_, dyn Hold + '_> {
        Ok(self)
    }
}

impl RunOnce for Ready {
    fn run(&mut self, _: &mut Lab, _: &ProgramInput) -> Result<Launched, ArmError> {
        self.log("run");
        (self.script.run)()
    }
}

impl Serve for Ready {
    fn start(
        &mut self,
        _: &mut Lab,
        _: &Setting,
        _: Option<&HttpRequest>,
    ) -> Result<Launched, ArmError> {
        self.log("start");
        (self.script.start)()
    }
    fn address(&self) -> Result<SocketAddr, ArmError> {
        Ok(SocketAddr::from(([127, 0, 0, 1], 9)))
    }
    fn exchange(&mut self, _: &HttpRequest) -> Result<HttpOutcome, ArmError> {
        (self.script.exchange)()
    }
    fn charge_set(&self) -> Result<Vec<u32>, ArmError> {
        Ok(self.script.charged.clone())
    }
    fn stop(&mut self, _: &mut Lab) -> Result<Launched, ArmError> {
        self.log("stop");
        Ok(Launched {
            ladder: ladder(&[(Metric::STAMP_T9, 1_400), (Metric::STAMP_T10, 1_500)]),
            ended: Ended::Outcome(Observed::default()),
        })
    }
}

impl Hold for Ready {
    fn in_process(&self) -> bool {
        self.in_process
    }
    fn grow(&mut self, _: &mut Lab, until: u64, _: Life<'_>) -> Result<Grown, ArmError> {
        let grown = (self.script.grow)(self.held, until)?;
        self.held = grown.live;
        Ok(grown)
    }
    fn charge_set(&self) -> Result<Vec<u32>, ArmError> {
        Ok(self.script.charged.clone())
    }
    fn release(&mut self, _: &mut Lab) -> Result<(), ArmError> {
        self.log("release");
        self.held = 0;
        (self.script.release)()
    }
}
