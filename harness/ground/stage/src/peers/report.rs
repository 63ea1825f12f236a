//! What the peers have in common.

/// What a peer's thread has to say in the end.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) received: Vec<u8>,
    pub(super) problem: Option<String>,
}
