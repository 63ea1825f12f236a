//! Claims that this version has no test for, each with what is lacking. None of
//! them looks at the record, so none can say more than "not measured".

use super::Judgement;
use crate::analyse::Analysis;

pub(super) fn lambda(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured(
        "A cloud service cannot be measured from this machine. Cited: AWS documents that under \
         1 % of invocations are cold and that a cold start takes from under 100 ms to over 1 s.",
    )
}

pub(super) fn composition(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured(
        "No workload is composed from a Python and a Rust component in this version.",
    )
}

pub(super) fn capabilities(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured(
        "The grid of granted and denied interfaces is not part of this version. Known before \
         measuring: Wasmtime's usual context always supplies clocks and random numbers, so a \
         clock can only be denied by not linking it.",
    )
}

pub(super) fn escape(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured(
        "No escape attempts are part of this version, neither from components nor from their \
         container twins; and no list of attempts could prove that none succeeds.",
    )
}

pub(super) fn synchronous(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured(
        "All workloads target 0.2; without a 0.3 twin of the same program nothing compares.",
    )
}

pub(super) fn like_any_container(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured(
        "No arm runs a component through containerd or Kubernetes in this version.",
    )
}

pub(super) fn tooling(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured("All components of this version are built from Rust.")
}

pub(super) fn wasix(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured("No WASIX module and no WASIX host are part of this version.")
}
