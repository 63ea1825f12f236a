//! One `cargo build` of this checkout, untouched by what surrounds it.

use crate::architecture::Architecture;
use crate::error::BuildError;
use crate::group::Group;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A group, for whom it is built, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CargoBuild {
    pub(crate) group: Group,
    /// A target is named even for the host, so that static linking applies to
    /// the binaries and not to build scripts.
    pub(crate) triple: &'static str,
    pub(crate) target_dir: PathBuf,
}

impl CargoBuild {
    /// A group for this machine, in its folder below another.
    pub(crate) fn here(group: Group, below: &Path) -> CargoBuild {
        CargoBuild {
            target_dir: below.join(group.folder),
            group,
            triple: host(),
        }
    }

    /// The command, of the cargo that runs this program or else of PATH.
    pub(crate) fn command(&self) -> Command {
        self.command_of(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// The command of a certain cargo.
    pub(crate) fn command_of(&self, cargo: OsString) -> Command {
        let mut command = Command::new(cargo);
        command
            .args(["build", "--quiet", "--locked"])
            .args(["--profile", self.group.profile, "--target", self.triple])
            .arg("--target-dir")
            .arg(&self.target_dir)
            .current_dir(root())
            // Flags of the environment would change what is measured.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            // It belongs to the build of the harness: lints, mostly.
            .env_remove("RUSTC_WORKSPACE_WRAPPER")
            .env(
                target_variable(self.triple, "RUSTFLAGS"),
                self.group.linkage.flags(),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_of_the_caller) {
                command.env_remove(name);
            }
        }
        for package in &self.group.packages {
            command.args(["--package", package]);
        }
        for binary in &self.group.binaries {
            command.args(["--bin", binary]);
        }
        if !self.group.features.is_empty() {
            command.args(["--features", &self.group.features.join(",")]);
        }
        command
    }

    /// Where it puts a binary.
    pub(crate) fn built(&self, name: &str) -> PathBuf {
        self.target_dir
            .join(self.triple)
            .join(self.group.profile)
            .join(name)
    }
}

/// A setting of a target in the environment (The Cargo Book, "Environment
/// variables").
pub(crate) fn target_variable(triple: &str, setting: &str) -> String {
    let triple = triple.to_uppercase().replace('-', "_");
    format!("CARGO_TARGET_{triple}_{setting}")
}

/// Whether cargo sets this variable for a program that it runs (The Cargo
/// Book, "Environment variables Cargo sets for crates"). Build scripts depend
/// on some of them: handed on, they make `cargo run` build again what
/// `cargo test` has built, and the other way round.
fn is_of_the_caller(variable: &str) -> bool {
    let one_of = [
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
    ];
    let begins = ["CARGO_BIN_EXE_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    one_of.contains(&variable) || begins.iter().any(|prefix| variable.starts_with(prefix))
}

/// The checkout this program was built from. Without `..` in it, so that the
/// path of a binary is the one that /proc shows of its process.
pub(crate) fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root)
}

/// Whether there is something to build from.
///
/// # Errors
/// When the checkout is gone.
pub(crate) fn checkout() -> Result<(), BuildError> {
    match root().join("Cargo.lock").is_file() {
        true => Ok(()),
        false => Err(BuildError::NoCheckout(root())),
    }
}

/// The target triple of this machine.
pub(crate) fn host() -> &'static str {
    Architecture::here().map_or("x86_64-unknown-linux-gnu", Architecture::triple)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::harness;

    #[test]
    fn only_what_cargo_tells_a_program_about_itself_is_kept_from_the_build() {
        for told in [
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_BIN_EXE_assay",
            "OUT_DIR",
        ] {
            assert!(is_of_the_caller(told), "{told}");
        }
        for chosen in [
            "CARGO_HOME",
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "CARGO_BUILD_JOBS",
            "CARGO_NET_OFFLINE",
        ] {
            assert!(!is_of_the_caller(chosen), "{chosen}");
        }
    }

    #[test]
    fn settings_of_a_target_are_spelled_as_cargo_reads_them() {
        assert_eq!(
            target_variable("riscv64gc-unknown-linux-gnu", "LINKER"),
            "CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_LINKER"
        );
    }

    #[test]
    fn binaries_are_named_so_that_no_other_is_built() {
        let build = CargoBuild::here(harness(), Path::new("/t"));
        let command = build.command_of("cargo".into());
        let words: Vec<_> = command
            .get_args()
            .map(|word| word.to_string_lossy())
            .collect();
        let line = words.join(" ");
        assert!(line.contains("--package assay --bin assay"), "{line}");
        assert!(!line.contains("--bins"), "{line}");
    }

    #[test]
    fn this_test_was_built_from_a_checkout() {
        assert!(checkout().is_ok());
        let said = BuildError::NoCheckout("/gone".into()).to_string();
        assert!(
            said.contains("/gone") && said.contains("ASSAY_BIN_DIR"),
            "{said}"
        );
    }
}
