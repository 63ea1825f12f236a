//! Holds `SCHEMA.md` to the code: what a record can hold is documented, by the
//! name that is in the file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use assay_model::facts::{Allocation, Network, Program, Stack};
use assay_model::fingerprint::{Fingerprint, HostSample};
use assay_model::record::{Manifest, RecordWriter, SCHEMA, Tool, WorkloadReceipt, file};
use assay_model::{
    Access, ArmFacts, ArmKind, ArmReceipt, Availability, Bytes, Cell, ColdStartPlan, Compare,
    DensityPlan, Digest, InstanceUnit, LeftOut, Measure, Metric, Per, Plan, Profile, Rank, Shows,
    State, Wall,
};
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = include_str!("../SCHEMA.md");

/// The text from one heading to the next of the same or a higher level.
fn section(heading: &str) -> &'static str {
    let start = DOCUMENT.find(&format!("\n{heading}\n")).unwrap() + 1;
    let body = &DOCUMENT[start..];
    let level = heading.chars().take_while(|&c| c == '#').count();
    let ends = |line: &str| {
        let depth = line.chars().take_while(|&c| c == '#').count();
        depth > 0 && depth <= level
    };
    let mut length = body.lines().next().unwrap().len() + 1;
    for line in body.lines().skip(1) {
        if ends(line) {
            break;
        }
        length += line.len() + 1;
    }
    &body[..length.min(body.len())]
}

/// First cells of the rows of a section's tables.
fn documented(heading: &str) -> Vec<&'static str> {
    section(heading)
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|row| row.split_once('`').map(|(name, _)| name))
        .collect()
}

#[test]
fn every_metric_is_documented_with_its_unit_and_definition() {
    let text = section("### Metrics");
    for metric in Metric::ALL {
        let row = format!(
            "| `{}` | {} | {} |",
            metric.name(),
            metric.unit(),
            metric.meaning()
        );
        assert!(
            text.lines().any(|line| line == row),
            "SCHEMA.md lacks this row, or has another text for it:\n{row}"
        );
    }
    let names: Vec<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(documented("### Metrics"), names, "a metric that is gone");
}

#[test]
fn every_wall_is_documented() {
    let codes: Vec<_> = Wall::ALL.iter().map(|wall| wall.as_str()).collect();
    assert_eq!(documented("### Walls"), codes);
}

#[test]
fn every_state_is_documented_with_its_weight() {
    let text = section("## outcomes.csv");
    for state in State::ALL {
        let start = format!("| `{state}` | ");
        let row = text.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("SCHEMA.md lacks the state {state}"));
        assert_eq!(row.ends_with("| yes |"), state.is_failure(), "{row}");
    }
}

#[test]
fn the_columns_are_those_of_the_files() {
    let dir = tempfile::tempdir().unwrap();
    drop(RecordWriter::create(dir.path(), &manifest()).unwrap());
    let header = |name: &str| {
        let text = std::fs::read_to_string(dir.path().join(name)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    let samples = header(file::SAMPLES);
    assert_eq!(
        samples,
        "run_id,arch,emulated,workload,arm,metric,unit,value,block,seq,warmup,valid,note"
    );
    let columns: Vec<_> = samples.split(',').collect();
    assert_eq!(documented("## samples.csv")[..columns.len()], columns);
    let outcomes = header(file::OUTCOMES);
    assert_eq!(
        outcomes,
        "run_id,arch,emulated,workload,arm,state,digest,expected,detail"
    );
    let text = section("## outcomes.csv");
    for column in outcomes.split(',') {
        assert!(text.contains(&format!("`{column}`")), "{column}");
    }
    let files = [file::MANIFEST, file::SAMPLES, file::OUTCOMES, file::REPORT];
    for name in files {
        assert!(DOCUMENT.contains(&format!("| `{name}` | ")), "{name}");
    }
}

#[test]
fn every_key_of_the_manifest_is_documented() {
    let text = section("## record.json");
    let mut keys = BTreeSet::new();
    collect(&serde_json::to_value(manifest()).unwrap(), &mut keys);
    for key in keys {
        assert!(
            text.contains(&format!("`{key}`")),
            "SCHEMA.md does not mention the key '{key}' of record.json"
        );
    }
    assert!(DOCUMENT.starts_with(&format!("# The record: schema version {SCHEMA}\n")));
    assert!(text.contains(&format!("| `schema` | {SCHEMA} |")));
}

#[test]
fn a_receipt_without_the_later_keys_reads_and_stays_as_it_was() {
    let old = serde_json::json!({
        "id": "cli/hello",
        "world": "wasi:cli/command@0.2",
        "component": Digest::of(b"a"),
        "expected": Digest::of(b"b"),
        "source": "the twin",
    });
    let read: WorkloadReceipt = serde_json::from_value(old.clone()).unwrap();
    assert_eq!((read.access, read.size), (None, None));
    assert_eq!(serde_json::to_value(&read).unwrap(), old);
}

#[test]
fn every_value_of_a_fact_is_documented() {
    let text = section("### Facts");
    let names = (ArmKind::ALL.iter().map(|kind| kind.as_str()))
        .chain(Stack::ALL.iter().map(|stack| stack.as_str()))
        .chain(Program::ALL.iter().map(|program| program.as_str()))
        .chain(Network::ALL.iter().map(|network| network.as_str()))
        .chain(InstanceUnit::ALL.iter().map(|unit| unit.as_str()))
        .chain(Allocation::ALL.iter().map(|allocation| allocation.as_str()));
    for name in names {
        assert!(text.contains(&format!("`{name}`")), "{name}");
    }
}

/// Keys of objects at any depth; those of `config` are names that arms choose.
fn collect(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                keys.insert(key.clone());
                if key != "config" {
                    collect(value, keys);
                }
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

/// A manifest in which no list is empty and no object absent.
fn manifest() -> Manifest {
    let cell = Cell {
        workload: "cli/hello".parse().unwrap(),
        arm: "native".parse().unwrap(),
    };
    let arm = |availability| ArmReceipt {
        id: "native".parse().unwrap(),
        facts: ArmFacts {
            kind: ArmKind::WasmResident,
            engine: "native".parse().unwrap(),
            stack: Stack::Direct,
            program: Program::Component,
            tier: Some("scratch".to_owned()),
            network: Network::Host,
            unit: InstanceUnit::Tenant,
            compiles_per_start: false,
            compiler: Some("cranelift".to_owned()),
            allocation: Some(Allocation::Pooling),
            traces: false,
            aa_twin: Some("native~aa".parse().unwrap()),
            rank: Rank(100),
            untimed: Some(String::new()),
        },
        availability,
        summary: String::new(),
        labels: Vec::new(),
        config: BTreeMap::new(),
        charge_set: String::new(),
    };
    let digest = Digest::of(b"");
    Manifest {
        schema: SCHEMA,
        run_id: "r-1".parse().unwrap(),
        tool: Tool {
            version: String::new(),
            commit: None,
            dirty: None,
            rustc: None,
            lockfile: None,
        },
        started_at: String::new(),
        finished_at: None,
        complete: false,
        wall_seconds: 0.0,
        build_seconds: 0.0,
        plan: Plan {
            profile: Profile::Smoke,
            seed: 1,
            verify: vec![cell.clone()],
            cold_start: ColdStartPlan {
                warmup_blocks: 1,
                blocks: 1,
                cells: vec![cell.clone()],
            },
            footprint: vec![cell.clone()],
            density: vec![DensityPlan {
                cell: cell.clone(),
                working_set: Bytes(0),
                points: vec![1],
                in_process: false,
            }],
            left_out: vec![LeftOut {
                measure: Measure::ColdStart,
                cell: cell.clone(),
                reason: String::new(),
            }],
        },
        arms: vec![
            arm(Availability::Available {
                version: String::new(),
            }),
            arm(Availability::Unavailable {
                reason: String::new(),
                remedy: String::new(),
            }),
        ],
        workloads: vec![WorkloadReceipt {
            id: cell.workload.clone(),
            world: String::new(),
            component: digest.clone(),
            expected: digest,
            source: String::new(),
            size: Some(Bytes(1)),
            language: "rust".to_owned(),
            tags: vec!["smoke".to_owned()],
            access: Some(Access::Denied),
            control: true,
            withheld: vec!["random".to_owned()],
            compare: Some(Compare {
                with: "cli/hello".to_owned(),
                shows: Shows::Composition,
            }),
            per: Some(Per {
                unit: "call".to_owned(),
                count: 1,
                over: cell.workload,
            }),
        }],
        fingerprint: Fingerprint {
            before: Some(HostSample::default()),
            ..Fingerprint::default()
        },
        coverage: Vec::new(),
        warnings: Vec::new(),
        merged: Vec::new(),
    }
}
