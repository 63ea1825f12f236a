//! One container, asked for in either of two ways, with the same isolation as
//! the other container arms.

use super::daemon::{ClientKind, Daemon, Image, Service};
use super::network::{Network, NetworkKind};
use crate::bundle::WORK;
use crate::container::next_name;
use crate::{oci, services};
use assay_arms::process::{Line, Recipe, plain};
use assay_arms::{ArmError, Lab, Program};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Command, Launch};
use assay_workloads::Setting;
use serde_json::{Value, json};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

pub(super) struct DockerRecipe {
    daemon: Daemon,
    image: Image,
    network: Network,
    /// The body of the last request, which is read when its launch begins.
    body: PathBuf,
}

/// Isolation that Docker does not give unless it is asked: everything else
/// (filter of system calls, masked paths, namespaces) is its default.
const LOCKED_DOWN: [&str; 8] = [
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--cgroupns=private",
    "--ipc=private",
    // Output goes to whoever is attached; a log file would be written twice.
    "--log-driver=none",
    "--pull=never",
    "--interactive",
];

/// Podman's idea of a read-only root has places to write to, unless it is told.
const PODMAN: &str = "--read-only-tmpfs=false";

/// `docker run` of a program, or `podman run`, after the verb and the container's
/// name.
fn run_words(line: &Line<'_>, image: &str, network: NetworkKind, service: Service) -> Vec<String> {
    let limits = oci::limits();
    let mut words: Vec<String> = LOCKED_DOWN.map(str::to_owned).to_vec();
    if service == Service::Podman {
        words.push(PODMAN.to_owned());
    }
    words.push(format!("--network={}", network.name()));
    words.extend(limits.memory.map(|bytes| format!("--memory={bytes}")));
    words.extend(limits.pids.map(|count| format!("--pids-limit={count}")));
    for (key, value) in line.env {
        words.push(format!("--env={key}={value}"));
    }
    if let Some(dir) = line.dir {
        words.push(format!("--volume={}:{WORK}", dir.display()));
        words.push(format!("--workdir={WORK}"));
    }
    words.push(image.to_owned());
    words.extend(line.args.iter().cloned());
    words
}

/// The same as the body of the request that creates the container.
fn body(line: &Line<'_>, image: &str, network: NetworkKind, own: Option<IpAddr>) -> Value {
    let limits = oci::limits();
    let env: Vec<String> = line
        .env
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let mount = |dir: &std::path::Path| format!("{}:{WORK}", dir.display());
    let mut body = json!({
        "Image": image,
        "Cmd": line.args,
        "Env": env,
        "WorkingDir": line.dir.map_or("", |_| WORK),
        "AttachStdin": true,
        "AttachStdout": true,
        "AttachStderr": true,
        "OpenStdin": true,
        // The end of this stdin is the end of the program's.
        "StdinOnce": true,
        "HostConfig": {
            "ReadonlyRootfs": true,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "CgroupnsMode": "private",
            "IpcMode": "private",
            "NetworkMode": network.name(),
            "LogConfig": { "Type": "none" },
            "Memory": limits.memory,
            "PidsLimit": limits.pids,
            "Binds": line.dir.map(mount).into_iter().collect::<Vec<_>>(),
        },
    });
    if let Some(address) = own {
        let endpoint = json!({ "IPAMConfig": { "IPv4Address": address } });
        body["NetworkingConfig"] = json!({ "EndpointsConfig": { network.name(): endpoint } });
    }
    body
}

impl DockerRecipe {
    pub(super) fn new(
        lab: &mut Lab,
        daemon: Daemon,
        image: Image,
        network: Network,
    ) -> DockerRecipe {
        DockerRecipe {
            daemon,
            image,
            network,
            body: lab.fresh_path("container.json"),
        }
    }

    fn invoke(&self, lab: &Lab, words: Vec<String>) -> Command {
        Command {
            program: self.daemon.program.clone(),
            args: words,
            env: self.daemon.env(),
            cwd: lab.scratch().to_owned(),
        }
    }

    /// What creates and runs the container, after the client's own words.
    fn operands(&self, line: &Line<'_>, own: Option<IpAddr>) -> Result<Vec<String>, ArmError> {
        let network = self.network.kind();
        if self.daemon.client_kind == ClientKind::Cli {
            let mut words = run_words(line, &self.image.tag, network, self.daemon.service);
            if let Some(address) = own {
                words.insert(0, format!("--ip={address}"));
            }
            return Ok(words);
        }
        let body = body(line, &self.image.tag, network, own).to_string();
        fs::write(&self.body, body).map_err(ArmError::file(&self.body))?;
        Ok(vec![self.body.to_string_lossy().into_owned()])
    }

    fn launch(&self, lab: &Lab, line: &Line<'_>, own: Option<IpAddr>) -> Result<Launch, ArmError> {
        let name = next_name();
        let mut words = self.daemon.words(&["run", &format!("--name={name}")]);
        words.extend(self.operands(line, own)?);
        let program = Program::native(self.daemon.program.clone());
        Ok(Launch {
            command: self.invoke(lab, words),
            stop: Some(self.invoke(lab, self.daemon.words(&["kill", &name]))),
            teardown: Some(self.invoke(lab, self.daemon.removal(&name))),
            container: Some(name),
            ..plain(lab, &program, Vec::new())
        })
    }
}

impl Recipe for DockerRecipe {
    fn refuses(&self, setting: &Setting) -> Option<String> {
        let process = setting.beyond_a_process().map(str::to_owned);
        process.or_else(|| self.network.refuses(setting))
    }

    fn address(&mut self, free: SocketAddr) -> SocketAddr {
        self.network.address(free)
    }

    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        self.launch(lab, line, None)
    }

    fn server(
        &mut self,
        lab: &mut Lab,
        address: SocketAddr,
        grants: &Grants,
    ) -> Result<Launch, ArmError> {
        let own = (self.network.kind() == NetworkKind::Bridge).then(|| address.ip());
        self.launch(lab, &Line::bare(&[address.to_string()], grants), own)
    }

    fn charge_set(&self, pid: u32) -> Result<Vec<u32>, ArmError> {
        let name = services::name_of(pid)?;
        services::charged(self.daemon.first_process(&name)?)
    }

    fn shared(&self) -> Vec<u32> {
        self.daemon.processes()
    }

    fn is_crash(&self, status: i32) -> bool {
        match self.daemon.client_kind {
            // The daemon refused; the program could not be executed; it was not
            // found.
            ClientKind::Cli => [125, 126, 127].contains(&status),
            ClientKind::Api => status == 125,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn both_ways_ask_for_the_same_limits_files_and_arguments() {
        let (args, env) = (["a".to_owned()], [("K".to_owned(), "v".to_owned())]);
        let grants = Grants::default();
        let line = Line {
            args: &args,
            env: &env,
            dir: Some(Path::new("/files")),
            grants: &grants,
        };
        let words = run_words(&line, "tag", NetworkKind::Bridge, Service::Docker);
        let own: IpAddr = [10, 213, 128, 7].into();
        let body = body(&line, "tag", NetworkKind::Bridge, Some(own));
        let endpoint = &body["NetworkingConfig"]["EndpointsConfig"]["assay"];
        assert_eq!(endpoint["IPAMConfig"]["IPv4Address"], "10.213.128.7");
        let host = &body["HostConfig"];
        for word in [
            format!("--memory={}", host["Memory"]),
            format!("--pids-limit={}", host["PidsLimit"]),
            format!("--env={}", body["Env"][0].as_str().unwrap()),
            format!("--volume={}", host["Binds"][0].as_str().unwrap()),
            format!("--workdir={}", body["WorkingDir"].as_str().unwrap()),
            format!("--network={}", host["NetworkMode"].as_str().unwrap()),
            format!("--ipc={}", host["IpcMode"].as_str().unwrap()),
            format!("--cgroupns={}", host["CgroupnsMode"].as_str().unwrap()),
            format!("--cap-drop={}", host["CapDrop"][0].as_str().unwrap()),
            format!(
                "--security-opt={}",
                host["SecurityOpt"][0].as_str().unwrap()
            ),
            format!(
                "--log-driver={}",
                host["LogConfig"]["Type"].as_str().unwrap()
            ),
        ] {
            assert!(words.contains(&word), "{word} is not in {words:?}");
        }
        assert_eq!(host["ReadonlyRootfs"], true);
        assert!(words.ends_with(&["tag".to_owned(), "a".to_owned()]));
    }
}
