use crate::arm::{Script, Scripted, answered, broken, ended, hello, ladder, said};
use crate::bench::{Bench, COMMAND, SERVER, cell, plan, rows};
use assay_arms::{Ended, Launched};
use assay_measure::{MeasureError, cold_start};
use assay_model::{Cell, ColdStartPlan, Metric, Plan};
use std::sync::Arc;
use std::time::Duration;

fn planned(cells: &[Cell]) -> Plan {
    Plan {
        cold_start: ColdStartPlan {
            warmup_blocks: 1,
            blocks: 2,
            cells: cells.to_vec(),
        },
        ..plan()
    }
}

/// A launch that takes a turn of its own.
fn slow(launched: impl Fn() -> Launched) -> Launched {
    std::thread::sleep(Duration::from_millis(11));
    launched()
}

#[test]
fn every_launch_is_a_row_and_a_wrong_one_is_not_valid() {
    let arms = [
        Scripted::new(
            "right",
            Script {
                run: Arc::new(|| Ok(slow(hello))),
                ..Script::default()
            },
        ),
        Scripted::new(
            "wrong",
            Script {
                run: Arc::new(|| Ok(slow(|| said(b"hullo\n")))),
                ..Script::default()
            },
        ),
        Scripted::new(
            "disorder",
            Script {
                run: Arc::new(|| {
                    Ok(slow(|| Launched {
                        ladder: ladder(&[(Metric::STAMP_T7, 1_300), (Metric::STAMP_T9, 1_200)]),
                        ..hello()
                    }))
                }),
                ..Script::default()
            },
        ),
        Scripted::new(
            "crash",
            Script {
                run: Arc::new(|| Ok(slow(|| ended(Ended::Crashed("it fell".into()))))),
                ..Script::default()
            },
        ),
        Scripted::new(
            "late",
            Script {
                run: Arc::new(|| Ok(slow(|| ended(Ended::TimedOut)))),
                ..Script::default()
            },
        ),
        Scripted::new(
            "unprepared",
            Script {
                prepare: Arc::new(|| broken("no image")),
                ..Script::default()
            },
        ),
    ];
    let expected = [
        ("right", ""),
        ("wrong", "first difference"),
        ("disorder", "stamp.t7 is 100 ns after stamp.t9"),
        ("crash", "it fell"),
        ("late", "its deadline passed"),
        ("unprepared", "no image"),
    ];
    let cells = expected.map(|(arm, _)| cell(COMMAND, arm));
    let mut bench = Bench::new(arms, planned(&cells));
    let (done, record) = bench.read(cold_start);
    done.unwrap();
    for (arm, note) in expected {
        let found = rows(&record, arm, Metric::COLD_START);
        assert_eq!(found.len(), 3, "{arm}: one a block");
        for row in &found {
            assert_eq!(row.valid, note.is_empty(), "{arm}");
            assert!(row.note.starts_with(note), "{arm}: {}", row.note);
            assert_eq!(row.warmup, row.block == 0, "{arm}");
        }
    }
    let right = rows(&record, "right", Metric::COLD_START);
    assert!(right.iter().all(|row| row.value == 100.0));
    let right = rows(&record, "right", Metric::TEARDOWN);
    assert!(right.iter().all(|row| row.value == 50.0));
    let late = rows(&record, "late", Metric::COLD_START);
    assert!(
        late.iter().all(|row| row.value == 0.0),
        "nothing was stamped"
    );
    let mut launches: Vec<u32> = record.samples.iter().map(|row| row.seq).collect();
    launches.dedup();
    let count = launches.len();
    launches.sort_unstable();
    launches.dedup();
    assert_eq!(launches.len(), count, "rows of one launch stand together");
}

#[test]
fn a_turn_of_fast_launches_has_several_and_an_end() {
    let arm = Scripted::new("fast", Script::default());
    let mut bench = Bench::new([arm], planned(&[cell(COMMAND, "fast")]));
    let (done, record) = bench.read(cold_start);
    done.unwrap();
    let launches = rows(&record, "fast", Metric::COLD_START);
    let first = launches.iter().filter(|row| row.block == 0).count();
    assert!((1..=30).contains(&first), "{first}");
    assert!(launches.len() > 3, "a scripted launch takes no time");
}

#[test]
fn a_twin_is_the_same_arm_under_its_own_name() {
    let arm = Scripted::new("base", Script::default());
    let log = Arc::clone(&arm.log);
    let cells = [cell(COMMAND, "base"), cell(COMMAND, "base~aa")];
    let mut bench = Bench::new([arm], planned(&cells));
    let (done, record) = bench.read(cold_start);
    done.unwrap();
    for name in ["base", "base~aa"] {
        let found = rows(&record, name, Metric::COLD_START);
        assert!(found.iter().any(|row| row.valid), "{name}");
    }
    let prepared = log.lock().unwrap();
    let prepared = prepared.iter().filter(|asked| *asked == "prepare").count();
    assert_eq!(prepared, 2, "each is prepared for itself");
}

#[test]
fn a_server_is_started_asked_and_stopped_and_a_mute_one_is_a_row() {
    let right = Scripted::new(
        "right",
        Script {
            start: Arc::new(|| Ok(slow(answered))),
            ..Script::default()
        },
    );
    let mute = Scripted::new(
        "mute",
        Script {
            start: Arc::new(|| {
                std::thread::sleep(Duration::from_millis(11));
                broken("no answer")
            }),
            ..Script::default()
        },
    );
    let (asked, unasked) = (Arc::clone(&right.log), Arc::clone(&mute.log));
    let cells = ["right", "mute"].map(|arm| cell(SERVER, arm));
    let mut bench = Bench::new([right, mute], planned(&cells));
    let (done, record) = bench.read(cold_start);
    done.unwrap();
    let found = rows(&record, "right", Metric::COLD_START);
    assert!(found.iter().all(|row| row.valid && row.value == 300.0));
    assert_eq!(rows(&record, "right", Metric::TEARDOWN).len(), 3);
    let turns = ["start", "stop"].repeat(3);
    assert_eq!(asked.lock().unwrap()[1..], turns);
    for row in rows(&record, "mute", Metric::COLD_START) {
        assert_eq!((row.valid, row.note.as_str()), (false, "no answer"));
    }
    assert!(!unasked.lock().unwrap().contains(&"stop".to_owned()));
}

#[test]
fn an_interrupt_ends_it_between_two_turns() {
    let (flag, raise) = Bench::interruption();
    let arm = Scripted::new(
        "arm",
        Script {
            run: Arc::new(move || {
                raise();
                Ok(slow(hello))
            }),
            ..Script::default()
        },
    );
    let mut bench = Bench::new([arm], planned(&[cell(COMMAND, "arm")]));
    bench.cancel = flag;
    let (done, record) = bench.read(cold_start);
    assert!(matches!(done, Err(MeasureError::Cancelled(_))), "{done:?}");
    assert_eq!(rows(&record, "arm", Metric::COLD_START).len(), 1);
}
