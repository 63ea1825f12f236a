use crate::arm::{Script, Scripted, broken, live};
use crate::bench::{Bench, COMMAND, cell, plan, rows};
use assay_arms::Absent;
use assay_measure::{MeasureError, density};
use assay_model::{Bytes, DensityPlan, Metric, Plan, Record, Stop, Wall};
use std::sync::Arc;

fn planned(points: &[u64]) -> Plan {
    Plan {
        density: vec![DensityPlan {
            cell: cell(COMMAND, "arm"),
            working_set: Bytes(0),
            points: points.to_vec(),
            in_process: false,
        }],
        ..plan()
    }
}

const POINTS: [u64; 5] = [1, 2, 3, 4, 5];

fn measured(script: Script) -> Record {
    let mut bench = Bench::new([Scripted::new("arm", script)], planned(&POINTS));
    let (done, record) = bench.read(density);
    done.unwrap();
    record
}

/// How many were alive, and why there were no more.
fn end(record: &Record) -> (f64, Stop) {
    let counts = rows(record, "arm", Metric::DENSITY_COUNT);
    assert_eq!(counts.len(), 1);
    let stop = Stop::of_note(&counts[0].note);
    let stop = stop.unwrap_or_else(|| panic!("no end: {}", counts[0].note));
    (counts[0].value, stop)
}

#[test]
fn a_run_to_its_budget_has_all_points_and_a_slope() {
    let record = measured(Script::default());
    assert_eq!(end(&record), (5.0, Stop::Budget { live: 5 }));
    let n: Vec<f64> = rows(&record, "arm", Metric::DENSITY_N)
        .iter()
        .map(|row| row.value)
        .collect();
    assert_eq!(n, [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(rows(&record, "arm", Metric::DENSITY_MARGINAL).len(), 1);
    let first = rows(&record, "arm", Metric::DENSITY_FIRST_RESPONSE);
    assert!(first.iter().all(|row| row.value == 5e6));
}

#[test]
fn a_wall_is_written_with_its_code_and_the_points_before_it() {
    let wall = Stop::at(Wall::Pids, "fork: Resource temporarily unavailable");
    let hit = wall.clone();
    let record = measured(Script {
        grow: Arc::new(move |before, until| match until {
            ..=3 => Ok(live(until, None)),
            _ => Ok(live(before, Some(hit.clone()))),
        }),
        ..Script::default()
    });
    assert_eq!(end(&record), (3.0, wall));
    let note = &rows(&record, "arm", Metric::DENSITY_COUNT)[0].note;
    assert!(note.starts_with("wall=pids; fork"), "{note}");
    assert_eq!(rows(&record, "arm", Metric::DENSITY_N).len(), 3);
    assert!(rows(&record, "arm", Metric::DENSITY_MARGINAL).is_empty());
}

#[test]
fn a_daemon_that_dies_is_no_wall() {
    let record = measured(Script {
        grow: Arc::new(|_, until| match until {
            ..=2 => Ok(live(until, None)),
            _ => broken("cannot reach the daemon"),
        }),
        release: Arc::new(|| broken("nobody answers")),
        ..Script::default()
    });
    let why = "cannot reach the daemon".to_owned();
    assert_eq!(end(&record), (2.0, Stop::Failed(why)), "the first reason");
}

#[test]
fn instances_that_are_dead_at_the_end_are_a_wrong_answer() {
    let record = measured(Script {
        release: Arc::new(|| broken("one was dead")),
        ..Script::default()
    });
    let (count, stop) = end(&record);
    assert_eq!((count, stop.wall()), (5.0, Some(Wall::WrongAnswer)));
}

#[test]
fn an_instance_that_cannot_be_read_ends_the_run() {
    let record = measured(Script {
        charged: vec![u32::MAX >> 1],
        ..Script::default()
    });
    let (count, stop) = end(&record);
    assert_eq!(count, 1.0);
    assert!(
        matches!(&stop, Stop::Failed(why) if why.starts_with("unreadable")),
        "{stop}"
    );
}

#[test]
fn an_arm_that_holds_nothing_has_a_row_that_says_why() {
    let record = measured(Script {
        prepare: Arc::new(|| Err(Absent("it holds nothing".into()).into())),
        ..Script::default()
    });
    let why = "it holds nothing".to_owned();
    assert_eq!(end(&record), (0.0, Stop::Failed(why)));
}

#[test]
fn an_interrupt_releases_what_is_alive() {
    let (flag, raise) = Bench::interruption();
    let script = Script {
        grow: Arc::new(move |_, until| {
            if until == 3 {
                raise();
            }
            Ok(live(until, None))
        }),
        ..Script::default()
    };
    let arm = Scripted::new("arm", script);
    let log = Arc::clone(&arm.log);
    let mut bench = Bench::new([arm], planned(&POINTS));
    bench.cancel = flag;
    let (done, record) = bench.read(density);
    assert!(matches!(done, Err(MeasureError::Cancelled(_))), "{done:?}");
    assert_eq!(rows(&record, "arm", Metric::DENSITY_N).len(), 3);
    assert!(rows(&record, "arm", Metric::DENSITY_COUNT).is_empty());
    assert_eq!(*log.lock().unwrap(), ["prepare", "release"]);
}
