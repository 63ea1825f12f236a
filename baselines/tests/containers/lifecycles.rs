//! Runs to the end, past a deadline, and with a runtime that dies.

use crate::support::{Here, containerd_namespaces, lab, leftovers, turn, working, workload};
use assay_arms::{Arm, ArmError, Ended, Lab, Launched, Life, ProgramInput};
use assay_model::{Bytes, ExitClass, Metric};
use assay_observe::process::children;
use assay_workloads::{Action, Workload};
use std::collections::BTreeSet;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What the first case of a workload gives, with other arguments.
fn input(workload: &Workload, args: &[&str], deadline: Duration) -> ProgramInput {
    let case = workload.cases.first().unwrap();
    let Action::Command(command) = &case.action else {
        panic!("{} is no command", case.id);
    };
    ProgramInput {
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        ..ProgramInput::of_case(command, &case.setting, deadline)
    }
}

fn run(
    lab: &mut Lab,
    arm: &dyn Arm,
    id: &str,
    args: &[&str],
    deadline: Duration,
) -> Result<Launched, ArmError> {
    let workload = workload(lab, id);
    let input = input(&workload, args, deadline);
    let mut prepared = arm.prepare(lab, &workload)?;
    let run = prepared.run_once().expect("it is a command");
    run.run(lab, &input)
}

fn kill(pid: u32) {
    let killed = std::process::Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .stderr(std::process::Stdio::null())
        .status();
    killed.expect("these tests need `kill`");
}

const LONG: Duration = Duration::from_secs(30);

#[test]
fn a_run_has_all_its_stamps_in_order_and_leaves_nothing() {
    let _turn = turn();
    let mut lab = lab();
    for Here { arm, .. } in working(&mut lab) {
        let id = arm.id().to_string();
        let launched = run(&mut lab, arm.as_ref(), "cli/hello", &[], LONG).unwrap();
        assert_eq!(launched.ladder.disorder(), None, "{id}");
        for stamp in [Metric::STAMP_T7, Metric::STAMP_T9, Metric::STAMP_T10] {
            assert!(launched.ladder.until(stamp).is_some(), "{id}: no {stamp}");
        }
        match launched.ended {
            Ended::Outcome(seen) => {
                assert_eq!(seen.exit, Some(ExitClass::Ok), "{id}");
                assert_eq!(seen.stdout, b"hello from a component\n", "{id}");
                assert_eq!(seen.stderr, b"", "{id}");
            }
            other => panic!("{id}: {other:?}"),
        }
        let left = leftovers(&lab, &BTreeSet::new(), 0);
        assert!(left.is_empty(), "{id} left: {left:#?}");
    }
}

#[test]
fn a_run_past_its_deadline_is_stopped_and_removed() {
    let _turn = turn();
    let mut lab = lab();
    for Here { arm, .. } in working(&mut lab) {
        let id = arm.id().to_string();
        let deadline = Duration::from_secs(2);
        let launched = run(&mut lab, arm.as_ref(), "clock/sleep", &["60000"], deadline).unwrap();
        assert_eq!(launched.ended, Ended::TimedOut, "{id}");
        let left = leftovers(&lab, &BTreeSet::new(), 0);
        assert!(left.is_empty(), "{id} left: {left:#?}");
    }
}

#[test]
fn a_container_that_is_killed_is_told_of_and_removed() {
    let _turn = turn();
    let mut lab = lab();
    let hold = workload(&lab, "cli/hold");
    for Here { arm, .. } in working(&mut lab) {
        let id = arm.id().to_string();
        let mut prepared = arm.prepare(&mut lab, &hold).unwrap();
        let instances = prepared.hold().unwrap();
        let grown = instances.grow(&mut lab, 1, Life::Nonce(Bytes(0))).unwrap();
        assert_eq!(grown.live, 1, "{id}: {:?}", grown.stop);
        for pid in instances.charge_set().unwrap() {
            kill(pid);
        }
        let error = instances.release(&mut lab).unwrap_err();
        assert!(error.to_string().contains("was not alive"), "{id}: {error}");
        let left = leftovers(&lab, &BTreeSet::new(), 0);
        assert!(left.is_empty(), "{id} left: {left:#?}");
        // Also where nobody was left to say that the container had ended.
        drop(prepared);
        assert_eq!(containerd_namespaces(), [""; 0], "{id}");
    }
}

/// What the launcher of this process has started, and what it was left with.
fn started() -> BTreeSet<u32> {
    let launchers = children(std::process::id()).unwrap().into_iter();
    launchers
        .flat_map(|pid| children(pid).unwrap_or_default())
        .collect()
}

/// Kills what the launcher of this process starts next, after a while.
fn kill_the_next_front_end(after: Duration) -> JoinHandle<u32> {
    let before = started();
    std::thread::spawn(move || {
        let patience = Instant::now() + LONG;
        let front_end = loop {
            if let Some(&pid) = started().difference(&before).next() {
                break pid;
            }
            assert!(Instant::now() < patience, "nothing was started");
            std::thread::sleep(Duration::from_millis(1));
        };
        std::thread::sleep(after);
        kill(front_end);
        front_end
    })
}

#[test]
fn a_runtime_that_is_killed_is_told_of_and_leaves_nothing() {
    let _turn = turn();
    let mut lab = lab();
    let sleep = workload(&lab, "clock/sleep");
    let input = input(&sleep, &["60000"], LONG);
    let mut wrong = Vec::new();
    for Here { arm, .. } in working(&mut lab) {
        let id = arm.id().to_string();
        // While it makes the container, and while the program runs.
        for after in [20, 1000].map(Duration::from_millis) {
            let mut prepared = arm.prepare(&mut lab, &sleep).unwrap();
            let killer = kill_the_next_front_end(after);
            let run = prepared.run_once().unwrap();
            let launched = match run.run(&mut lab, &input) {
                Ok(launched) => launched,
                Err(error) => {
                    wrong.push(format!("{id} after {after:?}: {error}"));
                    let _ = killer.join();
                    continue;
                }
            };
            let killed = killer.join().unwrap();
            let crashed = matches!(&launched.ended, Ended::Crashed(why) if !why.is_empty());
            if !crashed {
                wrong.push(format!(
                    "{id}: {killed} was killed after {after:?}: {:?}",
                    launched.ended
                ));
            }
            let left = leftovers(&lab, &BTreeSet::new(), 0);
            if !left.is_empty() {
                wrong.push(format!("{id} left after {after:?}: {left:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_program_that_cannot_be_executed_is_the_runtimes_failure() {
    let _turn = turn();
    let mut lab = lab();
    for Here { arm, runtime } in working(&mut lab) {
        // The image is in Docker's store already.
        if runtime.is_none() {
            continue;
        }
        let id = arm.id().to_string();
        let hello = workload(&lab, "cli/hello");
        let input = input(&hello, &[], LONG);
        let mut prepared = arm.prepare(&mut lab, &hello).unwrap();
        // Every image of this lab loses its program.
        for entry in std::fs::read_dir(lab.scratch()).unwrap().flatten() {
            let program = entry.path().join("app");
            if program.is_file() {
                std::fs::remove_file(program).unwrap();
            }
        }
        let run = prepared.run_once().unwrap();
        match run.run(&mut lab, &input).unwrap().ended {
            Ended::Crashed(why) => assert!(!why.is_empty(), "{id}"),
            other => panic!("{id} took it for the program's own end: {other:?}"),
        }
        let left = leftovers(&lab, &BTreeSet::new(), 0);
        assert!(left.is_empty(), "{id} left: {left:#?}");
    }
}
