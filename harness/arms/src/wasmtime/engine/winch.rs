//! `wasmtime/winch`: code of the compiler that makes one pass and optimises
//! nothing. Verified, not timed.

use super::kept::{KeptUp, Unavailable, back_ends_missing};
use crate::code::Compiler;
use crate::worker::WINCH;
use assay_build::{Architecture, Binaries};
use assay_model::facts::Allocation;

pub(super) const ENGINE: KeptUp = KeptUp {
    id: "wasmtime/winch",
    summary: "resident engine, code of the baseline compiler Winch; verified only",
    rank: 730,
    config: |_| WINCH,
    compiler: Compiler::Winch,
    code: "winch",
    allocation: Allocation::OnDemand,
    has_twin: false,
    traces: false,
    measured: false,
    absent,
    target: None,
    beyond,
    patience: (1, 1),
};

fn absent(binaries: &Binaries) -> Option<Unavailable> {
    if let Some(missing) = back_ends_missing(binaries) {
        return Some(missing);
    }
    let architecture: Architecture = binaries.architecture().parse().ok()?;
    (!architecture.has_winch()).then(|| Unavailable {
        why: format!("Winch makes no code for {architecture}"),
        remedy: "run it on x86_64 or aarch64".to_owned(),
    })
}

/// What Winch says of instructions that it has no code for: a proposal that it
/// does not support is not enabled in its engine.
fn beyond(complaint: &str) -> Option<String> {
    let beyond =
        complaint.contains("failed to compile") && complaint.contains("support is not enabled");
    let last = complaint.lines().last().unwrap_or_default().trim();
    beyond.then(|| format!("Winch does not compile it: {last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_winch_cannot_compile_is_beyond_it() {
        let said = "failed to compile: f\n\nCaused by:\n  simd support is not enabled";
        let why = beyond(said).unwrap();
        assert_eq!(
            why,
            "Winch does not compile it: simd support is not enabled"
        );
        assert_eq!(beyond("failed to compile: out of memory"), None);
    }
}
