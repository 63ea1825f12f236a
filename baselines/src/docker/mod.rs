//! A twin in a Docker container: what most people mean by the word.

mod daemon;
mod neighbours;
mod network;
mod recipe;

use crate::container;
use crate::daemons::NETWORK;
use crate::tier::{Contents, Tier};
use crate::{facts, services};
use assay_arms::{Absent, Arm, ArmError, Detected, Lab, Lack, Prepared, ProgramName};
use assay_model::facts::{Network as Net, Stack};
use assay_model::{ArmFacts, ArmId, Digest, IdError};
use assay_workloads::{Twin, Workload};
use daemon::{ClientKind, Daemon, Image, Service};
use network::{Bridge, Network, NetworkKind, make_bridge};
use recipe::DockerRecipe;

/// `docker/cli`, `docker/api`, `podman/cli`, `podman/api`, and the same on images that hold
/// more: a container with the host's network, by `docker run` or by what that
/// command asks the daemon for.
pub struct Docker {
    id: ArmId,
    facts: ArmFacts,
    service: Service,
    client_kind: ClientKind,
    tier: Tier,
    network: NetworkKind,
    summary: String,
}

impl Docker {
    /// The arm that types `docker run`.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn cli(tier: Tier) -> Result<Docker, IdError> {
        Docker::new("docker/cli", Service::Docker, ClientKind::Cli, tier)
    }

    /// The arm that asks the Docker Engine API.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn api(tier: Tier) -> Result<Docker, IdError> {
        Docker::new("docker/api", Service::Docker, ClientKind::Api, tier)
    }

    /// The arm that asks Podman through the same API.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn podman(tier: Tier) -> Result<Docker, IdError> {
        Docker::new("podman/api", Service::Podman, ClientKind::Api, tier)
    }

    /// The arm that types `podman run`, which asks no daemon.
    ///
    /// # Errors
    /// Never with the id that is written here.
    pub fn podman_cli(tier: Tier) -> Result<Docker, IdError> {
        Docker::new("podman/cli", Service::Podman, ClientKind::Cli, tier)
    }

    fn new(
        id: &str,
        service: Service,
        client_kind: ClientKind,
        tier: Tier,
    ) -> Result<Docker, IdError> {
        let (rank, started) = match (service, client_kind) {
            (Service::Docker, ClientKind::Api) => (310, "started through the Docker Engine API"),
            (Service::Docker, ClientKind::Cli) => (315, "started by `docker run`"),
            (Service::Podman, ClientKind::Api) => (
                320,
                "started by Podman through the API that it shares with Docker",
            ),
            (Service::Podman, ClientKind::Cli) => {
                (325, "started by `podman run`, without a daemon")
            }
        };
        let stack = match client_kind {
            ClientKind::Api => Stack::EngineApi,
            ClientKind::Cli => Stack::EngineCli,
        };
        Ok(Docker {
            id: tier.arm_id(id).parse()?,
            facts: tier.facts(facts::container(service.engine(), stack, rank)?),
            service,
            client_kind,
            tier,
            network: NetworkKind::Host,
            summary: format!("{}, {started}", tier.holds()),
        })
    }

    /// The same in a network namespace of its own, with an address on a bridge.
    ///
    /// # Errors
    /// Never with the ids that are written here.
    pub fn bridged(self) -> Result<Docker, IdError> {
        Ok(Docker {
            id: format!("{}{}", self.id, NetworkKind::Bridge.suffix()).parse()?,
            facts: ArmFacts {
                network: Net::Bridge,
                ..self.facts
            },
            network: NetworkKind::Bridge,
            summary: format!("{}, with its own address on a bridge", self.summary),
            ..self
        })
    }

    /// The network of its containers, asked of the daemon.
    fn network(&self, daemon: &Daemon) -> Result<Network, ArmError> {
        if self.network == NetworkKind::Host {
            return Ok(Network::Host);
        }
        let subnet = daemon.subnet(NETWORK)?;
        let bridge = Bridge::of(&subnet);
        let bridge = bridge.ok_or_else(|| {
            ArmError::Runtime(format!("network {NETWORK} has {subnet}: too few addresses"))
        })?;
        if let Some(why_not) = neighbours::too_rarely_asked(bridge.subnet()) {
            return Err(ArmError::Runtime(why_not));
        }
        Ok(Network::Bridge(bridge))
    }

    fn recipe(
        &self,
        lab: &mut Lab,
        daemon: Daemon,
        twin: &Twin,
    ) -> Result<(Contents, DockerRecipe), ArmError> {
        let network = self.network(&daemon)?;
        let contents = Contents::create(lab, self.tier, twin)?;
        // All users of a daemon share the names of its images.
        let number = contents.own().file_name().unwrap_or_default();
        let name = format!("assay-{}-{}", std::process::id(), number.to_string_lossy());
        let tag = format!("{name}:{}", self.tier.name());
        let image = Image::import(&daemon, &contents, tag)?;
        let recipe = DockerRecipe::new(lab, daemon, image, network);
        Ok((contents, recipe))
    }
}

impl Arm for Docker {
    fn id(&self) -> &ArmId {
        &self.id
    }

    fn summary(&self) -> &str {
        &self.summary
    }

    fn facts(&self) -> &ArmFacts {
        &self.facts
    }

    fn charge_set(&self) -> &str {
        match self.service {
            Service::Podman if self.client_kind == ClientKind::Cli => {
                "the container's processes and their conmon; the client could detach and is not charged, and there is no daemon"
            }
            Service::Docker => {
                "the container's processes and their shim; the client could detach and is not charged, dockerd and containerd are shared"
            }
            Service::Podman => {
                "the container's processes and their conmon; the client could detach and is not charged, the service is shared, and no container needs it"
            }
        }
    }

    fn detect(&self, lab: &mut Lab) -> Detected {
        let remedy = match self.network {
            NetworkKind::Host => self.service.remedy(),
            NetworkKind::Bridge => make_bridge(),
        };
        let find = |lab: &mut Lab| Daemon::find(lab, self.service, self.client_kind);
        let try_out = |lab: &mut Lab, daemon| self.try_out(lab, daemon);
        container::detect(lab, self.tier, remedy, find, try_out)
    }

    fn needs(&self, workloads: &[&Workload]) -> Vec<ProgramName> {
        if daemon::missing(self.service, self.client_kind).is_some() {
            return Vec::new();
        }
        let mut needs = self.tier.needs(workloads);
        if self.client_kind == ClientKind::Api {
            needs.push(ProgramName::Docker);
        }
        needs
    }

    fn holds(&self, workload: &Workload) -> Result<(), Absent> {
        self.tier.check(&workload.twin)
    }

    fn lacks(&self) -> Option<Lack> {
        self.tier.lacks()
    }

    fn prepare_held(
        &self,
        lab: &mut Lab,
        workload: &Workload,
    ) -> Result<Box<dyn Prepared>, ArmError> {
        let mut daemon = Daemon::find(lab, self.service, self.client_kind)?;
        daemon.describe()?;
        let make = |lab: &mut Lab| self.recipe(lab, daemon, &workload.twin);
        container::prepare(lab, workload.world, make, |contents, _| {
            contents.artifacts()
        })
    }
}

impl Docker {
    /// Starts a container for real.
    fn try_out(&self, lab: &mut Lab, mut daemon: Daemon) -> Result<Detected, ArmError> {
        let (service, tier) = (self.service, self.tier);
        let about = daemon.describe()?;
        let version = daemon.client_version()?;
        let (client, program) = (daemon.client(), daemon.program.clone());
        let binary = std::fs::read(&program).map_err(ArmError::file(&program))?;
        let twin = tier.trial(lab)?.twin.clone();
        let (contents, mut recipe) = self.recipe(lab, daemon, &twin)?;
        services::try_out(lab, &mut recipe)?;
        let fact = |key: &str| match &about[key] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let version = format!("{} {}; {version}", service.name(), fact("ServerVersion"));
        let mut detected = Detected::available(version);
        detected.config = contents.receipt();
        let labels = [
            tier.name(),
            "seccomp=default",
            self.network.label(),
            "root",
            "own-cgroup",
            "limits",
        ];
        detected.labels = labels.map(str::to_owned).to_vec();
        // Through its API Podman gives a container a namespace of control groups of
        // version 2 alone, whatever it is asked for; its command line does.
        let asked = (service, self.client_kind) == (Service::Podman, ClientKind::Api);
        if asked && fact("CgroupVersion") == "1" {
            detected.labels.push("cgroupns=host".to_owned());
        }
        for key in [
            "Driver",
            "CgroupDriver",
            "CgroupVersion",
            "DefaultRuntime",
            "SecurityOptions",
            "RuncCommit",
            "ContainerdCommit",
        ] {
            detected.config.insert(format!("daemon.{key}"), fact(key));
        }
        detected
            .config
            .insert(format!("sha256.{client}"), Digest::of(&binary).to_string());
        Ok(detected)
    }
}
