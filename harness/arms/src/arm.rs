//! The trait, and what it speaks of.

use crate::error::{Absent, ArmError};
use crate::input::ProgramInput;
use crate::lab::Lab;
use crate::ladder::Launched;
use assay_build::ProgramName;
use assay_model::{
    ArmFacts, ArmId, ArmReceipt, Availability, Bytes, HttpOutcome, Metric, Nanos, Stop,
};
use assay_wire::launcher::HttpRequest;
use assay_workloads::{Setting, Workload};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// One way to run workloads. Several labs may ask the same arm at once.
pub trait Arm: Sync {
    /// Its id.
    fn id(&self) -> &ArmId;

    /// What it is: isolation, fresh process or resident, in a sentence.
    fn summary(&self) -> &str;

    /// What it is, for the planner, verification and every report.
    fn facts(&self) -> &ArmFacts;

    /// Which processes exist because of one instance, in words.
    fn charge_set(&self) -> &str;

    /// The programs of this checkout that it starts here, to be detected and for
    /// these workloads. Nothing else is built for it. Those of a runtime that is
    /// plainly not here may be left out: it is then detected without them.
    fn needs(&self, workloads: &[&Workload]) -> Vec<ProgramName>;

    /// Whether it works here, proven by starting something.
    fn detect(&self, lab: &mut Lab) -> Detected;

    /// Whether it can hold this workload at all, by its nature. Where it cannot,
    /// nothing is prepared or measured, and verification says why.
    ///
    /// # Errors
    /// The reason.
    fn holds(&self, _workload: &Workload) -> Result<(), Absent> {
        Ok(())
    }

    /// What keeps it from working here, as far as that shows without starting
    /// or building anything: a program or an image that is not there. `None`
    /// promises nothing; [`Arm::detect`] does.
    fn lacks(&self) -> Option<Lack> {
        None
    }

    /// What a deployer does once for a workload: compile, unpack.
    ///
    /// # Errors
    /// When the arm cannot take this workload's program; [`ArmError::Absent`]
    /// where that is its nature.
    fn prepare(&self, lab: &mut Lab, workload: &Workload) -> Result<Box<dyn Prepared>, ArmError> {
        self.holds(workload)?;
        self.prepare_held(lab, workload)
    }

    /// The same for a workload that it [`Arm::holds`].
    ///
    /// # Errors
    /// As [`Arm::prepare`]; [`ArmError::Absent`] where its nature only shows now.
    fn prepare_held(
        &self,
        lab: &mut Lab,
        workload: &Workload,
    ) -> Result<Box<dyn Prepared>, ArmError>;
}

/// Something that an arm needs and that is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What is missing.
    pub reason: String,
    /// What a user does to get it.
    pub remedy: String,
}

impl From<Lack> for Detected {
    fn from(lack: Lack) -> Detected {
        Detected::unavailable(lack.reason, lack.remedy)
    }
}

/// What [`Arm::detect`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// Available with a version, or not with reason and remedy.
    pub availability: Availability,
    /// What changes the meaning of its figures.
    pub labels: Vec<String>,
    /// Settings and hashes, as the runtime reports them.
    pub config: BTreeMap<String, String>,
}

impl Detected {
    /// An arm that works.
    #[must_use]
    pub fn available(version: impl Into<String>) -> Detected {
        Detected {
            availability: Availability::Available {
                version: version.into(),
            },
            labels: Vec::new(),
            config: BTreeMap::new(),
        }
    }

    /// An arm that does not.
    #[must_use]
    pub fn unavailable(reason: impl Into<String>, remedy: impl Into<String>) -> Detected {
        Detected {
            availability: Availability::Unavailable {
                reason: reason.into(),
                remedy: remedy.into(),
            },
            labels: Vec::new(),
            config: BTreeMap::new(),
        }
    }

    /// The arm's entry in a record.
    #[must_use]
    pub fn receipt(self, arm: &dyn Arm) -> ArmReceipt {
        ArmReceipt {
            id: arm.id().clone(),
            facts: arm.facts().clone(),
            availability: self.availability,
            summary: arm.summary().to_owned(),
            labels: self.labels,
            config: self.config,
            charge_set: arm.charge_set().to_owned(),
        }
    }
}

/// A lifecycle, or the reason why not.
pub type Offer<'a, T> = Result<&'a mut T, Absent>;

/// The size of something that is shipped or installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Artifact {
    /// An `artifact.*` metric.
    pub metric: Metric,
    /// Its size.
    pub size: Bytes,
}

/// A workload made ready on an arm.
pub trait Prepared {
    /// What the preparation cost: shown as build cost, never dropped.
    fn build_cost(&self) -> Option<Nanos>;

    /// What is shipped and installed.
    fn artifacts(&self) -> Vec<Artifact>;

    /// How many times longer than its definition says a program may take: more
    /// than once where its code is interpreted.
    fn patience(&self) -> u32 {
        1
    }

    /// From now on, notes which functions of the host are called. Only for
    /// conformance: whatever notes them taxes every call.
    fn trace(&mut self) {}

    /// Functions of the host that were called since the last time, as
    /// `package/interface#function`; none where the arm cannot tell.
    fn calls(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// A command: feed, await, outcome.
    fn run_once(&mut self) -> Offer<'_, dyn RunOnce + '_>;

    /// A server: ready, requests, stop.
    fn serve(&mut self) -> Offer<'_, dyn Serve + '_>;

    /// A live instance that stays.
    fn hold(&mut self) -> Offer<'_, dyn Hold + '_>;
}

/// The first lifecycle.
pub trait RunOnce {
    /// Runs once, from nothing to gone.
    ///
    /// # Errors
    /// [`ArmError::Absent`] where the arm cannot surround a program like that,
    /// else when the harness itself failed; what the program or its runtime did
    /// is in the answer.
    fn run(&mut self, lab: &mut Lab, input: &ProgramInput) -> Result<Launched, ArmError>;
}

/// The second lifecycle. Calls come in the order `start`, `exchange`…, `stop`.
pub trait Serve {
    /// Whether the server's process is a host that stays when the server is
    /// stopped, shared by all its instances.
    fn resident(&self) -> bool {
        false
    }

    /// Starts a server and exchanges a first request; without one, the server
    /// is ready when it accepts a connection. Where this fails, nothing of the
    /// server is left, and another can be started.
    ///
    /// # Errors
    /// [`ArmError::Absent`] where the arm cannot surround a program like that,
    /// else when the server does not answer or the harness itself failed.
    fn start(
        &mut self,
        lab: &mut Lab,
        setting: &Setting,
        first: Option<&HttpRequest>,
    ) -> Result<Launched, ArmError>;

    /// Where the server that was started listens.
    ///
    /// # Errors
    /// When none was.
    fn address(&self) -> Result<SocketAddr, ArmError>;

    /// A further request, on a connection of its own.
    ///
    /// # Errors
    /// When the server does not answer.
    fn exchange(&mut self, request: &HttpRequest) -> Result<HttpOutcome, ArmError>;

    /// The processes charged to the server.
    ///
    /// # Errors
    /// When they cannot be listed.
    fn charge_set(&self) -> Result<Vec<u32>, ArmError>;

    /// Daemons that serve this instance and all others, which none is charged.
    fn shared(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Stops it; the ladder holds the stamps from t9 on and those that the
    /// server's process took itself.
    ///
    /// # Errors
    /// When it does not end.
    fn stop(&mut self, lab: &mut Lab) -> Result<Launched, ArmError>;
}

/// How far a density run came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    /// Live instances, each of which has proven that it is alive.
    pub live: u64,
    /// What kept it from the number asked for.
    pub stop: Option<Stop>,
    /// From before the spawn to the first byte, of each that was added, in
    /// order; empty where instances share a host, which adds thousands at once.
    pub first_responses: Vec<Nanos>,
}

/// Why an instance stays, and what shows that it is alive.
#[derive(Debug, Clone, Copy)]
pub enum Life<'a> {
    /// Its program is made for it: it is given a nonce and the size of a
    /// working set to touch, and says the nonce back.
    Nonce(Bytes),
    /// Its program ends by itself, and what it leaves is kept. It must have
    /// written exactly this.
    Ran {
        /// What it was given.
        input: &'a ProgramInput,
        /// What it writes.
        stdout: &'a [u8],
    },
}

/// The third lifecycle.
pub trait Hold {
    /// Whether instances share one host process.
    fn in_process(&self) -> bool;

    /// Adds live instances until there are that many.
    ///
    /// # Errors
    /// When the harness itself failed; a wall is an answer.
    fn grow(&mut self, lab: &mut Lab, until: u64, life: Life<'_>) -> Result<Grown, ArmError>;

    /// The processes of all live instances, and the resident host.
    ///
    /// # Errors
    /// When they cannot be listed.
    fn charge_set(&self) -> Result<Vec<u32>, ArmError>;

    /// Daemons that serve this instance and all others, which none is charged.
    fn shared(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Ends all instances; each must still answer.
    ///
    /// # Errors
    /// When an instance had died or answers wrong.
    fn release(&mut self, lab: &mut Lab) -> Result<(), ArmError>;
}
