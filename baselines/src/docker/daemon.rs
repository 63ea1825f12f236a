//! The daemons that are asked: the private ones of `assay baselines start`,
//! or others that are named; and the two clients that ask them.

use crate::daemons::{self, Baseline, podman_places, podman_settings, socket_of};
use crate::tier::{Contents, failed};
use crate::{image, services};
use assay_arms::{ArmError, Lab, ProgramName};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// dockerd.
    Docker,
    /// `podman system service`, which speaks the same API.
    Podman,
}

impl Service {
    /// Whose defects its containers show.
    pub(super) fn engine(self) -> &'static str {
        match self {
            Service::Docker => "docker",
            Service::Podman => "podman",
        }
    }

    /// Names a daemon, as `DOCKER_HOST` does. The user's own `DOCKER_HOST` is not
    /// looked at: nobody's daemon is filled with containers without being asked.
    fn variable(self) -> &'static str {
        match self {
            Service::Docker => "ASSAY_DOCKER_HOST",
            Service::Podman => "ASSAY_PODMAN_HOST",
        }
    }

    /// The same by the name on the command line.
    fn baseline(self) -> Baseline {
        match self {
            Service::Docker => Baseline::Docker,
            Service::Podman => Baseline::Podman,
        }
    }

    /// The program that people type.
    fn command_line(self) -> &'static str {
        match self {
            Service::Docker => "docker",
            Service::Podman => "podman",
        }
    }

    /// What it calls itself.
    pub(super) fn name(self) -> &'static str {
        match self {
            Service::Docker => "dockerd",
            Service::Podman => "podman service",
        }
    }

    /// What to type where there is none.
    pub(super) fn remedy(self) -> String {
        let (start, variable) = (self.baseline().remedy(), self.variable());
        format!("{start} (or name a daemon: {variable}=unix:///…)")
    }

    /// Where it would listen.
    fn endpoint(self) -> String {
        std::env::var(self.variable())
            .unwrap_or_else(|_| format!("unix://{}", socket_of(self.baseline()).display()))
    }
}

/// The client that asks the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientKind {
    /// The command line, `docker` or `podman`. The second asks nobody: it starts
    /// the container itself, in the store that the private service has.
    Cli,
    /// `assay-docker`, the least that can be above the API.
    Api,
}

/// A daemon and its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Daemon {
    pub(super) service: Service,
    pub(super) client_kind: ClientKind,
    /// The client's program.
    pub(super) program: PathBuf,
    host: String,
    /// An empty folder, so that no setting of the user's applies.
    settings: PathBuf,
    /// The version of the API, once it is known: to ask for it takes time.
    api: Option<String>,
}

/// What is plainly not here of a daemon or its command line.
pub(super) fn missing(service: Service, client_kind: ClientKind) -> Option<String> {
    let name = service.command_line();
    if client_kind == ClientKind::Cli && services::installed(name).is_none() {
        return Some(format!("{name} is not installed"));
    }
    if asks_nobody(service, client_kind) {
        let settings = podman_settings();
        let shown = services::shown(&settings);
        return (!settings.exists()).then(|| format!("no private store of Podman: no {shown}"));
    }
    let host = service.endpoint();
    let socket = Path::new(host.strip_prefix("unix://")?);
    let (name, shown) = (service.name(), services::shown(socket));
    (!socket.exists()).then(|| format!("no {name} can be reached at {shown}"))
}

impl Daemon {
    /// Finds the daemon, without asking it anything yet.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn find(
        lab: &mut Lab,
        service: Service,
        client_kind: ClientKind,
    ) -> Result<Daemon, ArmError> {
        if let Some(missing) = missing(service, client_kind) {
            return Err(ArmError::Runtime(missing));
        }
        let program = match client_kind {
            ClientKind::Api => lab.binaries.path(ProgramName::Docker.file()),
            ClientKind::Cli => {
                let name = service.command_line();
                services::installed(name).unwrap_or_else(|| PathBuf::from(name))
            }
        };
        Ok(Daemon {
            service,
            client_kind,
            program,
            host: service.endpoint(),
            settings: lab.fresh_dir("docker-settings")?,
            api: None,
        })
    }

    /// The daemon itself, which all containers share, and the containerd that it
    /// asks: one that it has started, or the private one beside it.
    pub(super) fn processes(&self) -> Vec<u32> {
        if asks_nobody(self.service, self.client_kind) {
            return Vec::new();
        }
        let Some(socket) = self.host.strip_prefix("unix://").map(Path::new) else {
            return Vec::new();
        };
        if let Some(podman) = services::listener(socket, "podman") {
            return vec![podman];
        }
        let Some(dockerd) = services::listener(socket, "dockerd") else {
            return Vec::new();
        };
        let mut all = vec![dockerd];
        all.extend(services::started_by(dockerd, "containerd"));
        if all.len() == 1 && socket.starts_with(daemons::folder_path()) {
            all.extend(services::listener(&socket_of(Baseline::Ctr), "containerd"));
        }
        all
    }

    /// The words between the program and its verb, and the rest.
    pub(super) fn words(&self, rest: &[&str]) -> Vec<String> {
        let mut words = match asks_nobody(self.service, self.client_kind) {
            true => podman_places(),
            false => vec![format!("--host={}", self.host)],
        };
        words.extend(self.api.as_ref().map(|api| format!("--api={api}")));
        words.extend(rest.iter().map(|&word| word.to_owned()));
        words
    }

    /// The words that remove a container, alive or not.
    pub(super) fn removal(&self, name: &str) -> Vec<String> {
        match self.client_kind {
            ClientKind::Cli => self.words(&["rm", "--force", "--volumes", name]),
            ClientKind::Api => self.words(&["rm", name]),
        }
    }

    /// The client's whole environment.
    pub(super) fn env(&self) -> Vec<(String, String)> {
        match self.client_kind {
            ClientKind::Cli => {
                let (name, settings) = match self.service {
                    Service::Docker => ("DOCKER_CONFIG", self.settings.clone()),
                    Service::Podman => ("CONTAINERS_CONF", podman_settings()),
                };
                vec![(name.to_owned(), settings.display().to_string())]
            }
            ClientKind::Api => Vec::new(),
        }
    }

    /// Has the client ask something that is not timed, from this process.
    fn ask(&self, rest: &[&str], stdin: Option<&[u8]>) -> Result<String, ArmError> {
        services::ask(&self.program, &self.words(rest), &self.env(), stdin)
    }

    /// The name of the client's program.
    pub(super) fn client(&self) -> String {
        services::client(&self.program)
    }

    /// The client's version, with that of the API where it has to be told.
    pub(super) fn client_version(&self) -> Result<String, ArmError> {
        let said = self.ask(&["--version"], None)?;
        Ok(match &self.api {
            Some(api) => format!("{said}, API {api}"),
            None => said,
        })
    }

    /// What the daemon says about itself; from now on the version of the API is
    /// known.
    pub(super) fn describe(&mut self) -> Result<Value, ArmError> {
        let said = match self.client_kind {
            ClientKind::Cli => self.ask(&["info", "--format", "{{json .}}"], None)?,
            ClientKind::Api => self.ask(&["about"], None)?,
        };
        let mut about: Value = serde_json::from_str(&said)
            .map_err(|error| ArmError::Runtime(format!("{} about: {error}", self.client())))?;
        if asks_nobody(self.service, self.client_kind) {
            about = in_words_of_docker(&about);
        }
        if self.client_kind == ClientKind::Api {
            self.api = about["Api"].as_str().map(str::to_owned);
        }
        Ok(about)
    }

    /// The subnet of a network.
    pub(super) fn subnet(&self, network: &str) -> Result<String, ArmError> {
        match self.client_kind {
            ClientKind::Cli => {
                let first = "{{(index .IPAM.Config 0).Subnet}}";
                self.ask(&["network", "inspect", "--format", first, network], None)
            }
            ClientKind::Api => self.ask(&["subnet", network], None),
        }
    }

    /// The pid of a container's process 1.
    pub(super) fn first_process(&self, name: &str) -> Result<u32, ArmError> {
        let said = match self.client_kind {
            ClientKind::Cli => self.ask(&["inspect", "--format", "{{.State.Pid}}", name], None)?,
            ClientKind::Api => self.ask(&["pid", name], None)?,
        };
        let pid = said.parse().ok().filter(|&pid| pid != 0);
        pid.ok_or_else(|| ArmError::Runtime(format!("container {name} has no process: {said}")))
    }
}

/// Whether there is no daemon: `podman` starts containers itself.
fn asks_nobody(service: Service, client_kind: ClientKind) -> bool {
    (service, client_kind) == (Service::Podman, ClientKind::Cli)
}

/// What `podman info` says, as `docker info` would.
fn in_words_of_docker(info: &Value) -> Value {
    let host = &info["host"];
    let group = host["cgroupVersion"].as_str().unwrap_or_default();
    json!({
        "ServerVersion": info["version"]["Version"],
        "Driver": info["store"]["graphDriverName"],
        "CgroupDriver": host["cgroupManager"],
        "CgroupVersion": group.trim_start_matches('v'),
        "DefaultRuntime": host["ociRuntime"]["name"],
        "SecurityOptions": host["security"],
    })
}

/// An image in the daemon's store, removed when dropped.
pub(super) struct Image {
    daemon: Daemon,
    pub(super) tag: String,
}

impl Image {
    /// Hands over an image as one archive, so as one layer; no registry is
    /// asked.
    pub(super) fn import(
        daemon: &Daemon,
        contents: &Contents,
        tag: String,
    ) -> Result<Image, ArmError> {
        let tar = image::write_tar(&contents.layers(), Vec::new()).map_err(failed)?;
        let entry = serde_json::Value::from(contents.entry().to_vec()).to_string();
        match daemon.client_kind {
            ClientKind::Cli => {
                let change = format!("ENTRYPOINT {entry}");
                daemon.ask(&["import", "--change", &change, "-", &tag], Some(&tar))?
            }
            ClientKind::Api => daemon.ask(&["import", &tag, &entry], Some(&tar))?,
        };
        Ok(Image {
            daemon: daemon.clone(),
            tag,
        })
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // A daemon that is gone has taken its images along.
        let _ = match self.daemon.client_kind {
            ClientKind::Cli => self.daemon.ask(&["rmi", "--force", &self.tag], None),
            ClientKind::Api => self.daemon.ask(&["rmi", &self.tag], None),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn podman_is_described_as_docker_is() {
        let info = json!({
            "version": { "Version": "4.3.1" },
            "host": { "cgroupVersion": "v1", "ociRuntime": { "name": "crun" } },
        });
        let about = in_words_of_docker(&info);
        assert_eq!(about["ServerVersion"], "4.3.1");
        assert_eq!(about["CgroupVersion"], "1");
        assert_eq!(about["DefaultRuntime"], "crun");
    }
}
