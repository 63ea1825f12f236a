//! A record made up for the tests: the shape of a smoke run, with figures that
//! are no measurement of anything.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    reason = "a made-up record that cannot be made is a failed test"
)]

pub mod html;

use std::collections::BTreeMap;

use assay_model::facts::{Allocation, SCRATCH, Stack};
use assay_model::fingerprint::{Fingerprint, HostSample};
use assay_model::record::{SCHEMA, Tool, WorkloadReceipt};
use assay_model::*;

pub const ARMS: [&str; 6] = [
    "native",
    "youki",
    "wasmtime/jit",
    "wasmtime/aot",
    "wasmtime/resident",
    "wasmtime/pooled",
];
pub const WORKLOADS: [&str; 6] = [
    "cli/hello",
    "cli/exit#trap",
    "cli/hold",
    "cli/sha256",
    "http/echo",
    "http/hello",
];
const BLOCKS: u32 = 10;
const WARMUPS: u32 = 2;
const MS: f64 = 1e6;
const MIB: f64 = 1_048_576.0;

pub struct Builder {
    pub record: Record,
    noise: u64,
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub fn cell(workload: &str, arm: &str) -> Cell {
    Cell {
        workload: workload.parse().unwrap(),
        arm: arm.parse().unwrap(),
    }
}

impl Builder {
    /// A record with a plan and without a row.
    pub fn empty() -> Self {
        let mut arms: Vec<ArmReceipt> = ARMS.iter().map(|id| receipt(id, true)).collect();
        arms.push(receipt("docker", false));
        let all: Vec<Cell> = WORKLOADS
            .iter()
            .flat_map(|w| ARMS.iter().map(|a| cell(w, a)))
            .collect();
        let host = |at: u64, steal: u64| HostSample {
            at: Some(Nanos(at)),
            load_1m: Some(0.2),
            cpu_ticks: Some(at / 10_000_000),
            steal_ticks: Some(steal),
            ..HostSample::default()
        };
        let manifest = Manifest {
            schema: SCHEMA,
            run_id: "20261122-101500-a1b2".parse().unwrap(),
            tool: Tool {
                version: "0.1.0".to_owned(),
                commit: Some("0123abcd".to_owned()),
                dirty: Some(false),
                rustc: Some("rustc 1.95.0".to_owned()),
                lockfile: Some(digest("lock")),
            },
            started_at: "2026-11-22T10:15:00Z".to_owned(),
            finished_at: Some("2026-11-22T10:15:48Z".to_owned()),
            complete: true,
            wall_seconds: 48.2,
            build_seconds: 0.0,
            plan: Plan {
                profile: Profile::Smoke,
                seed: 42,
                verify: all.clone(),
                cold_start: ColdStartPlan {
                    warmup_blocks: WARMUPS,
                    blocks: BLOCKS,
                    cells: all.clone(),
                },
                footprint: all,
                density: vec![
                    density(
                        "cli/hello",
                        "wasmtime/pooled",
                        &[1, 100, 250, 500, 750, 1000],
                        true,
                    ),
                    density("http/hello", "native", &[1, 8, 16, 32, 48, 64], false),
                    density("http/hello", "wasmtime/aot", &[1, 8, 16, 32, 48, 64], false),
                    density("http/hello", "youki", &[1, 2, 4, 8, 12, 16], false),
                ],
                left_out: Vec::new(),
            },
            arms,
            workloads: WORKLOADS.iter().map(|w| workload(w)).collect(),
            fingerprint: Fingerprint {
                arch: Some("x86_64".to_owned()),
                cpu_model: Some("Example CPU @ 2.0 GHz".to_owned()),
                cpus_online: Some(2),
                mem_total: Some(Bytes(24 << 30)),
                kernel: Some("Linux 6.12.9".to_owned()),
                cgroup: Some("v2".to_owned()),
                virtualised: Some(true),
                hypervisor: Some("KVM".to_owned()),
                emulated: Some(false),
                before: Some(host(1_000_000_000, 0)),
                after: Some(host(60_000_000_000, 100)),
                ..Fingerprint::default()
            },
            coverage: Vec::new(),
            warnings: vec!["the governor is not 'performance': set it and run again".to_owned()],
            merged: Vec::new(),
        };
        Builder {
            record: Record {
                manifest,
                samples: Vec::new(),
                outcomes: Vec::new(),
            },
            noise: 1,
        }
    }

    /// One more case, planned on these arms.
    pub fn case(&mut self, id: &str, arms: &[&str], edit: impl FnOnce(&mut WorkloadReceipt)) {
        let mut receipt = workload(id);
        edit(&mut receipt);
        let manifest = &mut self.record.manifest;
        manifest.workloads.push(receipt);
        let cells = arms.iter().map(|arm| cell(id, arm));
        manifest.plan.verify.extend(cells);
    }

    /// A whole smoke run.
    pub fn smoke() -> Self {
        let mut b = Self::empty();
        for workload in WORKLOADS {
            for arm in ARMS {
                b.outcome(workload, arm, "x86_64", false, State::Pass);
            }
            for arm in ARMS.iter().copied().chain(["native~aa"]) {
                b.launches(workload, arm);
            }
        }
        b.footprint();
        b.density_rows();
        b
    }

    /// One more arm that is here, with facts of these on which `edit` builds.
    pub fn arm(&mut self, id: &str, kind: ArmKind, engine: &str, edit: impl FnOnce(&mut ArmFacts)) {
        let mut facts = ArmFacts::of(kind, engine.parse().unwrap());
        edit(&mut facts);
        self.record.manifest.arms.push(ArmReceipt {
            facts,
            ..receipt("native", true)
        });
        let added = self.record.manifest.arms.last_mut().unwrap();
        added.id = id.parse().unwrap();
    }

    /// A factor near 1, the same in every run of the tests.
    fn jitter(&mut self) -> f64 {
        self.noise = self
            .noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        0.97 + 0.06 * ((self.noise >> 40) as f64 / (1_u64 << 24) as f64)
    }

    pub fn outcome(&mut self, workload: &str, arm: &str, arch: &str, emulated: bool, state: State) {
        let expected = digest(&format!("outcome of {workload}"));
        let digest = if state == State::Pass {
            expected.clone()
        } else {
            digest(&format!("{workload} on {arm} and {arch}"))
        };
        self.record.outcomes.push(OutcomeRow {
            run_id: self.record.manifest.run_id.clone(),
            arch: arch.to_owned(),
            emulated,
            workload: workload.parse().unwrap(),
            arm: arm.parse().unwrap(),
            state,
            digest: digest.to_string(),
            expected: expected.to_string(),
            detail: if state == State::Pass {
                String::new()
            } else {
                "first difference at byte 3 <b>".to_owned()
            },
        });
    }

    pub fn sample(&mut self, workload: &str, arm: &str, metric: Metric, value: f64) -> &mut Sample {
        self.record.samples.push(Sample {
            run_id: self.record.manifest.run_id.clone(),
            arch: "x86_64".to_owned(),
            emulated: false,
            workload: workload.parse().unwrap(),
            arm: arm.parse().unwrap(),
            metric,
            unit: metric.unit(),
            value: value.round(),
            block: 0,
            seq: 0,
            warmup: false,
            valid: true,
            note: String::new(),
        });
        self.record.samples.last_mut().unwrap()
    }

    fn launches(&mut self, workload: &str, arm: &str) {
        let start = cold_start(arm);
        for block in 0..WARMUPS + BLOCKS {
            let factor = self.jitter() * if block < WARMUPS { 2.0 } else { 1.0 };
            let slow = if workload == "cli/hello" && arm == "youki" && block == 7 {
                1.8
            } else {
                1.0
            };
            let total = start * factor * slow;
            for (metric, share) in stamps(workload, arm) {
                let s = self.sample(workload, arm, metric, total * share);
                (s.block, s.seq, s.warmup) = (block, block * 50, block < WARMUPS);
            }
        }
        if arm == "wasmtime/jit" {
            let s = self.sample(workload, arm, Metric::COLD_START, 1.0);
            (s.block, s.seq, s.valid) = (5, 999, false);
            s.note = "stamp t5 lies before t4".to_owned();
        }
    }

    fn footprint(&mut self) {
        for workload in ["cli/hello", "http/hello"] {
            for (metric, size) in [
                (Metric::ARTIFACT_WASM, 81_000.0),
                (Metric::ARTIFACT_WASM_ZSTD, 31_000.0),
            ] {
                for arm in ["wasmtime/aot", "wasmtime/jit", "wasmtime/pooled"] {
                    self.sample(workload, arm, metric, size);
                }
            }
            self.sample(workload, "wasmtime/aot", Metric::ARTIFACT_CWASM, 210_000.0);
            self.sample(
                workload,
                "wasmtime/aot",
                Metric::ARTIFACT_RUNTIME,
                3.4 * MIB,
            );
            self.sample(
                workload,
                "wasmtime/jit",
                Metric::ARTIFACT_RUNTIME,
                13.1 * MIB,
            );
            self.sample(workload, "youki", Metric::ARTIFACT_RUNTIME, 9.0 * MIB);
            self.sample(workload, "native", Metric::ARTIFACT_NATIVE, 0.9 * MIB);
            self.sample(workload, "youki", Metric::ARTIFACT_IMAGE, 0.4 * MIB);
            self.sample(
                workload,
                "youki",
                Metric::ARTIFACT_IMAGE_UNPACKED,
                0.9 * MIB,
            );
            self.sample(workload, "wasmtime/aot", Metric::BUILD_COST, 210.0 * MS);
        }
        for workload in ["cli/hold", "http/hello"] {
            for (arm, size) in [
                ("native", 0.5),
                ("youki", 0.6),
                ("wasmtime/jit", 14.0),
                ("wasmtime/aot", 3.1),
                ("wasmtime/pooled", 0.05),
            ] {
                self.sample(workload, arm, Metric::MEMORY_PSS, size * MIB);
                self.sample(workload, arm, Metric::MEMORY_USS, size * MIB * 0.8);
                self.sample(workload, arm, Metric::MEMORY_RSS, size * MIB * 1.5);
            }
            self.sample(
                workload,
                "wasmtime/pooled",
                Metric::MEMORY_HOST_PSS,
                11.0 * MIB,
            );
        }
    }

    fn density_rows(&mut self) {
        for plan in self.record.manifest.plan.density.clone() {
            let (fixed, each) = match plan.cell.arm.as_str() {
                "wasmtime/pooled" => (11.0 * MIB, 47_000.0),
                "native" => (0.2 * MIB, 0.4 * MIB),
                "youki" => (0.3 * MIB, 0.6 * MIB),
                _ => (1.0 * MIB, 3.0 * MIB),
            };
            let (workload, arm) = (plan.cell.workload.to_string(), plan.cell.arm.to_string());
            for (place, &n) in plan.points.iter().enumerate() {
                let used =
                    (fixed + each * n as f64) * (0.99 + 0.02 * (self.jitter() - 0.97) / 0.06);
                for (metric, value) in [
                    (Metric::DENSITY_N, n as f64),
                    (Metric::DENSITY_PSS, used),
                    (Metric::DENSITY_AVAILABLE, 20_000.0 * MIB - used),
                    (Metric::DENSITY_MAPS, 200.0 + 4.0 * n as f64),
                ] {
                    self.sample(&workload, &arm, metric, value).seq = place as u32;
                }
            }
            let budget = plan.budget();
            let s = self.sample(&workload, &arm, Metric::DENSITY_COUNT, budget as f64);
            s.note = format!("≥ {budget}: declared budget");
            self.sample(&workload, &arm, Metric::DENSITY_MARGINAL, each);
        }
    }
}

/// The receipt of a case of which nothing is said beside its outcome.
fn workload(id: &str) -> WorkloadReceipt {
    WorkloadReceipt {
        id: id.parse().unwrap(),
        world: "wasi:cli/command@0.2.0".to_owned(),
        component: digest(id.split('#').next().unwrap()),
        expected: digest(&format!("outcome of {id}")),
        source: "native twin".to_owned(),
        size: None,
        language: String::new(),
        tags: Vec::new(),
        access: None,
        control: false,
        withheld: Vec::new(),
        compare: None,
        per: None,
    }
}

fn density(workload: &str, arm: &str, points: &[u64], in_process: bool) -> DensityPlan {
    DensityPlan {
        cell: cell(workload, arm),
        working_set: Bytes(0),
        points: points.to_vec(),
        in_process,
    }
}

/// What the arms of the made-up record are.
fn facts(id: &str) -> ArmFacts {
    let (kind, engine, rank) = match id {
        "native" => (ArmKind::NativeProcess, "native", 100),
        "youki" => (ArmKind::Container, "youki", 200),
        "docker" => (ArmKind::Container, "docker", 310),
        "wasmtime/jit" => (ArmKind::WasmProcess, "wasmtime", 600),
        "wasmtime/aot" => (ArmKind::WasmProcess, "wasmtime", 610),
        "wasmtime/resident" => (ArmKind::WasmResident, "wasmtime", 700),
        "wasmtime/pooled" => (ArmKind::WasmResident, "wasmtime", 710),
        _ => panic!("nothing says what {id} is"),
    };
    let container = kind == ArmKind::Container;
    ArmFacts {
        rank: Rank(rank),
        stack: match engine {
            "docker" => Stack::EngineApi,
            _ if container => Stack::Runtime,
            _ => Stack::Direct,
        },
        tier: container.then(|| SCRATCH.to_owned()),
        compiles_per_start: id == "wasmtime/jit",
        traces: id == "wasmtime/resident",
        compiler: kind.is_wasm().then(|| "cranelift".to_owned()),
        allocation: match id {
            "wasmtime/pooled" => Some(Allocation::Pooling),
            _ if kind.is_wasm() => Some(Allocation::OnDemand),
            _ => None,
        },
        ..ArmFacts::of(kind, engine.parse().unwrap())
    }
}

fn receipt(id: &str, available: bool) -> ArmReceipt {
    ArmReceipt {
        id: id.parse().unwrap(),
        facts: facts(id),
        availability: if available {
            Availability::Available {
                version: format!("{id} 1.0"),
            }
        } else {
            Availability::Unavailable {
                reason: "no docker command on PATH".to_owned(),
                remedy: "install docker.io and start its daemon".to_owned(),
            }
        },
        summary: "a made-up arm".to_owned(),
        labels: vec!["host-network".to_owned()],
        config: BTreeMap::from([("allocator".to_owned(), "pooling".to_owned())]),
        charge_set: "the workload's own process".to_owned(),
    }
}

fn cold_start(arm: &str) -> f64 {
    match arm {
        "native" | "native~aa" => 0.6 * MS,
        "youki" => 14.0 * MS,
        "wasmtime/jit" => 61.0 * MS,
        "wasmtime/aot" => 1.7 * MS,
        "wasmtime/resident" => 0.055 * MS,
        _ => 0.03 * MS,
    }
}

fn stamps(workload: &str, arm: &str) -> Vec<(Metric, f64)> {
    let mut found = match arm {
        "wasmtime/aot" | "wasmtime/jit" => vec![
            (Metric::STAMP_T1, 0.30),
            (Metric::STAMP_T2, 0.45),
            (
                Metric::STAMP_T3,
                if arm.ends_with("jit") { 0.92 } else { 0.70 },
            ),
            (Metric::STAMP_T4, 0.94),
            (Metric::STAMP_T5, 0.97),
        ],
        "wasmtime/resident" | "wasmtime/pooled" => {
            vec![
                (Metric::STAMP_T4, 0.05),
                (Metric::STAMP_T5, 0.35),
                (Metric::STAMP_SINK, 0.7),
            ]
        }
        _ => Vec::new(),
    };
    if workload.starts_with("http/") {
        found.extend([(Metric::STAMP_T7, 0.98), (Metric::STAMP_T8, 1.0)]);
        found.push((Metric::COLD_START, 1.0));
    } else {
        found.extend([(Metric::STAMP_T7, 1.0), (Metric::STAMP_T9, 1.15)]);
        if workload != "cli/exit#trap" {
            found.push((Metric::COLD_START, 1.0));
        }
    }
    found.extend([(Metric::STAMP_T10, 1.3), (Metric::TEARDOWN, 0.15)]);
    found
}
