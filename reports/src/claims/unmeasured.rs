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

pub(super) fn wasix(_: &Analysis<'_>) -> Judgement {
    Judgement::not_measured("No WASIX module and no WASIX host are part of this version.")
}
