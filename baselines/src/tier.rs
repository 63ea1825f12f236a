//! What an image holds: what its program stands on, the program, and the words
//! that start it.

use crate::base::{self, Base};
use crate::bundle::{PROGRAM, Rootfs};
use crate::image::{self, ImageSize};
use assay_arms::{Absent, ArmError, Artifact, Lab};
use assay_model::{Digest, Metric};
use assay_workloads::{Interpreter, Twin, Workload};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// What a program stands on in its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Nothing: one static program.
    Scratch,
    /// A minimal Debian: the same program, linked dynamically.
    DebianSlim,
    /// Debian and CPython: the Python version of the workload.
    Typical,
}

/// What a tier takes of a twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Top<'t> {
    Program(&'t str),
    Script(&'t str),
}

/// The interpreter of [`Tier::Typical`].
const PYTHON: &str = "/usr/bin/python3";

const ONE_PROGRAM: &str =
    "the image of this arm is empty but for one static program that cargo builds";
const A_PROGRAM: &str = "the image of this arm holds a program that cargo builds";
const A_SCRIPT: &str = "the image of this arm holds CPython, and this workload has no Python twin";

impl Tier {
    /// All of them, smallest first.
    pub const ALL: [Tier; 3] = [Tier::Scratch, Tier::DebianSlim, Tier::Typical];

    /// Its name: a label, and that of its archive.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tier::Scratch => "scratch",
            Tier::DebianSlim => "debian-slim",
            Tier::Typical => "typical",
        }
    }

    /// The id of an arm on this tier; that of `scratch` is the engine's own.
    pub(crate) fn arm_id(self, engine: &str) -> String {
        match self {
            Tier::Scratch => engine.to_owned(),
            _ => format!("{engine}+{}", self.name()),
        }
    }

    /// What its image holds, for summaries.
    pub(crate) fn holds(self) -> &'static str {
        match self {
            Tier::Scratch => "the static native program in a container on a scratch image",
            Tier::DebianSlim => {
                "the dynamically linked native program in a container on an image of a minimal Debian"
            }
            Tier::Typical => {
                "the Python version of the workload in a container on an image of Debian with CPython"
            }
        }
    }

    fn archive(self) -> Option<PathBuf> {
        match self {
            Tier::Scratch => None,
            _ => Some(base::archive(self.name())),
        }
    }

    /// Why there can be no image of this tier here.
    pub(crate) fn missing(self) -> Option<(String, String)> {
        let archive = self.archive().filter(|archive| !archive.exists())?;
        let name = self.name();
        Some((
            format!("there is no {}", archive.display()),
            format!("scripts/build-images {name}"),
        ))
    }

    /// Whether there is an image of it here, for programs that need a loader.
    pub(crate) fn wants_dynamic_twins(self) -> bool {
        self == Tier::DebianSlim && self.missing().is_none()
    }

    /// Whether it can hold a workload's twin.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check(self, twin: &Twin) -> Result<(), Absent> {
        self.top(twin).map(drop)
    }

    fn top(self, twin: &Twin) -> Result<Top<'_>, Absent> {
        let absent = |reason: &str| Err(Absent(reason.to_owned()));
        match (self, twin) {
            (_, Twin::None { reason }) => absent(reason),
            (Tier::Scratch | Tier::DebianSlim, Twin::Cargo { bin, .. }) => Ok(Top::Program(bin)),
            (
                Tier::Typical,
                Twin::Script {
                    interpreter: Interpreter::Python3,
                    script,
                },
            ) => Ok(Top::Script(script)),
            (Tier::Scratch, _) => absent(ONE_PROGRAM),
            (Tier::DebianSlim, _) => absent(A_PROGRAM),
            (Tier::Typical, _) => absent(A_SCRIPT),
        }
    }

    /// A workload that a container is tried out with.
    pub(crate) fn trial(self, lab: &Lab) -> Result<&Workload, ArmError> {
        let id = match self {
            Tier::Scratch | Tier::DebianSlim => "cli/hello",
            Tier::Typical => "lang/hello-python",
        };
        let found = lab.catalog().workload(id);
        found.ok_or_else(|| ArmError::Runtime(format!("the catalog has no {id} to try out")))
    }
}

/// What an image holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    base: Option<Base>,
    own: PathBuf,
    rootfs: Rootfs,
}

pub(crate) fn failed(error: impl std::error::Error) -> ArmError {
    // What was meant, and what stood in the way.
    let cause = error.source().map(|cause| format!(": {cause}"));
    ArmError::Runtime(format!("{error}{}", cause.unwrap_or_default()))
}

impl Contents {
    /// Puts together what the image of a twin holds.
    ///
    /// # Errors
    /// When the tier cannot hold it, its base is missing or broken, or the disk
    /// is full.
    pub(crate) fn create(lab: &mut Lab, tier: Tier, twin: &Twin) -> Result<Contents, ArmError> {
        let top = tier.top(twin).map_err(|why| ArmError::Runtime(why.0))?;
        let own = lab.fresh_path("rootfs");
        let Some(archive) = tier.archive() else {
            let Top::Program(bin) = top else {
                return Err(ArmError::Runtime(ONE_PROGRAM.to_owned()));
            };
            let rootfs = Rootfs::create(&lab.binaries.path(bin), &own).map_err(failed)?;
            return Ok(Contents {
                base: None,
                own,
                rootfs,
            });
        };
        let place = lab.scratch().join(format!("base-{}", tier.name()));
        let base = Base::at(&place, &archive).map_err(failed)?;
        fs::create_dir_all(&own).map_err(ArmError::file(&own))?;
        let app = own.join(PROGRAM.trim_start_matches('/'));
        let entry = match top {
            Top::Program(bin) => {
                copy(&lab.binaries.dynamic(bin)?, &app, 0o755)?;
                vec![PROGRAM.to_owned()]
            }
            Top::Script(script) => vec![PYTHON.to_owned(), sources(lab, script, &app)?],
        };
        let rootfs = Rootfs::shared(&base.root, &app, entry).map_err(failed)?;
        Ok(Contents {
            base: Some(base),
            own,
            rootfs,
        })
    }

    /// The root file system for what starts bundles.
    pub(crate) fn rootfs(&self) -> &Rootfs {
        &self.rootfs
    }

    /// The words that start the program.
    pub(crate) fn entry(&self) -> &[String] {
        self.rootfs.entry()
    }

    /// What lies below the program.
    pub(crate) fn base(&self) -> Option<&Base> {
        self.base.as_ref()
    }

    /// The folder of the layer that is the program's own.
    pub(crate) fn own(&self) -> &Path {
        &self.own
    }

    /// The folders of its layers, lowest first.
    pub(crate) fn layers(&self) -> Vec<&Path> {
        let base = self.base.iter().map(|base| base.root.as_path());
        base.chain([self.own.as_path()]).collect()
    }

    /// What the image weighs.
    pub(crate) fn artifacts(&self) -> Result<Vec<Artifact>, ArmError> {
        let own = image::measure(&self.own).map_err(failed)?;
        let base = self.base.as_ref().map(|base| &base.size);
        let total =
            |of: fn(&ImageSize) -> assay_model::Bytes| base.into_iter().chain([&own]).map(of).sum();
        Ok(vec![
            Artifact {
                metric: Metric::ARTIFACT_IMAGE,
                size: total(|size| size.layer),
            },
            Artifact {
                metric: Metric::ARTIFACT_IMAGE_UNPACKED,
                size: total(|size| size.unpacked),
            },
            Artifact {
                metric: Metric::ARTIFACT_IMAGE_OWN,
                size: own.layer,
            },
        ])
    }

    /// What identifies its parts, for a record.
    pub(crate) fn receipt(&self) -> BTreeMap<String, String> {
        let digest = |digest: &Digest| digest.to_string();
        let base = self.base.iter().flat_map(|base| {
            [
                ("sha256.base".to_owned(), digest(&base.archive)),
                ("sha256.base.layer".to_owned(), digest(&base.size.digest)),
            ]
        });
        base.collect()
    }
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), ArmError> {
    fs::copy(from, to).map_err(ArmError::file(from))?;
    // The payload has no capability, so root needs the bits like anyone.
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).map_err(ArmError::file(to))
}

/// Copies a script with the modules beside it into the folder `app`; answers
/// its path in the container.
fn sources(lab: &Lab, script: &str, app: &Path) -> Result<String, ArmError> {
    let script = lab.catalog().source(script);
    let beside = script.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(app).map_err(ArmError::file(app))?;
    for item in fs::read_dir(beside).map_err(ArmError::file(beside))? {
        let path = item.map_err(ArmError::file(beside))?.path();
        let is_source = path.extension().is_some_and(|extension| extension == "py");
        if let (true, Some(name)) = (is_source, path.file_name()) {
            copy(&path, &app.join(name), 0o644)?;
        }
    }
    let name = script.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("{PROGRAM}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twins() -> [Twin; 3] {
        let script = |interpreter| Twin::Script {
            interpreter,
            script: "a/b".to_owned(),
        };
        [
            Twin::Cargo {
                package: "p".to_owned(),
                bin: "b".to_owned(),
            },
            script(Interpreter::Python3),
            script(Interpreter::Node),
        ]
    }

    #[test]
    fn each_tier_holds_its_kind_of_twin_and_says_why_no_other() {
        let held = |tier: Tier| twins().map(|twin| tier.check(&twin).is_ok());
        assert_eq!(held(Tier::Scratch), [true, false, false]);
        assert_eq!(held(Tier::DebianSlim), [true, false, false]);
        assert_eq!(held(Tier::Typical), [false, true, false]);
        let none = Twin::None {
            reason: "no twin".to_owned(),
        };
        for tier in Tier::ALL {
            assert_eq!(tier.check(&none).unwrap_err().0, "no twin");
        }
    }

    #[test]
    fn ids_tell_tiers_of_one_engine_apart() {
        assert_eq!(Tier::Scratch.arm_id("crun"), "crun");
        let id: assay_model::ArmId = Tier::Typical.arm_id("docker/api").parse().unwrap();
        assert_eq!(id.engine(), "docker");
        assert_eq!(id.as_str(), "docker/api+typical");
    }
}
