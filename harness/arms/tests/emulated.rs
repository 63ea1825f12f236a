//! What the harness relies on in an emulator: a program's name, its byte
//! order, its status and the signal that ends it arrive as they would natively.
//!
//! Needs a cross compiler and QEMU (`scripts/setup-cross`); an architecture
//! without them is skipped, and says so.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that did not run says so"
)]

use assay_arms::{Architecture, Emulator, Program, on_path};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

const PROBE: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
    unsigned short number = 1;
    unsigned char first;
    memcpy(&first, &number, 1);
    printf("%s %s\n", argv[0], first ? "little" : "big");
    fflush(stdout);
    if (argc > 1 && strcmp(argv[1], "abort") == 0) abort();
    return argc > 1 ? 7 : 0;
}
"#;

/// The probe for an architecture, or why there is none.
fn probe(architecture: Architecture, dir: &Path) -> Result<Program, String> {
    let emulator = Emulator::find(architecture).map_err(|error| error.to_string())?;
    let linker = architecture.cross_linker();
    let compiler = on_path(linker).ok_or(format!("{linker} is not installed"))?;
    let source = dir.join("probe.c");
    std::fs::write(&source, PROBE).unwrap();
    let program = dir.join(format!("probe-{architecture}"));
    let status = Command::new(compiler)
        .args(["-static", "-o"])
        .args([&program, &source])
        .status()
        .unwrap();
    assert!(status.success(), "{linker} cannot link a static program");
    Ok(Program::under(program, Some(&emulator)))
}

#[test]
fn a_program_of_another_architecture_behaves_as_at_home() {
    let dir = tempfile::tempdir().unwrap();
    let foreign = Architecture::ALL
        .into_iter()
        .filter(|&architecture| Some(architecture) != Architecture::here());
    for architecture in foreign {
        let program = match probe(architecture, dir.path()) {
            Ok(program) => program,
            Err(why) => {
                eprintln!("SKIPPED {architecture}: {why}");
                continue;
            }
        };
        let bytes = std::fs::read(program.path()).unwrap();
        assert_eq!(Architecture::of_elf(&bytes), Some(architecture));
        let order = match architecture.is_big_endian() {
            true => "big",
            false => "little",
        };
        let said = format!("{} {order}\n", program.path().display());
        let run = |args: &[&str]| program.command(args).output().unwrap();
        let output = run(&[]);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), said);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(run(&["err"]).status.code(), Some(7));
        let aborted = run(&["abort"]);
        assert_eq!(aborted.status.signal(), Some(6), "{architecture}");
        assert_eq!(String::from_utf8(aborted.stdout).unwrap(), said);
    }
}
