//! The containerd that is asked: the private one of `assay baselines start`,
//! or one that is named.

use crate::daemons::{Baseline, socket_of};
use crate::layout::Layout;
use crate::services;
use assay_arms::{ArmError, Lab, ProgramName};
use serde_json::Value;
use std::path::PathBuf;

/// Names a daemon by its socket; that of the machine is not asked by itself.
const SOCKET_VARIABLE: &str = "ASSAY_CONTAINERD_SOCKET";

/// What to type where there is none.
pub(super) fn remedy() -> String {
    let start = Baseline::Ctr.remedy();
    format!("{start} (or name a daemon: {SOCKET_VARIABLE}=/…)")
}

/// Where layers are kept one above the other, the preferred one first; `native`
/// copies them, which works on every file system.
const SNAPSHOTTERS: [&str; 2] = ["overlayfs", "native"];

/// A daemon and its client, `assay-containerd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Daemon {
    pub(super) program: PathBuf,
    pub(super) snapshotter: String,
    socket: PathBuf,
}

/// Where a daemon seems to listen.
///
/// # Errors
/// What is missing.
pub(super) fn socket() -> Result<PathBuf, String> {
    let named = std::env::var_os(SOCKET_VARIABLE).map(PathBuf::from);
    let socket = named.unwrap_or_else(|| socket_of(Baseline::Ctr));
    match socket.exists() {
        true => Ok(socket),
        false => {
            let socket = services::shown(&socket);
            Err(format!("no containerd can be reached at {socket}"))
        }
    }
}

impl Daemon {
    /// Finds the daemon, without asking it anything yet.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn find(lab: &Lab) -> Result<Daemon, ArmError> {
        let socket = socket().map_err(ArmError::Runtime)?;
        let [preferred, _] = SNAPSHOTTERS;
        Ok(Daemon {
            program: lab.binaries.path(ProgramName::Containerd.file()),
            snapshotter: preferred.to_owned(),
            socket,
        })
    }

    /// The words of the client, in a namespace.
    pub(super) fn words(&self, namespace: &str, rest: &[&str]) -> Vec<String> {
        let mut words = vec![
            format!("--socket={}", self.socket.display()),
            format!("--namespace={namespace}"),
            format!("--snapshotter={}", self.snapshotter),
        ];
        words.extend(rest.iter().map(|&word| word.to_owned()));
        words
    }

    /// The daemon itself, which all containers share.
    pub(super) fn processes(&self) -> Vec<u32> {
        services::listener(&self.socket, "containerd")
            .into_iter()
            .collect()
    }

    /// Has the client ask something that is not timed.
    pub(super) fn ask(&self, namespace: &str, rest: &[&str]) -> Result<String, ArmError> {
        services::ask(&self.program, &self.words(namespace, rest), &[], None)
    }

    pub(super) fn client_version(&self) -> Result<String, ArmError> {
        services::ask(&self.program, &["--version".to_owned()], &[], None)
    }

    /// What the daemon says about itself; from now on the snapshotter is one
    /// that works there.
    pub(super) fn describe(&mut self) -> Result<Value, ArmError> {
        let said = self.ask("assay", &["about"])?;
        let about: Value = serde_json::from_str(&said)
            .map_err(|error| ArmError::Runtime(format!("assay-containerd about: {error}")))?;
        let works = |name: &&&str| {
            let listed = about["snapshotters"].as_array();
            listed.is_some_and(|listed| listed.iter().any(|one| one == **name))
        };
        let found = SNAPSHOTTERS.iter().find(works).ok_or_else(|| {
            let wanted = SNAPSHOTTERS.join(" nor ");
            ArmError::Runtime(format!(
                "this containerd has neither {wanted} as a snapshotter: {}",
                about["snapshotters"]
            ))
        })?;
        self.snapshotter = (*found).to_owned();
        Ok(about)
    }
}

/// An image in a namespace of its own, both removed when dropped.
pub(super) struct Image {
    pub(super) daemon: Daemon,
    /// The name of both.
    pub(super) name: String,
    /// What containers start from.
    pub(super) snapshot: String,
}

impl Image {
    /// Hands over an image; no registry is asked.
    pub(super) fn import(
        daemon: &Daemon,
        layout: &Layout,
        name: String,
    ) -> Result<Image, ArmError> {
        let dir = layout.dir.to_string_lossy();
        let mut image = Image {
            daemon: daemon.clone(),
            name,
            snapshot: String::new(),
        };
        // What a failed import leaves is removed too.
        let name = image.name.clone();
        image.snapshot = daemon.ask(&name, &["import", &name, &dir])?;
        Ok(image)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // A daemon that is gone has taken its images along.
        let _ = self.daemon.ask(&self.name, &["forget", &self.name]);
    }
}
