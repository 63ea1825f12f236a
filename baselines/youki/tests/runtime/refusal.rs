//! What cannot work fails with a sentence that names the cause.

use std::process::Command;

use crate::common::{self, Case, need_namespaces, stderr};
use assay_baselines::bundle::{ContainerOptions, Privileges};

/// Runs in a user namespace that allows no further one: the limit is per
/// namespace, so it can be set to 0 there without touching the machine.
#[test]
fn a_forbidden_user_namespace_names_the_switch() {
    need_namespaces!();
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"";
    let case = Case::with(
        &["hello"],
        ContainerOptions {
            privileges: Privileges::Rootless { uid: 0, gid: 0 },
            ..ContainerOptions::default()
        },
    );
    let run = case.run_command(&[]);
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script, "sh"])
        .arg(run.get_program())
        .args(run.get_args())
        .output()
        .unwrap();
    let told = stderr(&output);
    if told.starts_with("unshare:") {
        eprintln!("SKIPPED: user namespaces are refused here: {}", told.trim());
        return;
    }
    assert_eq!(output.status.code(), Some(125), "{told}");
    assert!(
        told.contains("/proc/sys/user/max_user_namespaces is 0"),
        "{told}"
    );
    assert_eq!(case.leftovers(), Vec::<String>::new());
}

/// The same way without the prohibition works: so the test above tests what it
/// says.
#[test]
fn root_of_a_user_namespace_can_run_containers() {
    need_namespaces!();
    let case = Case::with(
        &["hello"],
        ContainerOptions {
            privileges: Privileges::Rootless { uid: 0, gid: 0 },
            ..ContainerOptions::default()
        },
    );
    let run = case.run_command(&[]);
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user"])
        .arg(run.get_program())
        .args(run.get_args())
        .output()
        .unwrap();
    let told = stderr(&output);
    if told.starts_with("unshare:") {
        eprintln!("SKIPPED: user namespaces are refused here: {}", told.trim());
        return;
    }
    assert_eq!(output.stdout, b"hello\n", "{told}");
    assert_eq!(case.leftovers(), Vec::<String>::new());
}

/// Only where there can be no container: the error must still be a good one.
#[test]
fn refused_namespaces_are_named() {
    let Some(reason) = common::refused() else {
        eprintln!("SKIPPED: namespaces are granted here");
        return;
    };
    let output = Case::new(&["hello"]).run(&[]);
    assert_eq!(output.status.code(), Some(125), "{reason}");
    let told = stderr(&output);
    assert!(
        told.contains("refuses") || told.contains("cannot"),
        "{told}"
    );
}

#[test]
fn bad_input_is_named() {
    let case = Case::new(&["hello"]);
    let empty = case.dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let output = case
        .verb("run")
        .arg("--bundle")
        .arg(&empty)
        .arg("x")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(stderr(&output).contains("no readable config.json"));

    let mut command = case.verb("run");
    let output = command
        .arg("--bundle")
        .arg(case.bundle.dir())
        .arg("a b")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(
        stderr(&output).contains("`a b` is not a valid container id"),
        "{}",
        stderr(&output)
    );

    for verb in ["state", "delete"] {
        let output = case.verb(verb).arg("nobody").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("no container `nobody`"));
        let output = case.verb(verb).arg("../x").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("is not a valid container id"));
    }
    let output = case.verb("start").arg("x").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("unknown command `start`"));
}

/// The version line must not drift away from what is linked.
#[test]
fn the_version_names_the_library_that_is_linked() {
    let output = Command::new(env!("CARGO_BIN_EXE_assay-youki"))
        .arg("--version")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lock = include_str!("../../../../Cargo.lock");
    let mut lines = lock
        .lines()
        .skip_while(|line| *line != "name = \"libcontainer\"");
    let version = lines
        .nth(1)
        .and_then(|line| line.split('"').nth(1))
        .unwrap();
    let expected = format!("(libcontainer {version})\n");
    assert!(said.ends_with(&expected), "{said:?} against {expected:?}");
    assert!(said.starts_with("assay-youki "));
}
