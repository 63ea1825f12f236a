//! The Wasmtime arms: fresh processes around the runners, and resident engines
//! in a worker.

mod fresh;
mod resident;
mod worker;

pub use fresh::{Fresh, aot, jit};
pub use resident::{Resident, pooled, resident};
pub use worker::Worker;

use assay_model::{ArmId, Bytes, Digest};
use std::path::Path;

/// Ids written in this crate, checked by its tests.
fn arm_id(text: &'static str) -> ArmId {
    #[expect(
        clippy::expect_used,
        reason = "every caller passes a literal that a test reads back"
    )]
    text.parse().expect("a literal arm id")
}

/// Size and hash of an executable, for receipts.
fn executable(path: &Path) -> std::io::Result<(Bytes, Digest)> {
    let bytes = std::fs::read(path)?;
    Ok((Bytes(bytes.len() as u64), Digest::of(&bytes)))
}
