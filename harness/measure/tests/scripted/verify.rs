use crate::arm::{Script, Scripted, answered, broken, ended, hello, said};
use crate::bench::{Bench, COMMAND, SERVER, cell, outcome, plan, rows};
use assay_arms::{Absent, Ended};
use assay_measure::{MeasureError, verify};
use assay_model::{ArmId, Availability, Metric, Plan, State};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

fn planned(arms: &[&str]) -> Plan {
    let cells = arms
        .iter()
        .flat_map(|arm| [COMMAND, SERVER].map(|workload| cell(workload, arm)));
    Plan {
        verify: cells.collect(),
        ..plan()
    }
}

fn one() -> NonZeroUsize {
    NonZeroUsize::MIN
}

#[test]
fn each_end_has_its_state_and_its_reason() {
    let run = |run: fn() -> Result<assay_arms::Launched, assay_arms::ArmError>| Script {
        run: Arc::new(run),
        ..Script::default()
    };
    let arms = [
        Scripted::new("right", Script::default()),
        Scripted::new("wrong", run(|| Ok(said(b"hullo\n")))),
        Scripted::new("crash", run(|| Ok(ended(Ended::Crashed("it fell".into()))))),
        Scripted::new("broken", run(|| broken("no launcher"))),
        Scripted::new("slow", run(|| Ok(ended(Ended::TimedOut)))),
        Scripted::new("unable", run(|| Err(Absent("no clock".into()).into()))),
        Scripted::new(
            "unprepared",
            Script {
                prepare: Arc::new(|| Err(Absent("no such program".into()).into())),
                ..Script::default()
            },
        ),
    ];
    let expected = [
        ("right", State::Pass, ""),
        ("wrong", State::Fail, "first difference"),
        ("crash", State::Crash, "it fell"),
        ("broken", State::Crash, "no launcher"),
        ("slow", State::Timeout, "still running after 5s"),
        ("unable", State::Unsupported, "no clock"),
        ("unprepared", State::Unsupported, "no such program"),
    ];
    let names = expected.map(|(arm, ..)| arm);
    let mut bench = Bench::new(arms, planned(&names));
    let (done, record) = bench.read(|lab, arms, plan, recorder| {
        verify(lab, arms, &BTreeMap::new(), plan, recorder, one())
    });
    for (arm, state, detail) in expected {
        let row = outcome(&record, COMMAND, arm);
        assert_eq!(row.state, state, "{arm}");
        assert!(row.detail.starts_with(detail), "{arm}: {}", row.detail);
        let compared = matches!(state, State::Pass | State::Fail);
        assert_eq!(!row.digest.is_empty(), compared, "{arm}");
        assert_eq!(row.digest == row.expected, state == State::Pass, "{arm}");
    }
    assert_eq!(outcome(&record, SERVER, "slow").state, State::Pass);
    let failed: Vec<String> = done
        .unwrap()
        .failures()
        .map(|(cell, ..)| cell.arm.to_string())
        .collect();
    assert_eq!(failed, ["wrong", "crash", "broken", "slow"]);
}

#[test]
fn a_failed_first_exchange_is_a_crash_and_the_arm_cleans_up_itself() {
    let arm = Scripted::new(
        "mute",
        Script {
            start: Arc::new(|| broken("no answer")),
            ..Script::default()
        },
    );
    let log = Arc::clone(&arm.log);
    let mut bench = Bench::new([arm], planned(&["mute"]));
    let (_, record) = bench.read(|lab, arms, plan, recorder| {
        verify(lab, arms, &BTreeMap::new(), plan, recorder, one())
    });
    let row = outcome(&record, SERVER, "mute");
    assert_eq!(
        (row.state, row.detail.as_str()),
        (State::Crash, "no answer")
    );
    assert!(!log.lock().unwrap().contains(&"stop".to_owned()));
}

#[test]
fn arms_that_are_not_here_are_skipped_with_the_remedy_and_not_asked() {
    let arm = Scripted::new("away", Script::default());
    let log = Arc::clone(&arm.log);
    let mut bench = Bench::new([arm], planned(&["away"]));
    let id: ArmId = "away".parse().unwrap();
    let away = Availability::Unavailable {
        reason: "no daemon".into(),
        remedy: "start it".into(),
    };
    let unavailable = BTreeMap::from([(id, away)]);
    let (_, record) = bench
        .read(|lab, arms, plan, recorder| verify(lab, arms, &unavailable, plan, recorder, one()));
    let row = outcome(&record, COMMAND, "away");
    let told = (row.state, row.detail.as_str());
    assert_eq!(told, (State::Skipped, "no daemon; start it"));
    assert!(log.lock().unwrap().is_empty());
}

#[test]
fn an_interrupt_ends_it_before_the_next_cell_is_written() {
    let (flag, raise) = Bench::interruption();
    let first = Scripted::new(
        "first",
        Script {
            run: Arc::new(move || {
                raise();
                Ok(hello())
            }),
            ..Script::default()
        },
    );
    let second = Scripted::new("second", Script::default());
    let cells = ["first", "second"].map(|arm| cell(COMMAND, arm));
    let verify_plan = Plan {
        verify: cells.to_vec(),
        ..plan()
    };
    let mut bench = Bench::new([first, second], verify_plan);
    bench.cancel = flag;
    let (done, record) = bench.read(|lab, arms, plan, recorder| {
        verify(lab, arms, &BTreeMap::new(), plan, recorder, one())
    });
    assert!(matches!(done, Err(MeasureError::Cancelled(_))), "{done:?}");
    // It may have been run before the flag was seen.
    let written = |row: &assay_model::OutcomeRow| row.arm.as_str() == "second";
    assert!(!record.outcomes.iter().any(written));
}

#[test]
fn workloads_are_verified_beside_each_other_and_sizes_told_once() {
    let script = Script {
        start: Arc::new(|| Ok(answered())),
        ..Script::default()
    };
    let names = ["a", "b"];
    let arms = names.map(|name| Scripted::new(name, script.clone()));
    let mut bench = Bench::new(arms, planned(&names));
    let two = NonZeroUsize::new(2).unwrap();
    let (done, record) = bench
        .read(|lab, arms, plan, recorder| verify(lab, arms, &BTreeMap::new(), plan, recorder, two));
    let cells: Vec<_> = done
        .unwrap()
        .cells
        .into_iter()
        .map(|(cell, ..)| cell)
        .collect();
    assert_eq!(cells, bench.plan.verify, "in the order of the plan");
    for name in names {
        let sizes = rows(&record, name, Metric::ARTIFACT_CWASM);
        assert_eq!(sizes.len(), 2, "one a workload");
        assert!(sizes.iter().all(|row| row.note == "verification"));
    }
}
