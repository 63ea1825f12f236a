//! Twins that cargo does not build.

use assay_arms::{ArmError, Lab};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a Go program, statically linked, in scratch space of this run. Go
/// keeps what it has compiled, so a second build takes a moment.
pub(crate) fn go_build(
    lab: &Lab,
    go: &Path,
    package: &str,
    bin: &str,
) -> Result<PathBuf, ArmError> {
    let program = lab.scratch().join(bin);
    if program.exists() {
        return Ok(program);
    }
    let source = lab.catalog().source(package)?;
    let built = Command::new(go)
        .args(["build", "-trimpath", "-ldflags=-s -w", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(&source)
        .env("CGO_ENABLED", "0")
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=mod")
        .output()
        .map_err(ArmError::file(go))?;
    match built.status.success() {
        true => Ok(program),
        false => Err(ArmError::Runtime(format!(
            "go build in {}: {}",
            source.display(),
            String::from_utf8_lossy(&built.stderr).trim()
        ))),
    }
}
