//! One container as a task, with the same isolation as the other container arms.

use super::daemon::{Daemon, Image};
use crate::bundle::{self, ContainerOptions, Privileges, Rootfs, Seccomp, WORK, labels};
use crate::container::next_name;
use crate::oci;
use crate::services;
use crate::tier::failed;
use assay_arms::process::{Line, Recipe, plain};
use assay_arms::{ArmError, Lab, Program};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Command, Launch};
use assay_workloads::Setting;
use oci_spec::runtime::RootBuilder;
use serde_json::json;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Who starts the containers, and what is in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Runtime {
    /// A Linux program, by containerd's own shim above runc, as Kubernetes does
    /// it where nothing else is said.
    Runc,
    /// A component, by a shim that is an engine itself.
    Shim(PathBuf),
}

impl Runtime {
    /// Its name for containerd, or the path of its shim.
    pub(super) fn name(&self) -> String {
        match self {
            Runtime::Runc => "io.containerd.runc.v2".to_owned(),
            Runtime::Shim(path) => path.display().to_string(),
        }
    }

    /// What the shim of components is told by the container's environment, and
    /// does not hand on: what the guest may reach, and where it serves.
    fn shim_environment(
        &self,
        line: &Line<'_>,
        listen: Option<SocketAddr>,
    ) -> Result<Vec<(String, String)>, ArmError> {
        if *self == Runtime::Runc {
            return Ok(Vec::new());
        }
        let grants = in_container(line.grants, line.dir);
        let grants = grants.to_argument().map_err(failed)?;
        let mut told = vec![("ASSAY_GRANTS".to_owned(), grants)];
        told.extend(listen.map(|address| ("ASSAY_LISTEN".to_owned(), address.to_string())));
        Ok(told)
    }
}

/// The grants where the directory of the files is mounted.
fn in_container(grants: &Grants, dir: Option<&Path>) -> Grants {
    let mut grants = grants.clone();
    for preopen in &mut grants.preopens {
        let below = dir.and_then(|dir| preopen.host.strip_prefix(dir).ok());
        if let Some(below) = below {
            preopen.host = match below.as_os_str().is_empty() {
                true => WORK.into(),
                false => Path::new(WORK).join(below),
            };
        }
    }
    grants
}

pub(super) struct TaskRecipe {
    image: Image,
    runtime: Runtime,
    rootfs: Rootfs,
    options: ContainerOptions,
    fifos: PathBuf,
    /// What the last container is described by, which is read when its launch begins.
    description: PathBuf,
}

/// What the client exits with when no container could be run.
const FAILED: i32 = 125;

impl TaskRecipe {
    pub(super) fn new(
        lab: &mut Lab,
        image: Image,
        runtime: Runtime,
        rootfs: &Rootfs,
    ) -> Result<TaskRecipe, ArmError> {
        Ok(TaskRecipe {
            image,
            runtime,
            // The layers are in the snapshot, so nothing is mounted.
            rootfs: rootfs.clone().layered(),
            // The daemon is root's, whoever asks it, and runc does the work.
            options: oci::options(Seccomp::Default, Privileges::Root),
            fifos: lab.fresh_dir("fifos")?,
            description: lab.fresh_path("container.json"),
        })
    }

    /// What a result must be labelled with.
    pub(super) fn labels(&self) -> Vec<String> {
        let labels = labels(&self.options);
        labels.into_iter().map(str::to_owned).collect()
    }

    fn daemon(&self) -> &Daemon {
        &self.image.daemon
    }

    fn invoke(&self, lab: &Lab, rest: &[&str]) -> Command {
        Command {
            program: self.daemon().program.clone(),
            args: self.daemon().words(&self.image.name, rest),
            env: Vec::new(),
            cwd: lab.scratch().to_owned(),
        }
    }

    /// Writes what a container is described by.
    fn describe(
        &self,
        line: &Line<'_>,
        listen: Option<SocketAddr>,
        id: &str,
    ) -> Result<(), ArmError> {
        let mut env = line.env.to_vec();
        env.extend(self.runtime.shim_environment(line, listen)?);
        let options = ContainerOptions {
            args: line.args.to_vec(),
            env,
            work: line.dir.map(std::path::Path::to_owned),
            cgroup: Some(format!("/{id}")),
            ..self.options.clone()
        };
        let mut spec = bundle::spec(&self.rootfs, &options).map_err(failed)?;
        // Where the shim mounts the container's snapshot.
        let root = RootBuilder::default().path("rootfs").readonly(true).build();
        spec.set_root(Some(root.map_err(failed)?));
        let described = json!({
            "image": self.image.name,
            "snapshot": self.image.snapshot,
            "runtime": self.runtime.name(),
            "spec": spec,
            "fifos": self.fifos,
        });
        let path = &self.description;
        fs::write(path, described.to_string()).map_err(ArmError::file(path))
    }

    fn launch(
        &self,
        lab: &Lab,
        line: &Line<'_>,
        listen: Option<SocketAddr>,
    ) -> Result<Launch, ArmError> {
        let id = next_name();
        self.describe(line, listen, &id)?;
        let name = format!("--name={id}");
        let program = Program::native(self.daemon().program.clone());
        let path = self.description.to_string_lossy();
        Ok(Launch {
            command: self.invoke(lab, &["run", &name, &path]),
            stop: Some(self.invoke(lab, &["kill", &id])),
            teardown: Some(self.invoke(lab, &["rm", &id])),
            container: Some(id),
            ..plain(lab, &program, Vec::new())
        })
    }
}

impl Recipe for TaskRecipe {
    fn refuses(&self, setting: &Setting) -> Option<String> {
        match self.runtime {
            Runtime::Runc => setting.beyond_a_process().map(str::to_owned),
            Runtime::Shim(_) => None,
        }
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
        let address_of_twin = [address.to_string()];
        let args: &[String] = match self.runtime {
            Runtime::Runc => &address_of_twin,
            Runtime::Shim(_) => &[],
        };
        self.launch(lab, &Line::bare(args, grants), Some(address))
    }

    fn charge_set(&self, pid: u32) -> Result<Vec<u32>, ArmError> {
        let id = services::name_of(pid)?;
        let said = self.daemon().ask(&self.image.name, &["pid", &id])?;
        let first = said.parse();
        let first = first
            .map_err(|_| ArmError::Runtime(format!("container {id} has no process: {said}")))?;
        services::charged(first)
    }

    fn shared(&self) -> Vec<u32> {
        self.daemon().processes()
    }

    fn is_crash(&self, status: i32) -> bool {
        status == FAILED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_wire::grants::Preopen;

    fn preopen(host: &str) -> Preopen {
        Preopen {
            host: host.into(),
            guest: "data".to_owned(),
            write: true,
        }
    }

    #[test]
    fn a_component_is_granted_what_is_mounted_into_its_container() {
        let grants = Grants {
            preopens: vec![preopen("/files"), preopen("/files/in/a"), preopen("/else")],
            tcp: true,
            ..Grants::default()
        };
        let line = Line {
            dir: Some(Path::new("/files")),
            ..Line::bare(&[], &grants)
        };
        let shim = Runtime::Shim("/shim".into());
        let told = shim
            .shim_environment(&line, Some(([127, 0, 0, 1], 80).into()))
            .unwrap();
        let [(_, granted), (_, listen)] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(listen, "127.0.0.1:80");
        let expected = Grants {
            preopens: vec![preopen("/work"), preopen("/work/in/a"), preopen("/else")],
            ..grants.clone()
        };
        assert_eq!(Grants::from_argument(granted).unwrap(), expected);
        assert_eq!(Runtime::Runc.shim_environment(&line, None).unwrap(), []);
    }
}
