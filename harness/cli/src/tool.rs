//! What made a record.

use assay_model::Digest;
use assay_model::record::Tool;
use std::path::Path;
use std::process::{Command, Stdio};

/// The version of the suite, as far as it can be known.
#[must_use]
pub fn receipt() -> Tool {
    let root = assay_workloads::checkout();
    let git = |args: &[&str]| output("git", args, root.as_deref()?);
    Tool {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: git(&["rev-parse", "HEAD"]).map(|text| text.trim().to_owned()),
        dirty: git(&["status", "--porcelain", "--untracked-files=no"]).map(|text| !text.is_empty()),
        rustc: root
            .as_deref()
            .and_then(|root| output("rustc", &["--version"], root))
            .map(|text| text.trim().to_owned()),
        lockfile: root
            .and_then(|root| std::fs::read(root.join("Cargo.lock")).ok())
            .map(|bytes| Digest::of(&bytes)),
    }
}

fn output(program: &str, args: &[&str], dir: &Path) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
