//! Who can build programs for another architecture here.

use crate::architecture::Architecture;
use crate::program::on_path;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Debian's own Rust, where its packages put it: rustup's comes first in PATH.
pub(crate) const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
pub(crate) const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// Who builds programs for another architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The installed Rust, which has the target's standard library.
    Installed,
    /// Debian's packaged Rust, which has the target's standard library.
    Debian,
    /// Debian's packaged Rust, which builds the standard library first.
    DebianFromSource,
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Toolchain::Installed => "the installed Rust and its standard library for that target",
            Toolchain::Debian => "Debian's rustc-web and its standard library for that target",
            Toolchain::DebianFromSource => {
                "Debian's rustc-web, with the standard library built from rust-web-src"
            }
        })
    }
}

/// What of all that could build was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// A cross linker with a C library to link statically.
    linker: bool,
    /// The installed rustc has the target's std.
    installed: bool,
    /// Debian's rustc has it.
    debian: bool,
    /// Debian's rustc has the sources of std.
    sources: bool,
    /// Docker and `cross`.
    container: bool,
}

impl Seen {
    pub(crate) fn look(architecture: Architecture) -> Seen {
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        // Debian's rustc, which is older than rustc-web, has the same path.
        let recent = || said(DEBIAN_RUSTC, &["--version"]).is_some_and(|said| is_recent(&said));
        let debian = Path::new(DEBIAN_CARGO).is_file() && recent();
        let sources = || {
            let root = said(DEBIAN_RUSTC, &["--print", "sysroot"])?;
            let std = Path::new(&root).join("lib/rustlib/src/rust/library/std/Cargo.toml");
            std.is_file().then_some(())
        };
        Seen {
            linker: links_statically(architecture.cross_linker()),
            installed: has_std(&rustc, architecture),
            debian: debian && has_std(DEBIAN_RUSTC, architecture),
            sources: debian && sources().is_some(),
            container: on_path("docker").is_some() && on_path("cross").is_some(),
        }
    }

    pub(crate) fn choose(self, architecture: Architecture) -> Result<Toolchain, Missing> {
        match self {
            Seen {
                linker: true,
                installed: true,
                ..
            } => Ok(Toolchain::Installed),
            Seen {
                linker: true,
                debian: true,
                ..
            } => Ok(Toolchain::Debian),
            Seen {
                linker: true,
                sources: true,
                ..
            } => Ok(Toolchain::DebianFromSource),
            _ => Err(Missing {
                architecture,
                seen: self,
            }),
        }
    }
}

/// First line of what a program says.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}

/// Whether a compiler that says this of itself can build this workspace.
fn is_recent(said: &str) -> bool {
    let numbers = |version: &str| -> Option<(u32, u32)> {
        let mut numbers = version.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    let version = said.strip_prefix("rustc ").and_then(numbers);
    version.is_some() && version >= numbers(env!("CARGO_PKG_RUST_VERSION"))
}

fn has_std(rustc: &str, architecture: Architecture) -> bool {
    let args = [
        "--print",
        "target-libdir",
        "--target",
        architecture.triple(),
    ];
    let names = said(rustc, &args).and_then(|dir| std::fs::read_dir(dir).ok());
    names.into_iter().flatten().flatten().any(|entry| {
        let name = entry.file_name();
        name.to_string_lossy().starts_with("libstd-")
    })
}

/// A compiler without the static library of its C library looks complete until
/// the end of the build. It answers with a path if it has the file, else with
/// the name.
fn links_statically(linker: &str) -> bool {
    said(linker, &["-print-file-name=libc.a"]).is_some_and(|file| Path::new(&file).is_absolute())
}

/// Nobody here can build for an architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    architecture: Architecture,
    seen: Seen,
}

impl std::error::Error for Missing {}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Missing { architecture, seen } = self;
        let is = |there| if there { "found" } else { "missing" };
        let triple = architecture.triple();
        let linker = architecture.cross_linker();
        writeln!(f, "programs for {architecture} cannot be built here:")?;
        writeln!(f, "  {linker} with a static C library: {}", is(seen.linker))?;
        writeln!(
            f,
            "  the installed Rust's std for {triple}: {}",
            is(seen.installed)
        )?;
        writeln!(f, "  Debian's rustc-web with that std: {}", is(seen.debian))?;
        writeln!(
            f,
            "  Debian's rustc-web with rust-web-src: {}",
            is(seen.sources)
        )?;
        writeln!(f, "  cross with Docker: {}", is(seen.container))?;
        write!(f, "run `scripts/setup-cross {architecture}`")?;
        match seen.container {
            false => Ok(()),
            true => write!(
                f,
                ", or build them in a container with `scripts/build-with-cross {architecture} \
                 DIR` and set ASSAY_BIN_DIR=DIR"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARM: Architecture = Architecture::Aarch64;

    const ALL: Seen = Seen {
        linker: true,
        installed: true,
        debian: true,
        sources: true,
        container: true,
    };

    #[test]
    fn the_nearest_toolchain_is_taken_first() {
        assert_eq!(ALL.choose(ARM), Ok(Toolchain::Installed));
        let seen = Seen {
            installed: false,
            ..ALL
        };
        assert_eq!(seen.choose(ARM), Ok(Toolchain::Debian));
        let seen = Seen {
            debian: false,
            ..seen
        };
        assert_eq!(seen.choose(ARM), Ok(Toolchain::DebianFromSource));
        assert!(Seen::default().choose(ARM).is_err());
    }

    #[test]
    fn a_compiler_older_than_the_workspace_needs_is_not_taken() {
        assert!(is_recent("rustc 1.96.0 (ac68faa20 2026-05-25)"));
        assert!(is_recent("rustc 2.0.0"));
        assert!(!is_recent("rustc 1.63.0"));
        assert!(!is_recent("rustc 1.9.0"));
        assert!(!is_recent("clang version 22.1.8"));
    }

    #[test]
    fn without_a_linker_nothing_else_helps_and_the_message_names_the_script() {
        let seen = Seen {
            linker: false,
            ..ALL
        };
        let missing = seen.choose(ARM).unwrap_err();
        let said = missing.to_string();
        assert!(said.contains("aarch64-linux-gnu-gcc with a static C library: missing"));
        assert!(said.contains("`scripts/setup-cross aarch64`"), "{said}");
        let by_cross = "`scripts/build-with-cross aarch64 DIR` and set ASSAY_BIN_DIR=DIR";
        assert!(said.contains(by_cross), "{said}");
    }

    #[test]
    fn without_docker_no_container_is_offered() {
        let said = Seen::default().choose(ARM).unwrap_err().to_string();
        assert!(said.contains("cross with Docker: missing"), "{said}");
        assert!(!said.contains("ASSAY_BIN_DIR"), "{said}");
    }
}
