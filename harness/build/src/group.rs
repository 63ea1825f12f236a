//! What is built by one `cargo build`, and why together.
//!
//! Features unify within one build. The packages of a group are the same for
//! every run, and only its binaries are chosen: so a program has the same bytes
//! whatever is built beside it, and a dependency that nothing chosen needs is
//! not built.

use crate::profile::CHECKED;
use crate::selection::{LAUNCHER, ProgramName, Programs, WORKER};
use assay_workloads::Catalog;

/// How programs find their libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linkage {
    /// They hold them, so that the same file runs in an empty root file system.
    Static,
    /// A loader finds the C library.
    Dynamic,
}

impl Linkage {
    /// What the compiler is told.
    pub(crate) fn flags(self) -> &'static str {
        match self {
            Linkage::Static => "-Ctarget-feature=+crt-static",
            Linkage::Dynamic => "-Ctarget-feature=-crt-static",
        }
    }
}

/// Packages that are built together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// What comes out of it, for messages.
    pub(crate) what: String,
    /// The packages, whose features unify.
    pub(crate) packages: Vec<String>,
    /// The binaries of them that are built.
    pub(crate) binaries: Vec<String>,
    pub(crate) features: &'static [&'static str],
    /// Cargo's profile.
    pub(crate) profile: &'static str,
    pub(crate) linkage: Linkage,
    /// The folder of its artifacts, below that of the profile. Groups of one
    /// folder share what they have in common and wait for each other.
    pub(crate) folder: &'static str,
    /// Seconds of processor time that it takes from nothing, on one core of a
    /// current server; only to tell how long a build takes.
    pub(crate) seconds: u32,
}

const ENGINE: &str = "engine";
/// The folder of the engine with its compiler: it has hardly a dependency with
/// the same features as the engine without, and is built beside it.
const COMPILER: &str = "compiler";
const PROGRAMS: &str = "programs";
/// The folder of twins that are linked dynamically: other flags, other
/// artifacts.
pub(crate) const DYNAMIC: &str = "dynamic";

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The packages of all twins of a catalog that cargo builds.
fn twin_packages(catalog: &Catalog) -> Vec<String> {
    catalog.cargo_twins().0.into_iter().collect()
}

/// The files of those programs that `which` picks.
fn files(programs: &Programs, which: impl Fn(&ProgramName) -> bool) -> Vec<String> {
    let picked = programs.iter().filter(|name| which(name));
    picked.map(|name| name.file().to_owned()).collect()
}

fn without_engine(name: &ProgramName) -> bool {
    use ProgramName::{Launcher, Twin, Youki};
    matches!(name, Launcher | Twin(_) | Youki)
}

fn clients(name: &ProgramName) -> bool {
    use ProgramName::{Containerd, Docker, MicroVm};
    matches!(name, Docker | Containerd | MicroVm)
}

fn without_compiler(name: &ProgramName) -> bool {
    matches!(name, ProgramName::Runner | ProgramName::HttpRunner)
}

fn with_compiler(name: &ProgramName) -> bool {
    matches!(name, ProgramName::Worker)
}

/// Nothing but what no group is built without has to be built.
fn wanted(groups: Vec<Group>) -> Vec<Group> {
    let mut groups = groups;
    groups.retain(|group| !group.binaries.is_empty());
    groups
}

/// The groups of programs that are measured, those first that take longest.
pub(crate) fn measured(catalog: &Catalog, programs: &Programs) -> Vec<Group> {
    let with = |packages: &[&str], which: fn(&ProgramName) -> bool| Group {
        what: String::new(),
        packages: owned(packages),
        binaries: files(programs, which),
        features: &[],
        profile: "measured",
        linkage: Linkage::Static,
        folder: PROGRAMS,
        seconds: 0,
    };
    let runners = Group {
        what: "runners without compiler".to_owned(),
        folder: ENGINE,
        seconds: 320,
        ..with(&["assay-runner", "assay-runner-http"], without_compiler)
    };
    let compiling = Group {
        what: "worker, which holds the compiler".to_owned(),
        profile: "measured-thin",
        folder: COMPILER,
        seconds: 600,
        ..with(&[WORKER], with_compiler)
    };
    let mut first = with(&[LAUNCHER, "assay-youki"], without_engine);
    first.packages.extend(twin_packages(catalog));
    let twins = first.binaries.len().saturating_sub(1);
    first.what = format!("launcher and {twins} programs without an engine");
    first.seconds = 200 + 3 * u32::try_from(twins).unwrap_or(u32::MAX);
    let clients = Group {
        what: "clients of container engines and of KVM".to_owned(),
        seconds: 100,
        ..with(
            &["assay-containerd", "assay-docker", "assay-microvm"],
            clients,
        )
    };
    // The longest first, so that the others fill the processors while one thread
    // compiles its largest crates.
    let mut groups = vec![compiling, first, runners, clients];
    groups.extend(dynamic(catalog, programs, "measured"));
    wanted(groups)
}

/// The same as programs whose outcomes are compared: all that embeds the engine
/// at once, so that there is one build of it, which is also that of
/// [`helpers`].
pub(crate) fn checked(catalog: &Catalog, programs: &Programs) -> Vec<Group> {
    let engine = |name: &ProgramName| {
        *name == ProgramName::Launcher || without_compiler(name) || with_compiler(name)
    };
    let mut groups = vec![Group {
        binaries: files(programs, engine),
        ..helpers()
    }];
    for mut group in measured(catalog, programs) {
        if group.folder != PROGRAMS {
            continue;
        }
        group.binaries.retain(|name| name != LAUNCHER);
        group.packages.retain(|name| name != LAUNCHER);
        groups.push(Group {
            profile: CHECKED,
            folder: "",
            ..group
        });
    }
    groups.extend(dynamic(catalog, programs, CHECKED));
    wanted(groups)
}

fn dynamic(catalog: &Catalog, programs: &Programs, profile: &'static str) -> Option<Group> {
    let binaries = files(programs, |name| matches!(name, ProgramName::DynamicTwin(_)));
    (!binaries.is_empty()).then(|| Group {
        what: format!("{} native twins, linked dynamically", binaries.len()),
        packages: twin_packages(catalog),
        seconds: 60 + 3 * u32::try_from(binaries.len()).unwrap_or(u32::MAX),
        binaries,
        features: &[],
        profile,
        linkage: Linkage::Dynamic,
        folder: DYNAMIC,
    })
}

/// The programs of this machine that a verification of another architecture
/// needs, or of further back ends on this one. Nothing of it is timed.
pub(crate) fn helpers() -> Group {
    Group {
        what: "compilers for other architectures and other back ends".to_owned(),
        // The rest of them, small as it is, because with fewer packages it
        // would be another build of the engine than that of `checked`.
        packages: owned(&[LAUNCHER, "assay-runner", "assay-runner-http", WORKER]),
        binaries: owned(&[LAUNCHER, WORKER]),
        features: &["assay-worker/all-arch", "assay-worker/back-ends"],
        profile: CHECKED,
        linkage: Linkage::Static,
        folder: "",
        seconds: 300,
    }
}

/// Everything that is verified on another architecture: the runners, a worker,
/// and the chosen twins. The twins are built apart, so that a dependency of a
/// new one does not build the engine again.
pub(crate) fn emulated(catalog: &Catalog, programs: &Programs) -> Vec<Group> {
    let own = owned(&["assay-runner", "assay-runner-http", WORKER]);
    let twins = files(programs, |name| matches!(name, ProgramName::Twin(_)));
    let engine = Group {
        what: "runners and worker".to_owned(),
        packages: own.clone(),
        binaries: own,
        features: &["assay-runner/emulated", "assay-worker/back-ends"],
        seconds: 300,
        ..helpers()
    };
    let twins = Group {
        what: format!("{} native twins", twins.len()),
        packages: twin_packages(catalog),
        binaries: twins,
        features: &[],
        seconds: 60,
        ..helpers()
    };
    wanted(vec![engine, twins])
}

/// The harness itself.
pub(crate) const HARNESS: &str = "assay";

/// The harness for another architecture.
pub(crate) fn harness() -> Group {
    Group {
        what: "assay itself".to_owned(),
        packages: owned(&[HARNESS]),
        binaries: owned(&[HARNESS]),
        features: &[],
        seconds: 300,
        ..helpers()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_workloads::Twin;

    fn catalog() -> Catalog {
        Catalog::load(Catalog::default_directory()).unwrap()
    }

    fn binaries(groups: &[Group]) -> Vec<&str> {
        let names = groups.iter().flat_map(|group| &group.binaries);
        names.map(String::as_str).collect()
    }

    #[test]
    fn only_what_was_chosen_is_built() {
        let catalog = catalog();
        let chosen = Programs::of([ProgramName::Twin("cli-hello".to_owned())]);
        for groups in [measured(&catalog, &chosen), checked(&catalog, &chosen)] {
            let mut binaries = binaries(&groups);
            binaries.sort_unstable();
            assert_eq!(binaries, [LAUNCHER, "cli-hello"], "{groups:?}");
        }
        let chosen = Programs::of([ProgramName::Worker]);
        let groups = measured(&catalog, &chosen);
        assert_eq!(binaries(&groups), [WORKER, LAUNCHER]);
    }

    #[test]
    fn everything_is_built_once_where_everything_is_chosen() {
        let catalog = catalog();
        let all = Programs::all(&catalog);
        let mut wanted: Vec<&str> = all.iter().map(ProgramName::file).collect();
        wanted.sort_unstable();
        for groups in [measured(&catalog, &all), checked(&catalog, &all)] {
            let mut built = binaries(&groups);
            built.sort_unstable();
            assert_eq!(built, wanted);
        }
    }

    #[test]
    fn features_do_not_depend_on_what_is_chosen() {
        let catalog = catalog();
        let packages = |chosen: &Programs, what: &str| {
            let groups = measured(&catalog, chosen);
            let group = groups.into_iter().find(|group| group.what.contains(what));
            group.unwrap().packages
        };
        let few = Programs::of([ProgramName::Runner, ProgramName::Docker]);
        let all = Programs::all(&catalog);
        for what in ["launcher", "without compiler", "clients"] {
            assert_eq!(packages(&few, what), packages(&all, what), "{what}");
        }
    }

    #[test]
    fn no_compiler_and_no_client_shares_a_build_with_what_must_not_hold_it() {
        let catalog = catalog();
        for group in measured(&catalog, &Programs::all(&catalog)) {
            let has = |name: &str| group.packages.iter().any(|package| package == name);
            assert!(!(has("assay-runner") && has(WORKER)), "{group:?}");
            assert!(!(has("assay-docker") && has(LAUNCHER)), "{group:?}");
        }
    }

    #[test]
    fn every_twin_of_the_fixed_set_has_a_package() {
        let catalog = catalog();
        let packages = twin_packages(&catalog);
        for workload in catalog.workloads() {
            if let Twin::Cargo { package, .. } = &workload.twin {
                assert!(packages.contains(package), "{package}");
            }
        }
    }
}
