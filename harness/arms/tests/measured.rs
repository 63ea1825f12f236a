//! What is promised of the measured binaries, held to the binaries themselves.
//! Builds them if they are not up to date.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use assay_arms::{Arm, Binaries, Ended, Lab, Life, ProgramInput, ProgramName, wasmtime};
use assay_build::{BuildProfile, Programs};
use assay_workloads::{Action, Catalog};
use std::sync::OnceLock;
use std::time::Duration;

fn binaries() -> &'static Binaries {
    static BUILT: OnceLock<Binaries> = OnceLock::new();
    BUILT.get_or_init(|| {
        let tell = &mut |what: &str| eprintln!("{what}");
        let catalog = Catalog::load(Catalog::default_directory()).expect("the catalog loads");
        let twin = |name: &str| ProgramName::Twin(name.to_owned());
        let programs = Programs::of([
            ProgramName::Runner,
            ProgramName::HttpRunner,
            ProgramName::Worker,
            ProgramName::Youki,
            ProgramName::Docker,
            ProgramName::Containerd,
            twin("cli-hello"),
            twin("http-hello"),
        ]);
        Binaries::find_or_build(&catalog, &programs, tell)
            .expect("the measured binaries build")
            .0
    })
}

fn lab() -> Lab {
    let catalog = Catalog::load(Catalog::default_directory()).unwrap();
    Lab::new(binaries().clone(), catalog).unwrap()
}

fn holds(name: &str, needle: &[u8]) -> bool {
    let bytes = std::fs::read(binaries().path(name)).unwrap();
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// The runner as it is published, also where the other binaries are built sooner.
fn measured_runner() -> &'static [u8] {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let tell = &mut |what: &str| eprintln!("{what}");
        let catalog = Catalog::load(Catalog::default_directory()).expect("the catalog loads");
        let programs = Programs::of([ProgramName::Runner]);
        let built = Binaries::build_as(BuildProfile::Measured, &catalog, &programs, tell);
        let (binaries, _) = built.expect("the runner builds");
        std::fs::read(binaries.path(ProgramName::Runner.file())).expect("it is there")
    })
}

/// Crates that only a compiler needs, as they stand in the paths of panic
/// messages. The engine's own tables use two data structures that are published
/// with Cranelift (`cranelift-entity`, `cranelift-bforest`): not a compiler.
const COMPILER: [&str; 3] = [
    "cranelift-codegen",
    "regalloc2",
    "wasmtime-internal-cranelift",
];

#[test]
fn the_runner_holds_no_compiler() {
    for part in COMPILER {
        let needle = part.as_bytes();
        // The control: a binary that does hold it names it.
        assert!(holds("assay-worker", needle), "{part}");
        let mut windows = measured_runner().windows(needle.len());
        assert!(!windows.any(|window| window == needle), "{part}");
    }
}

#[test]
fn no_compiler_is_a_dependency_of_runners_without_one() {
    let dependencies = |package: &str| {
        let tree = std::process::Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
            .args(["--package", package])
            .output()
            .unwrap();
        assert!(tree.status.success(), "{tree:?}");
        String::from_utf8(tree.stdout).unwrap()
    };
    let has = |tree: &str, part: &str| tree.lines().any(|line| line.starts_with(part));
    let compiling = dependencies("assay-worker");
    let without = ["assay-runner", "assay-runner-http"].map(dependencies);
    for part in COMPILER {
        assert!(has(&compiling, part), "{part}");
        for tree in &without {
            assert!(!has(tree, part), "{part}");
        }
    }
}

#[test]
fn the_runner_is_small() {
    const LIMIT: usize = 4 << 20;
    let size = measured_runner().len();
    assert!(size <= LIMIT, "{size} bytes");
}

/// `PT_INTERP` names a dynamic loader; a static program has none.
#[test]
fn what_is_measured_is_static() {
    for name in [
        "assay-runner",
        "assay-launcher",
        "assay-youki",
        "assay-docker",
        "assay-containerd",
        "cli-hello",
        "http-hello",
    ] {
        assert!(!holds(name, b"/ld-linux"), "{name} names a dynamic loader");
    }
}

fn input(lab: &Lab, case: &str, deadline: Duration) -> (assay_workloads::Workload, ProgramInput) {
    let selected = lab.catalog().case(case).unwrap();
    let Action::Command(command) = &selected.case.action else {
        panic!("{case} is no command")
    };
    let input = ProgramInput::of_case(command, &selected.case.setting, deadline);
    (selected.workload.clone(), input)
}

/// The computation takes tens of milliseconds on every machine.
const TOO_SHORT: Duration = Duration::from_millis(2);

#[test]
fn a_program_that_does_not_end_is_stopped_on_every_kind_of_arm() {
    let mut lab = lab();
    let mut arms: Vec<Box<dyn Arm>> = vec![Box::new(wasmtime::aot())];
    for arm in wasmtime::Resident::all(0) {
        if arm.facts().untimed.is_none() {
            arms.push(Box::new(arm));
        }
    }
    assert_eq!(arms.len(), 3);
    for arm in &arms {
        let (workload, short) = input(&lab, "cli/sha256", TOO_SHORT);
        let mut prepared = arm.prepare(&mut lab, &workload).unwrap();
        let stopped = prepared.run_once().unwrap().run(&mut lab, &short).unwrap();
        assert_eq!(stopped.ended, Ended::TimedOut, "{}", arm.id());
        // The arm is usable afterwards.
        let (_, enough) = input(&lab, "cli/sha256", workload.deadline);
        let next = prepared.run_once().unwrap().run(&mut lab, &enough).unwrap();
        assert!(
            matches!(next.ended, Ended::Outcome(_)),
            "{}: {:?}",
            arm.id(),
            next.ended
        );
    }
}

#[test]
fn the_phases_of_a_fresh_process_are_in_order() {
    let mut lab = lab();
    let (workload, input) = input(&lab, "cli/hello", Duration::from_secs(10));
    let mut prepared = wasmtime::aot().prepare(&mut lab, &workload).unwrap();
    let launched = prepared.run_once().unwrap().run(&mut lab, &input).unwrap();
    assert_eq!(launched.ladder.disorder(), None);
    let stamps: Vec<String> = launched
        .ladder
        .durations()
        .map(|(m, _)| m.to_string())
        .collect();
    for stamp in ["t1", "t2", "t3", "t4", "t5", "t7", "t9", "t10"] {
        assert!(
            stamps.contains(&format!("stamp.{stamp}")),
            "{stamp} is missing: {stamps:?}"
        );
    }
}

#[test]
fn nothing_is_left_when_the_lab_goes() {
    let mut lab = lab();
    let scratch = lab.scratch().to_owned();
    let selected = lab.catalog().case("cli/hold").unwrap();
    let workload = selected.workload.clone();
    let mut prepared = wasmtime::aot().prepare(&mut lab, &workload).unwrap();
    let instances = prepared.hold().unwrap();
    let grown = instances
        .grow(&mut lab, 3, Life::Nonce(assay_model::Bytes(0)))
        .unwrap();
    assert_eq!((grown.live, grown.stop), (3, None));
    let pids = instances.charge_set().unwrap();
    assert_eq!(pids.len(), 3);
    // Not released: the launcher ends what the harness forgot.
    drop(prepared);
    drop(lab);
    for pid in pids {
        assert!(
            assay_observe::process::memory(pid).is_err(),
            "process {pid} is still there"
        );
    }
    assert!(!scratch.exists());
}
