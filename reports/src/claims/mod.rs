//! Verdicts on published sentences.
//!
//! Each claim has one small pure function from an analysis to a [`Finding`].
//! Thresholds are named constants with their reason, and where a sentence
//! names no number the reading that is kindest to it is taken. What a record
//! cannot say is "not measured", with the reason.

mod capabilities;
mod cold_start;
mod composition;
mod density;
mod deployment;
mod languages;
mod memory;
mod portability;
mod size;
mod unmeasured;
mod versions;

use assay_model::{ClaimId, Verdict};

use crate::analyse::{Analysis, GridCell, GridRow};
use crate::anchor::RowRef;

/// Where the claims were published.
pub const ARTICLE: &str = "“Why WASI Preview 2 and Component Model Are Finally Making WebAssembly \
                           Portable for the Cloud”, ZenRio Tech, 4 April 2026";

/// A claim with what this record says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Number of the claim.
    pub id: ClaimId,
    /// The published words, shortened.
    pub quote: &'static str,
    /// How the suite tests it.
    pub test: &'static str,
    /// What this record says.
    pub verdict: Verdict,
    /// Why, with figures; for [`Verdict::NotMeasured`] what is lacking.
    pub reason: String,
    /// The rows it rests on. Each exists in the report.
    pub rows: Vec<RowRef>,
}

/// What a judging function returns; the words around it are added by the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    verdict: Verdict,
    reason: String,
    rows: Vec<RowRef>,
}

impl Judgement {
    fn new(verdict: Verdict, reason: impl Into<String>, rows: Vec<RowRef>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            rows,
        }
    }

    fn not_measured(reason: impl Into<String>) -> Self {
        Self::new(Verdict::NotMeasured, reason, Vec::new())
    }
}

struct Claim {
    id: &'static str,
    quote: &'static str,
    test: &'static str,
    /// Whether it is tested by times, sizes or memory of the programs, which
    /// have to be as they are measured for that.
    by_figures: bool,
    judge: fn(&Analysis<'_>) -> Judgement,
}

/// The claims, in the order of METHODOLOGY.md.
const CLAIMS: [Claim; 17] = [
    Claim {
        id: "1",
        quote: "cold starts “typically sub-millisecond (around 0.5ms)”",
        test: "cold_start of the smallest programs, with the engine already running and as a \
               fresh process",
        by_figures: true,
        judge: cold_start::sub_millisecond,
    },
    Claim {
        id: "2",
        quote: "a container “might take hundreds of milliseconds”",
        test: "cold_start of the smallest programs on every container arm",
        by_figures: true,
        judge: cold_start::containers_take_hundreds,
    },
    Claim {
        id: "2b",
        quote: "AWS Lambda likewise takes hundreds of milliseconds",
        test: "cannot be measured from one machine; published figures are cited",
        by_figures: false,
        judge: unmeasured::lambda,
    },
    Claim {
        id: "2c",
        quote: "“a fraction of the memory required by a Linux container”",
        test: "PSS of one instance: marginal in a shared engine, and of a whole process, against \
               the charge set of a container",
        by_figures: true,
        judge: memory::fraction_of_a_container,
    },
    Claim {
        id: "3",
        quote: "Wasm binaries are “often kilobytes or a few megabytes”",
        test: "artifact.wasm of every pinned component",
        by_figures: false,
        judge: size::components_are_small,
    },
    Claim {
        id: "4",
        quote: "container images “frequently exceed 100MB”",
        test: "artifact.image and artifact.image.unpacked per image tier",
        by_figures: true,
        judge: size::images_are_large,
    },
    Claim {
        id: "5",
        quote: "“thousands of individual Wasm instances on the same hardware that would struggle \
                to support a few dozen Linux containers”",
        test: "density.count with the wall that was hit, instances in process against containers",
        by_figures: true,
        judge: density::thousands_against_dozens,
    },
    Claim {
        id: "6",
        quote: "“runs identically on an ARM-based edge device as it does on an x86 cloud server”",
        test: "outcome digests of the same components on at least two architectures",
        by_figures: false,
        judge: portability::identical_on_arm,
    },
    Claim {
        id: "7",
        quote: "“any host runtime that supports that contract, such as Wasmtime, can execute the \
                binary without modification”",
        test: "the same component hashes on engines that are independent of each other",
        by_figures: false,
        judge: portability::any_host,
    },
    Claim {
        id: "8",
        quote: "“a component written in Python to call a component written in Rust seamlessly”",
        test: "a composed Python and Rust component: outcome, and cost of a call",
        by_figures: true,
        judge: composition::python_calls_rust,
    },
    Claim {
        id: "9",
        quote: "“zero access to the host system by default”: no file system, socket or system \
                clock unless granted",
        test: "a grid of interface groups, granted and denied, with the error that the guest saw",
        by_figures: false,
        judge: capabilities::zero_access,
    },
    Claim {
        id: "9b",
        quote: "a compromised component “cannot escape”, “significantly more granular than \
                Docker's OS-level isolation”",
        test: "the same escape attempts from a component, from its container twin and from a plain \
               process",
        by_figures: false,
        judge: capabilities::cannot_escape,
    },
    Claim {
        id: "9c",
        quote: "Wasmtime has “full support for the 0.2 specifications”",
        test: "how much of the fixed set of 0.2 interfaces the workloads call and pass",
        by_figures: false,
        judge: portability::full_support,
    },
    Claim {
        id: "10",
        quote: "WASI 0.2 “is primarily synchronous”; 0.3 brings native async",
        test: "the same programs for 0.2 and for 0.3, among them such that wait for several things \
               at once: outcomes and cost",
        by_figures: true,
        judge: versions::synchronous,
    },
    Claim {
        id: "11",
        quote: "“treat Wasm workloads just like any other container” (Spin, wasmCloud, SpinKube \
                on Kubernetes)",
        test: "the same workloads as images that a container engine starts",
        by_figures: true,
        judge: deployment::like_any_container,
    },
    Claim {
        id: "12",
        quote: "Go and Python tooling is “still catching up”",
        test: "components built from Go and Python sources, conformance and size",
        by_figures: false,
        judge: languages::catching_up,
    },
    Claim {
        id: "13",
        quote: "WASIX as the fragmenting alternative",
        test: "whether a WASIX module loads in a 0.2 host and the other way round",
        by_figures: false,
        judge: unmeasured::wasix,
    },
];

/// A finding for every claim, in order.
#[must_use]
pub fn judge(analysis: &Analysis<'_>) -> Vec<Finding> {
    CLAIMS
        .iter()
        .map(|claim| {
            let Judgement {
                verdict,
                reason,
                rows,
            } = match no_figures(analysis).filter(|_| claim.by_figures) {
                Some(why) => Judgement::not_measured(why),
                None => (claim.judge)(analysis),
            };
            Finding {
                id: ClaimId(claim.id.to_owned()),
                quote: claim.quote,
                test: claim.test,
                verdict,
                reason,
                rows,
            }
        })
        .collect()
}

/// Why no figure of a record counts, where none does.
fn no_figures(analysis: &Analysis<'_>) -> Option<&'static str> {
    let manifest = &analysis.record.manifest;
    let mut ran = manifest
        .arms
        .iter()
        .filter(|arm| arm.availability.is_available())
        .peekable();
    if manifest.built_for_checks() {
        Some(
            "The programs were built for checks, without link-time optimization: no figure of \
             theirs counts.",
        )
    } else if manifest.emulated() {
        Some("An emulator ran the programs: no figure of theirs counts.")
    } else if ran.peek().is_some() && ran.all(|arm| arm.facts.untimed.is_some()) {
        Some("Every arm of this record is there to compare outcomes: no figure of theirs counts.")
    } else {
        None
    }
}

/// The smallest program of each family: what claims about starts are tested
/// on, as no larger program can start sooner.
const SMALLEST: [&str; 2] = ["cli/hello", "http/hello"];

/// The outcome of a cell, as a row that a claim rests on.
fn outcome_row(row: &GridRow, cell: &GridCell) -> RowRef {
    RowRef {
        anchor: row.anchor(),
        label: format!(
            "outcome · {} · {}: {}",
            row.workload,
            cell.arm,
            cell.state.as_str()
        ),
    }
}

/// Joins parts with commas and "and".
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
