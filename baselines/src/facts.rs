//! What arms of native programs have in common.

use assay_model::facts::{SCRATCH, Stack};
use assay_model::{ArmFacts, ArmKind, IdError, Rank};

/// A twin in a container on an empty image, on the network of the machine.
///
/// # Errors
/// When the name of the engine is none.
pub(crate) fn container(engine: &str, stack: Stack, rank: u16) -> Result<ArmFacts, IdError> {
    Ok(ArmFacts {
        stack,
        tier: Some(SCRATCH.to_owned()),
        rank: Rank(rank),
        ..ArmFacts::of(ArmKind::Container, engine.parse()?)
    })
}
