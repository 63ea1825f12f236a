//! What an image holds: what its program stands on, the program, and the words
//! that start it.

use crate::base::{self, Base};
use crate::bundle::{PROGRAM, Rootfs};
use crate::image::{self, ImageSize};
use crate::services;
use assay_arms::{Absent, ArmError, Artifact, Lab, Lack, ProgramName};
use assay_model::facts::Program;
use assay_model::{ArmFacts, Digest, Metric};
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
    /// An image that others publish, where this machine could pull it.
    Public(Public),
}

/// Images that others publish: what the tiers that are built here are to be
/// compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Public {
    /// Distroless for static programs.
    Static,
    /// Docker's official Debian, slim.
    Debian,
    /// Docker's official CPython on it, slim.
    Python,
    /// Docker's official Node.js on it, slim.
    Node,
}

impl Public {
    /// All of them, smallest first.
    pub const ALL: [Public; 4] = [Public::Static, Public::Debian, Public::Python, Public::Node];
}

/// The kind of program that a tier is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProgramKind {
    Static,
    Dynamic,
    /// A script, and where its interpreter lies in the image.
    Script(Interpreter, &'static str),
}

/// What a tier takes of a twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Top<'t> {
    Program(&'t str),
    Script {
        interpreter: &'static str,
        script: &'t str,
    },
}

const ONE_PROGRAM: &str =
    "the image of this arm is empty but for one static program that cargo builds";
const A_PROGRAM: &str = "the image of this arm holds a program that cargo builds";

pub(crate) const NO_DYNAMIC_TWINS: &str = "no dynamically linked twins were built";

/// The twin that arms are tried out with: that of `cli/hello`.
pub(crate) const TRIAL: &str = "cli-hello";

impl Tier {
    /// All of them, smallest first; those of others last.
    pub const ALL: [Tier; 7] = [
        Tier::Scratch,
        Tier::DebianSlim,
        Tier::Typical,
        Tier::Public(Public::Static),
        Tier::Public(Public::Debian),
        Tier::Public(Public::Python),
        Tier::Public(Public::Node),
    ];

    /// Its name: a label, and that of its archive.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tier::Scratch => "scratch",
            Tier::DebianSlim => "debian-slim",
            Tier::Typical => "typical",
            Tier::Public(Public::Static) => "public-static",
            Tier::Public(Public::Debian) => "public-debian",
            Tier::Public(Public::Python) => "public-python",
            Tier::Public(Public::Node) => "public-node",
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
            Tier::Public(Public::Static) => {
                "the static native program in a container on the public image distroless/static"
            }
            Tier::Public(Public::Debian) => {
                "the dynamically linked native program in a container on the public image debian:12-slim"
            }
            Tier::Public(Public::Python) => {
                "the Python version of the workload in a container on the public image python:3.11-slim"
            }
            Tier::Public(Public::Node) => {
                "the JavaScript version of the workload in a container on the public image node:22-slim"
            }
        }
    }

    fn program_kind(self) -> ProgramKind {
        match self {
            Tier::Scratch | Tier::Public(Public::Static) => ProgramKind::Static,
            Tier::DebianSlim | Tier::Public(Public::Debian) => ProgramKind::Dynamic,
            Tier::Typical => ProgramKind::Script(Interpreter::Python3, "/usr/bin/python3"),
            Tier::Public(Public::Python) => {
                ProgramKind::Script(Interpreter::Python3, "/usr/local/bin/python3")
            }
            Tier::Public(Public::Node) => {
                ProgramKind::Script(Interpreter::Node, "/usr/local/bin/node")
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
    pub(crate) fn lacks(self) -> Option<Lack> {
        let archive = self.archive().filter(|archive| !archive.exists())?;
        let name = self.name();
        let pulled = match self {
            Tier::Public(_) => " (pulls an image from its registry)",
            _ => "",
        };
        Some(Lack {
            reason: format!("there is no {}", services::shown(&archive)),
            remedy: format!("scripts/build-images {name}{pulled}"),
        })
    }

    /// The facts of an arm, of which those with an empty image are given, on
    /// this tier.
    pub(crate) fn facts(self, scratch: ArmFacts) -> ArmFacts {
        ArmFacts {
            tier: Some(self.name().to_owned()),
            program: match self.program_kind() {
                ProgramKind::Static => Program::StaticTwin,
                ProgramKind::Dynamic => Program::DynamicTwin,
                ProgramKind::Script(..) => Program::Script,
            },
            ..scratch
        }
    }

    /// The twins that its images hold, that of [`Tier::trial`] among them; none
    /// where there is no image of it here.
    pub(crate) fn needs(self, workloads: &[&Workload]) -> Vec<ProgramName> {
        let of: fn(String) -> ProgramName = match self.program_kind() {
            ProgramKind::Static => ProgramName::Twin,
            ProgramKind::Dynamic => ProgramName::DynamicTwin,
            ProgramKind::Script(..) => return Vec::new(),
        };
        if self.lacks().is_some() {
            return Vec::new();
        }
        let twins = workloads
            .iter()
            .filter_map(|workload| match &workload.twin {
                Twin::Cargo { bin, .. } => Some(of(bin.clone())),
                _ => None,
            });
        let mut twins: Vec<ProgramName> = twins.collect();
        if !twins.is_empty() {
            twins.push(of(TRIAL.to_owned()));
        }
        twins
    }

    /// Whether it can hold a workload's twin.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check(self, twin: &Twin) -> Result<(), Absent> {
        self.top(twin).map(drop)
    }

    fn top(self, twin: &Twin) -> Result<Top<'_>, Absent> {
        if let Twin::None { reason } = twin {
            return Err(Absent(reason.clone()));
        }
        match (self.program_kind(), twin) {
            (ProgramKind::Static | ProgramKind::Dynamic, Twin::Cargo { bin, .. }) => {
                Ok(Top::Program(bin))
            }
            (
                ProgramKind::Script(held, at),
                Twin::Script {
                    interpreter,
                    script,
                },
            ) if held == *interpreter => Ok(Top::Script {
                interpreter: at,
                script,
            }),
            (ProgramKind::Static, _) => Err(Absent(ONE_PROGRAM.to_owned())),
            (ProgramKind::Dynamic, _) => Err(Absent(A_PROGRAM.to_owned())),
            (ProgramKind::Script(held, _), _) => {
                let (interpreter, language) = match held {
                    Interpreter::Python3 => ("CPython", "Python"),
                    Interpreter::Node => ("Node.js", "JavaScript"),
                };
                Err(Absent(format!(
                    "the image of this arm holds {interpreter}, and this workload has no {language} twin"
                )))
            }
        }
    }

    /// A workload that a container is tried out with.
    pub(crate) fn trial(self, lab: &Lab) -> Result<&Workload, ArmError> {
        let id = match self.program_kind() {
            ProgramKind::Static | ProgramKind::Dynamic => "cli/hello",
            ProgramKind::Script(Interpreter::Python3, _) => "lang/hello-python",
            ProgramKind::Script(Interpreter::Node, _) => "lang/hello-javascript",
        };
        let found = lab.catalog().workload(id);
        found.ok_or_else(|| ArmError::Runtime(format!("the catalog has no {id} to try out")))
    }
}

/// What an image holds; its own part is removed when it is dropped.
#[derive(Debug)]
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
    /// is full. Nothing is left then.
    pub(crate) fn create(lab: &mut Lab, tier: Tier, twin: &Twin) -> Result<Contents, ArmError> {
        let own = lab.fresh_path("rootfs");
        let created = Contents::create_at(lab, tier, twin, own.clone());
        if created.is_err() {
            // A disk that is full has room for other arms again.
            let _ = fs::remove_dir_all(own);
        }
        created
    }

    fn create_at(lab: &Lab, tier: Tier, twin: &Twin, own: PathBuf) -> Result<Contents, ArmError> {
        let top = tier.top(twin).map_err(|why| ArmError::Runtime(why.0))?;
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
                let program = match tier.program_kind() {
                    ProgramKind::Static => lab.binaries.path(bin),
                    ProgramKind::Dynamic | ProgramKind::Script(..) => lab
                        .binaries
                        .dynamic(bin)
                        .ok_or_else(|| ArmError::Runtime(NO_DYNAMIC_TWINS.to_owned()))?,
                };
                copy(&program, &app, 0o755)?;
                vec![PROGRAM.to_owned()]
            }
            Top::Script {
                interpreter,
                script,
            } => vec![interpreter.to_owned(), sources(lab, script, &app)?],
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

impl Drop for Contents {
    fn drop(&mut self) {
        // Scratch space goes at the end of a run; a run has hundreds of images.
        let _ = fs::remove_dir_all(&self.own);
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
    let script = lab.catalog().source(script)?;
    let beside = script.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(app).map_err(ArmError::file(app))?;
    for item in fs::read_dir(beside).map_err(ArmError::file(beside))? {
        let path = item.map_err(ArmError::file(beside))?.path();
        let is_source = path.extension() == script.extension();
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
        assert_eq!(held(Tier::Public(Public::Static)), [true, false, false]);
        assert_eq!(held(Tier::Public(Public::Debian)), [true, false, false]);
        assert_eq!(held(Tier::Public(Public::Python)), [false, true, false]);
        assert_eq!(held(Tier::Public(Public::Node)), [false, false, true]);
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
        assert_eq!(id.as_str(), "docker/api+typical");
    }
}
