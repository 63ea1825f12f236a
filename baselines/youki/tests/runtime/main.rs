//! `assay-youki` at work: real containers and the refusal of impossible ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends at its first surprise"
)]

mod common;
mod containers;
mod refusal;
