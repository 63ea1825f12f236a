use crate::arm::{Script, Scripted, broken, live};
use crate::bench::{Bench, COMMAND, SERVER, cell, plan, rows};
use assay_measure::{MeasureError, footprint};
use assay_model::{ArmKind, Metric, Plan, Stop, Wall};
use std::sync::Arc;

fn planned(workload: &str, arms: &[&str]) -> Plan {
    Plan {
        footprint: arms.iter().map(|arm| cell(workload, arm)).collect(),
        ..plan()
    }
}

#[test]
fn sizes_are_told_once_and_memory_three_times() {
    let arm = Scripted::new("arm", Script::default());
    let log = Arc::clone(&arm.log);
    let mut bench = Bench::new([arm], planned(COMMAND, &["arm"]));
    let (done, record) = bench.read(footprint);
    done.unwrap();
    let sizes = rows(&record, "arm", Metric::ARTIFACT_CWASM);
    assert_eq!(sizes.len(), 1);
    assert_eq!(rows(&record, "arm", Metric::BUILD_COST)[0].value, 77.0);
    let memory = rows(&record, "arm", Metric::MEMORY_PSS);
    let blocks: Vec<u32> = memory.iter().map(|row| row.block).collect();
    assert_eq!(blocks, [0, 1, 2]);
    assert!(
        memory
            .iter()
            .all(|row| row.value > 0.0 && row.note == "idle")
    );
    assert_eq!(*log.lock().unwrap(), ["prepare", "release"].repeat(3));
}

#[test]
fn what_cannot_be_read_is_no_row_and_nothing_is_left_running() {
    let walled = Script {
        grow: Arc::new(|_, _| Ok(live(0, Some(Stop::at(Wall::Memory, "none is left"))))),
        ..Script::default()
    };
    let gone = Script {
        charged: vec![u32::MAX >> 1],
        ..Script::default()
    };
    let dead = Script {
        release: Arc::new(|| broken("it was dead")),
        ..Script::default()
    };
    let names = ["walled", "gone", "dead"];
    let arms = [
        Scripted::new("walled", walled),
        Scripted::new("gone", gone),
        Scripted::new("dead", dead),
    ];
    let logs: Vec<_> = arms.iter().map(|arm| Arc::clone(&arm.log)).collect();
    let mut bench = Bench::new(arms, planned(COMMAND, &names));
    let (done, record) = bench.read(footprint);
    done.unwrap();
    for (name, log) in names.iter().zip(logs) {
        assert!(rows(&record, name, Metric::MEMORY_PSS).is_empty(), "{name}");
        assert_eq!(*log.lock().unwrap(), ["prepare", "release"].repeat(3));
    }
}

#[test]
fn tenants_share_a_host_whose_cost_is_told_apart() {
    let arm = Scripted::of_kind("host", ArmKind::WasmResident);
    let mut bench = Bench::new([arm], planned(COMMAND, &["host"]));
    let (done, record) = bench.read(footprint);
    done.unwrap();
    let host = rows(&record, "host", Metric::MEMORY_HOST_PSS);
    assert_eq!(host.len(), 3);
    let share = rows(&record, "host", Metric::MEMORY_PSS);
    assert!(share.iter().all(|row| row.note.contains("one of 64")));
}

#[test]
fn a_server_is_read_idle_and_used_and_stopped_whatever_it_answers() {
    let mute = Script {
        exchange: Arc::new(|| broken("no answer")),
        ..Script::default()
    };
    let arms = [
        Scripted::new("right", Script::default()),
        Scripted::new("mute", mute),
    ];
    let logs: Vec<_> = arms.iter().map(|arm| Arc::clone(&arm.log)).collect();
    let mut bench = Bench::new(arms, planned(SERVER, &["right", "mute"]));
    let (done, record) = bench.read(footprint);
    done.unwrap();
    assert_eq!(rows(&record, "right", Metric::MEMORY_PSS_USED).len(), 3);
    assert!(rows(&record, "mute", Metric::MEMORY_PSS).is_empty());
    for log in logs {
        let turns = ["prepare", "start", "stop"].repeat(3);
        assert_eq!(*log.lock().unwrap(), turns);
    }
}

#[test]
fn an_interrupt_ends_it_between_two_readings() {
    let (flag, raise) = Bench::interruption();
    let script = Script {
        release: Arc::new(move || {
            raise();
            Ok(())
        }),
        ..Script::default()
    };
    let arm = Scripted::new("arm", script);
    let mut bench = Bench::new([arm], planned(COMMAND, &["arm"]));
    bench.cancel = flag;
    let (done, record) = bench.read(footprint);
    assert!(matches!(done, Err(MeasureError::Cancelled(_))), "{done:?}");
    assert_eq!(rows(&record, "arm", Metric::MEMORY_PSS).len(), 1);
}
