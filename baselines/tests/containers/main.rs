//! Real containers of every runtime that is here: what isolates them, what is
//! charged to them, and that nothing of them is left.
//!
//! A runtime that is missing is skipped, and says why; `ASSAY_REQUIRE=crun,runc`
//! makes its absence a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod isolation;
mod lifecycles;
mod support;
