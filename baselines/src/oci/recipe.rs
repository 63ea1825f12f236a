//! The launches of one program under one runtime.

use super::runtime::{OciRuntime, errors_in, log_file, pid_file, text};
use crate::bundle::{Bundle, ContainerOptions, Privileges};
use crate::container::next_name;
use crate::tier::{Contents, failed};
use assay_arms::process::{Line, Recipe, plain};
use assay_arms::{ArmError, Artifact, Lab, Program};
use assay_model::{Bytes, Metric};
use assay_wire::grants::Grants;
use assay_wire::launcher::{Command, Launch};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub(super) struct OciRecipe {
    kind: &'static OciRuntime,
    pub(super) runtime: Program,
    pub(super) contents: Contents,
    pub(super) labels: Vec<String>,
    state: PathBuf,
    options: ContainerOptions,
    /// The bundle of the last launch, whose log says why it failed.
    last: Option<PathBuf>,
    /// The bundle of a launch that is over when the next one begins.
    spent: Option<PathBuf>,
}

/// A container that is about to be started.
struct Planned {
    id: String,
    bundle: PathBuf,
}

impl OciRecipe {
    pub(super) fn new(
        lab: &mut Lab,
        kind: &'static OciRuntime,
        runtime: Program,
        contents: Contents,
    ) -> Result<OciRecipe, ArmError> {
        let privileges = Privileges::of_caller().map_err(failed)?;
        let mut recipe = OciRecipe {
            kind,
            runtime,
            contents,
            labels: Vec::new(),
            state: lab.fresh_dir("containers")?,
            options: kind.options(privileges),
            last: None,
            spent: None,
        };
        // The labels are those of the bundles that will be written.
        recipe.plan(lab, &[], &[], None)?;
        if !kind.keeps {
            recipe.labels.push("deletes-before-exit".to_owned());
        }
        Ok(recipe)
    }

    /// What is shipped and installed.
    pub(super) fn artifacts(&self) -> Result<Vec<Artifact>, ArmError> {
        let mut artifacts = self.contents.artifacts()?;
        let runtime = self.runtime.path();
        let size = fs::metadata(runtime)
            .map_err(ArmError::file(runtime))?
            .len();
        artifacts.push(Artifact {
            metric: Metric::ARTIFACT_RUNTIME,
            size: Bytes(size),
        });
        Ok(artifacts)
    }

    fn plan(
        &mut self,
        lab: &mut Lab,
        args: &[String],
        env: &[(String, String)],
        dir: Option<&Path>,
    ) -> Result<Planned, ArmError> {
        let id = next_name();
        // Else each would choose another one: below the caller's, at the top.
        let root = self.options.privileges == Privileges::Root && self.kind.takes_cgroup;
        let options = ContainerOptions {
            args: args.to_vec(),
            env: env.to_vec(),
            work: dir.map(Path::to_owned),
            cgroup: root.then(|| format!("/{id}")),
            ..self.options.clone()
        };
        let path = lab.fresh_path("bundle");
        let bundle = Bundle::write(&path, self.contents.rootfs(), &options).map_err(failed)?;
        if self.labels.is_empty() {
            let labels = bundle.labels().iter();
            self.labels = labels.map(|&label| label.to_owned()).collect();
        }
        let bundle = bundle.dir().to_owned();
        self.last = Some(bundle.clone());
        Ok(Planned { id, bundle })
    }

    fn verb(&self, lab: &Lab, log: Option<&Path>, verb: &str, rest: Vec<String>) -> Command {
        let root = text(&self.state);
        let log = log.map(text);
        let privileges = self.options.privileges;
        let mut args = self.kind.verb(verb, &root, log.as_deref(), privileges);
        args.extend(rest);
        Command {
            program: self.runtime.path().to_owned(),
            args,
            env: Vec::new(),
            cwd: lab.scratch().to_owned(),
        }
    }

    fn launch(&self, lab: &Lab, container: &Planned, detach: bool) -> Launch {
        let Planned { id, bundle } = container;
        let mut run = self.kind.run_flags(bundle, detach);
        run.push(id.clone());
        let log = log_file(bundle);
        let on = |verb, rest: &[&str]| {
            let rest = rest.iter().map(|&word| word.to_owned()).collect();
            Some(self.verb(lab, None, verb, rest))
        };
        Launch {
            command: self.verb(lab, Some(&log), "run", run),
            stop: on("kill", &[id, "KILL"]),
            teardown: on("delete", &["--force", id]),
            pid_file: detach.then(|| pid_file(bundle)),
            container: Some(id.clone()),
            ..plain(lab, &self.runtime, Vec::new())
        }
    }
}

fn command_line(pid: u32) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}

/// Whether this is the command line of a front end in the foreground.
fn starts_a_bundle(command_line: &[u8]) -> bool {
    let has = |wanted: &[u8]| {
        command_line
            .split(|&byte| byte == 0)
            .any(|word| word == wanted)
    };
    has(b"run") && has(b"--bundle")
}

impl Recipe for OciRecipe {
    fn command(&mut self, lab: &mut Lab, line: &Line<'_>) -> Result<Launch, ArmError> {
        // Its launch is over; a run of days would fill the disk with bundles.
        if let Some(spent) = self.spent.take() {
            let _ = fs::remove_dir_all(spent);
        }
        let container = self.plan(lab, line.args, line.env, line.dir)?;
        self.spent = Some(container.bundle.clone());
        Ok(self.launch(lab, &container, false))
    }

    fn server(
        &mut self,
        lab: &mut Lab,
        address: SocketAddr,
        grants: &Grants,
    ) -> Result<Launch, ArmError> {
        self.command(lab, &Line::bare(&[address.to_string()], grants))
    }

    fn instance(&mut self, lab: &mut Lab, args: &[String]) -> Result<Launch, ArmError> {
        let container = self.plan(lab, args, &[], None)?;
        Ok(self.launch(lab, &container, self.kind.detaches))
    }

    fn charge_set(&self, pid: u32) -> Result<Vec<u32>, ArmError> {
        let is_front_end = |pid: u32| {
            let line = command_line(pid);
            let exe = fs::read_link(format!("/proc/{pid}/exe"));
            // crun runs a sealed copy of itself, which has no path.
            let is_runtime = exe.is_ok_and(|exe| exe == self.runtime.path());
            (is_runtime || starts_a_bundle(&line)) && !(self.kind.stays)(&line)
        };
        let mut pids = vec![pid];
        pids.extend(assay_observe::process::descendants(pid)?);
        pids.retain(|&pid| !is_front_end(pid));
        Ok(pids)
    }

    fn is_crash(&self, status: i32) -> bool {
        if let Some(failed) = self.kind.failed {
            return status == failed;
        }
        // They exit with statuses that programs use too. The pid is written when
        // the container is there, and the log holds what went wrong later.
        let began = |bundle: &PathBuf| pid_file(bundle).exists();
        status != 0 && (!self.last.as_ref().is_some_and(began) || self.complaint().is_some())
    }

    fn complaint(&self) -> Option<String> {
        let log = fs::read_to_string(log_file(self.last.as_ref()?)).ok()?;
        errors_in(&log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_end_is_known_by_what_it_was_told() {
        assert!(starts_a_bundle(
            b"crun\0--root\0/s\0run\0--bundle\0/b\0id\0"
        ));
        assert!(!starts_a_bundle(b"/app\0run\0"));
        assert!(!starts_a_bundle(b""));
    }
}
