//! Claims that this version has no test for, each with what is lacking. None of
//! them looks at the record, so none can say more than "not measured".

use super::claim::{Claim, Judgement};
use crate::analyse::Analysis;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "2b",
        quote: "AWS Lambda likewise takes hundreds of milliseconds",
        test: "cannot be measured from one machine; published figures are cited",
        by_figures: false,
        decide: lambda,
    },
    Claim {
        id: "13",
        quote: "WASIX as the fragmenting alternative",
        test: "whether a WASIX module loads in a 0.2 host, and vice versa",
        by_figures: false,
        decide: wasix,
    },
];

fn lambda(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured(
        "A cloud service cannot be measured from this machine. Cited: AWS documents that under \
         1 % of invocations are cold and that a cold start takes from under 100 ms to over 1 s.",
    )
}

fn wasix(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured("This version has neither a WASIX module nor a WASIX host.")
}
