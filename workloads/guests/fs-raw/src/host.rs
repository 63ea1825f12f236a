//! What the guests are where wasi:filesystem does not exist.

use std::io::Write as _;
use std::process::ExitCode;

/// Says that the program exists only as a component, and fails.
#[must_use]
pub fn component_only() -> ExitCode {
    let name = std::env::args().next().unwrap_or_default();
    // Nothing is left to tell if stderr is closed.
    let _ = writeln!(
        std::io::stderr(),
        "{name}: calls wasi:filesystem, so it exists only as a component; build it with scripts/build-guests"
    );
    ExitCode::from(2)
}
