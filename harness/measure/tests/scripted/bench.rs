//! A catalog of two programs, a lab without a launcher, and a record in a
//! directory of its own.

use crate::arm::{HELLO, Scripted};
use assay_arms::{Arm, ArmError, Binaries, Detected, Lab, Launcher, Link};
use assay_measure::{Arms, MeasureError, Origin, Progress, Recorder};
use assay_model::fingerprint::Fingerprint;
use assay_model::record::{Manifest, RecordWriter, SCHEMA, Tool};
use assay_model::{
    Cell, ColdStartPlan, ExitClass, Metric, OutcomeRow, Plan, Profile, Record, Sample, StderrPolicy,
};
use assay_wire::launcher::{Reply, Request};
use assay_workloads::{
    Action, Catalog, Command, Content, DensityRole, Exchange, ExpectedAnswer, ExpectedEnd,
    ExpectedExit, ExpectedResponse, Request as Asked, Setting, Workload, World,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

struct NoLauncher;

impl Link for NoLauncher {
    fn ask(&mut self, request: &Request, _: Duration) -> Result<Reply, ArmError> {
        panic!("a scripted arm starts no process: {request:?}");
    }
    fn another(&self) -> Result<Box<dyn Link>, ArmError> {
        Ok(Box::new(NoLauncher))
    }
}

struct Quiet;

impl Progress for Quiet {
    fn begin(&mut self, _: &str, _: u64) {}
    fn step(&mut self, _: &str) {}
    fn note(&mut self, _: &str) {}
    fn end(&mut self) {}
}

pub(crate) const COMMAND: &str = "test/hello";
pub(crate) const SERVER: &str = "test/serve";

fn workload(id: &str, world: World, action: Action) -> Workload {
    let id: assay_model::CaseId = id.parse().unwrap();
    let file = PathBuf::from("scripted.toml");
    Workload::ad_hoc(id.clone(), world, Duration::from_secs(5), file).with_case(
        id,
        Setting::default(),
        action,
    )
}

/// A command that is held in a process of its own, with a component of so many
/// bytes, and a server.
pub(crate) fn catalog(bytes: usize, role: DensityRole) -> Catalog {
    let mut command = workload(
        COMMAND,
        World::Command,
        Action::Command(Box::new(Command {
            args: Vec::new(),
            env: BTreeMap::new(),
            stdin: Content::from_bytes(""),
            directory: None,
            steps: Vec::new(),
            expect: ExpectedExit {
                source: "this test".to_owned(),
                exit: ExitClass::Ok,
                stdout: Some(Content::from_bytes(HELLO)),
                stderr: StderrPolicy::Ignore,
                tree: None,
                received: BTreeMap::new(),
            },
        })),
    );
    command.measures.cold_start = true;
    command.measures.footprint = true;
    command.measures.density = Some(role);
    let mut server = workload(
        SERVER,
        World::Proxy,
        Action::Server(vec![Exchange {
            request: Asked::plain("GET", "/", Vec::new(), None),
            expect: ExpectedAnswer {
                source: "this test".to_owned(),
                end: ExpectedEnd::Complete(ExpectedResponse {
                    status: 200,
                    headers: Vec::new(),
                    body: Content::from_bytes(HELLO),
                    trailers: Vec::new(),
                }),
            },
        }]),
    );
    server.measures.cold_start = true;
    server.measures.footprint = true;
    Catalog::of(
        "a test",
        vec![(command, vec![0; bytes]), (server, vec![0; 10])],
    )
}

pub(crate) fn cell(workload: &str, arm: &str) -> Cell {
    Cell {
        workload: workload.parse().unwrap(),
        arm: arm.parse().unwrap(),
    }
}

pub(crate) fn plan() -> Plan {
    Plan {
        profile: Profile::Smoke,
        seed: 7,
        verify: Vec::new(),
        cold_start: ColdStartPlan::default(),
        footprint: Vec::new(),
        density: Vec::new(),
        left_out: Vec::new(),
    }
}

/// Everything that a reader needs.
pub(crate) struct Bench {
    pub(crate) lab: Lab,
    pub(crate) plan: Plan,
    pub(crate) cancel: Arc<AtomicBool>,
    arms: Vec<Box<dyn Arm>>,
    dir: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new(arms: impl IntoIterator<Item = Scripted>, plan: Plan) -> Bench {
        Bench::with_catalog(catalog(10, DensityRole::Process), arms, plan)
    }

    pub(crate) fn with_catalog(
        catalog: Catalog,
        arms: impl IntoIterator<Item = Scripted>,
        plan: Plan,
    ) -> Bench {
        let launcher = Launcher::over(Box::new(NoLauncher));
        let binaries = Binaries::at(PathBuf::from("/nowhere/bin"));
        let boxed = |arm| Box::new(arm) as Box<dyn Arm>;
        Bench {
            lab: Lab::with_launcher(binaries, catalog, launcher).unwrap(),
            plan,
            cancel: Arc::new(AtomicBool::new(false)),
            arms: arms.into_iter().map(boxed).collect(),
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A flag that a script raises in the middle of a measure.
    pub(crate) fn interruption() -> (Arc<AtomicBool>, impl Fn() + Send + Sync + 'static) {
        let flag = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&flag);
        (flag, move || raised.store(true, Ordering::Relaxed))
    }

    fn manifest(&self) -> Manifest {
        let arms = self.arms.iter().map(AsRef::as_ref);
        Manifest {
            schema: SCHEMA,
            run_id: "run".parse().unwrap(),
            tool: Tool {
                version: "0".to_owned(),
                commit: None,
                dirty: None,
                rustc: None,
                lockfile: None,
            },
            started_at: "2026-04-04T09:30:00Z".to_owned(),
            finished_at: None,
            complete: false,
            wall_seconds: 0.0,
            build_seconds: 0.0,
            plan: self.plan.clone(),
            arms: arms
                .map(|arm: &dyn Arm| Detected::available("1").receipt(arm))
                .collect(),
            workloads: Vec::new(),
            coverage: Vec::new(),
            fingerprint: Fingerprint::default(),
            warnings: Vec::new(),
            merged: Vec::new(),
        }
    }

    /// Has a reader do its part; what it came to, and the record it left.
    pub(crate) fn read<T>(
        &mut self,
        reader: impl FnOnce(&mut Lab, &Arms<'_>, &Plan, &mut Recorder) -> Result<T, MeasureError>,
    ) -> (Result<T, MeasureError>, Record) {
        let writer = RecordWriter::create(self.dir.path(), &self.manifest()).unwrap();
        let mut recorder = Recorder::new(
            writer,
            "run".parse().unwrap(),
            Origin {
                arch: "x86_64".to_owned(),
                emulated: false,
            },
            Arc::clone(&self.cancel),
            Box::new(Quiet),
        );
        let arms = Arms(&self.arms);
        let done = reader(&mut self.lab, &arms, &self.plan, &mut recorder);
        drop(recorder);
        (done, Record::read(self.dir.path()).unwrap())
    }
}

/// The rows of one metric on one arm.
pub(crate) fn rows<'r>(record: &'r Record, arm: &str, metric: Metric) -> Vec<&'r Sample> {
    let of = |row: &&Sample| row.arm.as_str() == arm && row.metric == metric;
    record.samples.iter().filter(of).collect()
}

/// The row of one cell.
pub(crate) fn outcome<'r>(record: &'r Record, workload: &str, arm: &str) -> &'r OutcomeRow {
    let of = |row: &&OutcomeRow| row.workload.as_str() == workload && row.arm.as_str() == arm;
    let found: Vec<&OutcomeRow> = record.outcomes.iter().filter(of).collect();
    assert_eq!(found.len(), 1, "{workload} on {arm}: {found:?}");
    found[0]
}
