//! Arms and engines are known by what they say of themselves.
//!
//! Code that asks whether an id is `"docker/api"` has to be found and changed
//! for each new arm. Only the rooms that define arms, `harness/arms` and
//! `baselines`, may write such names down; elsewhere no string literal is one,
//! outside of tests.

use crate::source::{Literal, Target};
use crate::workspace::{relative, root};
use std::collections::BTreeSet;

/// Ids of arms without what follows a `/`, `+` or `~`, and names of engines.
const NAMES: &[&str] = &[
    "native",
    "native-dyn",
    "youki",
    "crun",
    "runc",
    "gvisor",
    "ctr",
    "containerd",
    "docker",
    "podman",
    "containerd-shim",
    "microvm",
    "wasmtime",
    "jco",
    "wamr",
];

/// Root files of the rooms that must not know the names.
const ROOTS: &[&str] = &[
    "harness/ground/model/src/lib.rs",
    "harness/ground/stats/src/lib.rs",
    "harness/ground/wire/src/lib.rs",
    "harness/ground/load/src/lib.rs",
    "harness/ground/observe/src/lib.rs",
    "harness/ground/stage/src/lib.rs",
    "harness/measure/src/lib.rs",
    "harness/cli/src/lib.rs",
    "harness/cli/src/main.rs",
    "reports/src/lib.rs",
    "workloads/src/lib.rs",
];

/// A literal that may stay.
struct Exception {
    file: &'static str,
    text: &'static str,
    /// Why it is not an arm that is told apart by its name.
    #[expect(dead_code, reason = "read by people")]
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    of_schema_1("youki"),
    of_schema_1("crun"),
    of_schema_1("runc"),
    of_schema_1("ctr"),
    of_schema_1("containerd"),
    of_schema_1("docker"),
    of_schema_1("docker/api"),
    of_schema_1("docker/cli"),
    of_schema_1("podman"),
    of_schema_1("podman/api"),
    of_schema_1("podman/cli"),
    of_schema_1("gvisor"),
    of_schema_1("microvm"),
    of_schema_1("native"),
    of_schema_1("native-dyn"),
    of_schema_1("wasmtime"),
    of_schema_1("wasmtime/jit"),
    of_schema_1("wasmtime/aot"),
    of_schema_1("containerd-shim"),
    of_schema_1("wasmtime/resident"),
    of_schema_1("wasmtime/pooled"),
    of_schema_1("wasmtime/winch"),
    of_schema_1("wasmtime/pulley"),
];

const fn of_schema_1(text: &'static str) -> Exception {
    Exception {
        file: "harness/ground/model/src/record/upgrade.rs",
        text,
        reason: "records of schema 1 have no facts: they are filled in from the names that the \
                 releases with that schema knew, and no arm is added there",
    }
}

/// A sentence that begins with a name is none.
fn is_name(text: &str) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    let beginning = text.split(['/', '+', '~']).next();
    beginning.is_some_and(|beginning| NAMES.contains(&beginning))
}

fn names_in(target: &Target) -> impl Iterator<Item = &Literal> {
    let literals = target.literals.iter();
    literals.filter(|literal| is_name(&literal.text))
}

#[test]
fn only_rooms_that_define_arms_write_their_names() {
    let mut wrong = BTreeSet::new();
    let mut stale: BTreeSet<(&str, &str)> = EXCEPTIONS.iter().map(|e| (e.file, e.text)).collect();
    for file in ROOTS {
        let target = Target::read(&root().join(file));
        for Literal { file, line, text } in names_in(&target) {
            let file = relative(&target.files[*file]);
            let excepted = EXCEPTIONS.iter().find(|e| e.file == file && e.text == text);
            match excepted {
                Some(exception) => drop(stale.remove(&(exception.file, exception.text))),
                None => drop(wrong.insert(format!("{file}:{line}: {text:?}"))),
            }
        }
    }
    for (file, text) in stale {
        wrong.insert(format!("{file} has no {text:?} any more: no exception"));
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn forms_of_a_name_are_recognised() {
    for name in [
        "native",
        "native~aa",
        "wasmtime/aot",
        "docker/",
        "podman/api",
        "crun+debian-slim",
    ] {
        assert!(is_name(name), "{name}");
    }
    for other in [
        "",
        "natively",
        "the docker daemon",
        "wasmtime/pulley did not run",
        "cli/hello",
        "wasmtime.toml",
    ] {
        assert!(!is_name(other), "{other}");
    }
}
